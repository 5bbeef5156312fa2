package s3

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
	"penstock/internal/module/moduletest"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

const etlRole = "arn:aws:iam::000000000000:role/jobs/etl"

// callers are those of testdata/policy.test.
var callers = map[string]api.Principal{
	"root":     {ARN: "arn:aws:iam::000000000000:root", Account: "000000000000"},
	"etl":      {ARN: "arn:aws:sts::000000000000:assumed-role/etl/run1", Account: "000000000000", UserID: "AROAETL:run1"},
	"flow":     {ARN: etlRole, Account: "000000000000"},
	"stranger": {Anonymous: true},
}

// roles answers for IAM, which has the role etl.
func roles(_ context.Context, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	if aws.ToString(in.RoleName) != "etl" {
		return nil, &api.Error{Code: "NoSuchEntity", Status: 404}
	}
	return &iam.GetRoleOutput{Role: &iamtypes.Role{Arn: aws.String(etlRole), RoleId: aws.String("AROAETL"),
		Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}}}, nil
}

// openWithRoles makes a service beside an IAM with one role.
func openWithRoles(t testing.TB) *api.Table {
	c := clock.NewManual(t0)
	m := metatest.Open(t, t.TempDir(), c, object.Schema)
	b, err := blob.Open(vfs.NewMem(), "/blobs")
	if err != nil {
		t.Fatal(err)
	}
	table := api.NewTable(nil, slog.New(slog.DiscardHandler))
	env := moduletest.On(m, c)
	env.Invoker = table
	table.Add(New(env, object.Open(m, b, object.Options{Clock: c})).API(), api.Service{Name: "iam", Ops: []api.Op{
		api.Handle(roles, api.Honours("RoleName"))}, Access: api.Access{Prefix: "iam", Grants: []api.Grant{{Ops: "GetRole"}}}})
	return table
}

// policyOf makes a policy of the statements of a line: see testdata/policy.test.
func policyOf(t testing.TB, bucket, text string) string {
	t.Helper()
	base := map[string]any{"Effect": "Allow", "Principal": "*", "Resource": "arn:aws:s3:::" + bucket + "/*"}
	if err := json.Unmarshal([]byte(text), &base); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for k, v := range base {
		if v == "-" {
			delete(base, k)
		}
	}
	out, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": base})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// from is the context of a call, "who@key=value,key=value".
func from(t testing.TB, who string) context.Context {
	t.Helper()
	name, facts, has := strings.Cut(who, "@")
	p, ok := callers[name]
	if !ok {
		t.Fatalf("%s is nobody", name)
	}
	ctx := api.WithPrincipal(t.Context(), p)
	if !has {
		return ctx
	}
	w := &api.Wire{Request: &http.Request{Header: http.Header{}, RemoteAddr: "127.0.0.1:1234"}, Scheme: "AWS4-HMAC-SHA256",
		Form: "REST-HEADER"}
	for _, fact := range strings.Split(facts, ",") {
		switch k, v, _ := strings.Cut(fact, "="); k {
		case "ip":
			w.Request.RemoteAddr = v + ":1234"
		case "agent":
			w.Request.Header.Set("User-Agent", v)
		case "tls":
			w.Request.TLS = &tls.ConnectionState{Version: map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}[v]}
		case "age":
			d, err := time.ParseDuration(v + "s")
			if err != nil {
				t.Fatal(err)
			}
			w.Signed = t0.Add(-d)
		}
	}
	return api.WithWire(ctx, w)
}

var versionID = regexp.MustCompile(`"VersionId":"([0-9a-f]{32})"`)

// TestPolicy runs testdata/policy.test.
func TestPolicy(t *testing.T) {
	f, err := os.Open("testdata/policy.test")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, version, n := openWithRoles(t), "", 0
	call := func(who, op, in string) string {
		out, err := table.Invoke(from(t, who), "s3", op, json.RawMessage(in))
		if err != nil {
			return api.Code(err)
		}
		text, _ := out.(json.RawMessage)
		if m := versionID.FindStringSubmatch(string(text)); m != nil && op == "PutObject" {
			version = m[1]
		}
		return string(text)
	}
	lines := bufio.NewScanner(f)
	for at := 1; lines.Scan(); at++ {
		line := strings.ReplaceAll(lines.Text(), "$VersionId", version)
		if line == "" || line[0] == '#' {
			continue
		}
		n++
		if bucket, text, ok := strings.Cut(line, "= "); ok && !strings.Contains(bucket, " ") {
			if bucket == "" {
				bucket = "bkt"
			}
			op, in := "DeleteBucketPolicy", map[string]string{"Bucket": bucket}
			if text != "none" {
				op, in["Policy"] = "PutBucketPolicy", policyOf(t, bucket, text)
			}
			b, _ := json.Marshal(in)
			if got := call("root", op, string(b)); got != "{}" {
				t.Fatalf("policy.test:%d: %s: %s", at, line, got)
			}
			continue
		}
		left, want, has := strings.Cut(line, " => ")
		who, rest, _ := strings.Cut(left, " ")
		op, in, _ := strings.Cut(rest, " ")
		if who == "$" {
			who, want = "root", "ok"
		} else if !has {
			t.Fatalf("policy.test:%d: no answer", at)
		}
		got := call(who, op, in)
		ok := got == want || want == "ok" && strings.HasPrefix(got, "{") || want[0] == '"' && strings.Contains(got, want)
		if !ok {
			t.Errorf("policy.test:%d: %s: got %s, want %s", at, left, got, want)
		}
	}
	if lines.Err() != nil || n < 200 {
		t.Fatalf("%d lines, %v", n, lines.Err())
	}
}

// TestRefusalsNameWhatIsDenied has the texts, which tell more to the account than to strangers.
func TestRefusalsNameWhatIsDenied(t *testing.T) {
	table := openWithRoles(t)
	root := apitest.Context(t)
	do := func(ctx context.Context, op, in string) error {
		_, err := table.Invoke(ctx, "s3", op, json.RawMessage(in))
		return err
	}
	if err := do(root, "CreateBucket", `{"Bucket":"bkt"}`); err != nil {
		t.Fatal(err)
	}
	deny, _ := json.Marshal(policyOf(t, "bkt", `{"Effect":"Deny","Action":["s3:GetObject","s3:ListBucket"],`+
		`"Resource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/x"]}`))
	if err := do(root, "PutBucketPolicy", fmt.Sprintf(`{"Bucket":"bkt","Policy":%s}`, deny)); err != nil {
		t.Fatal(err)
	}
	open, _ := json.Marshal(policyOf(t, "bkt", `{"Action":"s3:GetObject"}`))
	const who = "User: arn:aws:iam::000000000000:root is not authorized to perform: "
	for _, c := range []struct {
		ctx          context.Context
		op, in, want string
	}{
		{root, "GetObject", `{"Bucket":"bkt","Key":"x"}`,
			who + `s3:GetObject on resource: "arn:aws:s3:::bkt/x" with an explicit deny in a resource-based policy`},
		{root, "GetObject", `{"Bucket":"bkt","Key":"y"}`,
			who + `s3:ListBucket on resource: "arn:aws:s3:::bkt" with an explicit deny in a resource-based policy`},
		{root, "PutBucketPolicy", fmt.Sprintf(`{"Bucket":"bkt","Policy":%s}`, open), who + `s3:PutBucketPolicy on resource: "arn:aws:s3:::bkt" ` +
			`because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`},
		{from(t, "stranger"), "GetObject", `{"Bucket":"bkt","Key":"x"}`, "Access Denied"},
		{from(t, "stranger"), "CreateBucket", `{"Bucket":"ccc"}`, "Anonymous users cannot invoke this API. Please authenticate."},
		{root, "PutBucketPolicy", `{"Bucket":"bkt","Policy":"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",` +
			`\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::bkt/*\",\"Condition\":{\"StringEquals\":{\"aws:CalledViaFirst\":\"x\"}}}]}"}`,
			"Penstock does not support the condition key aws:CalledViaFirst yet"},
	} {
		err, _ := do(c.ctx, c.op, c.in).(*api.Error)
		if err == nil || err.Message != c.want {
			t.Errorf("%s %s: %v, want %s", c.op, c.in, err, c.want)
		}
	}
}

// TestStrangersHaveOneService asks another service without a signature's identity: only a service with a guard answers strangers.
func TestStrangersHaveOneService(t *testing.T) {
	_, err := openWithRoles(t).Invoke(from(t, "stranger"), "iam", "GetRole", json.RawMessage(`{"RoleName":"etl"}`))
	if api.Code(err) != "AccessDenied" {
		t.Errorf("got %v", err)
	}
}

package door_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/clock"
)

// regional is a table whose services say where they were called.
func regional(t *api.Table, called *[]string) {
	say := func(name string) { *called = append(*called, name+" in "+t.Region) }
	t.Add(
		api.Service{Name: "glue", Ops: []api.Op{api.Handle(func(context.Context, *glue.GetDatabasesInput) (*glue.GetDatabasesOutput, error) {
			say("glue")
			return &glue.GetDatabasesOutput{}, nil
		})}},
		api.Service{Name: "ssm", Ops: []api.Op{api.Handle(func(context.Context, *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
			say("ssm")
			return &ssm.GetParameterOutput{}, nil
		}, api.Honours("Name"))}},
		api.Service{Name: "iam", Global: true, Ops: []api.Op{api.Handle(func(context.Context, *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
			say("iam")
			return &iam.ListRolesOutput{}, nil
		})}},
	)
}

// TestTheSignatureSaysWhere: a call goes to the table of the region that it is signed for; another region is refused in words that say
// which are served; and so is a signature for another service than X-Amz-Target names.
func TestTheSignatureSaysWhere(t *testing.T) {
	var called []string
	first := api.NewTable(nil, nil)
	first.Region = "eu-west-1"
	tables := api.Regions{first, first.Beside("eu-central-1")}
	for _, table := range tables {
		regional(table, &called)
	}
	keys := func(string) (string, api.Principal, bool) {
		return "secret", api.Principal{ARN: "arn:aws:iam::1:root"}, true
	}
	srv := httptest.NewServer(door.New(tables, keys, clock.Real{}, nil))
	defer srv.Close()
	const getDatabases, listRoles = "AWSGlue.GetDatabases", "Action=ListRoles&Version=2010-05-08"
	const region, service = "InvalidSignatureException Credential should be scoped to a valid region. This server serves ",
		"400 InvalidSignatureException Credential should be scoped to correct service: "
	for _, c := range []struct{ service, region, target, body, want string }{
		{"glue", "eu-west-1", getDatabases, `{}`, "200 glue in eu-west-1"},
		{"glue", "eu-central-1", getDatabases, `{}`, "200 glue in eu-central-1"},
		{"ssm", "eu-central-1", "AmazonSSM.GetParameter", `{"Name":"n"}`, "200 ssm in eu-central-1"},
		{"iam", "us-east-1", "", listRoles, "200 iam in eu-west-1"}, // where clients of a service without regions sign for
		{"iam", "eu-central-1", "", listRoles, "200 iam in eu-central-1"},
		{"iam", "us-west-1", "", listRoles, "403 SignatureDoesNotMatch serves eu-west-1, eu-central-1, us-east-1"},
		{"glue", "us-east-1", getDatabases, `{}`, "400 " + region + "eu-west-1, eu-central-1, not us-east-1."},
		{"ssm", "eu-west-1", getDatabases, `{}`, service + "'glue'. "},
		{"iam", "eu-west-1", getDatabases, `{}`, service + "'glue'. "},
		{"lambda", "eu-west-1", "AmazonSSM.GetParameter", `{}`, service + "'ssm'. "},
		{"glue", "eu-west-1", "AWSGlue.Nonsense", `{}`, "400 UnknownOperationException"},
		{"glue", "eu-west-1", "Nobody.GetDatabases", `{}`, "400 UnknownOperationException"},
	} {
		called = nil
		status, text := post(t, srv.URL, c.service, c.region, c.target, c.body)
		got := status + " " + strings.Join(called, ",") + text
		for _, part := range strings.SplitN(c.want, " ", 3) {
			if !strings.Contains(got, part) {
				t.Errorf("%s for %s with %s:\n got %s\nwant %s", c.service, c.region, c.target+c.body, got, c.want)
			}
		}
		if strings.HasPrefix(c.want, "4") && len(called) > 0 {
			t.Errorf("%+v: called %v", c, called)
		}
	}
}

// post signs and sends a request.
func post(t *testing.T, url, service, region, target, body string) (status, text string) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	if target == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r.Header.Set("X-Amz-Target", target)
	}
	creds, sum := aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hex.EncodeToString(sum[:]), service, region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(resp.StatusCode), string(b)
}

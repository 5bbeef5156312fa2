package warehouse_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/object"
)

// gate is an S3 whose guard refuses whom the text names, and a key of a role's session.
func gate() *api.Table {
	return api.NewTable([]api.Service{{Name: "s3", Guard: func(ctx context.Context, c api.Call) (context.Context, error) {
		asked, err := c.Asks()
		if err != nil {
			return ctx, err
		}
		for _, r := range asked {
			for _, on := range r.Resources {
				if strings.Contains(on, "closed") || strings.Contains(on, "picky") && !strings.Contains(r.Principal.ARN, "role/reader/") {
					return ctx, api.Errorf("AccessDenied", "%s may not %s %s", r.Principal.ARN, r.Action, on)
				}
			}
		}
		return ctx, nil
	}}}, slog.New(slog.DiscardHandler))
}

func gateKeys(id string) (string, api.Principal, bool) {
	return "secret", api.Principal{ARN: "arn:aws:sts::000000000000:assumed-role/reader/me", SessionToken: "token"}, id == "ASIA1"
}

// TestCopyReadsAsItsRole asks S3's guard for the role of the COPY, of the namespace, or the owner of the key.
func TestCopyReadsAsItsRole(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	for _, bucket := range []string{"open", "closed", "picky"} {
		if _, err := r.objects.CreateBucket(r.ctx, bucket, "us-east-1", nil); err != nil {
			t.Fatal(err)
		}
		for key, text := range map[string]string{"a.csv": "1\n", "closed.csv": "1\n",
			"list": fmt.Sprintf(`{"entries":[{"url":"s3://%s/a.csv"}]}`, bucket), "mixed": `{"entries":[{"url":"s3://picky/a.csv"}]}`} {
			if _, err := r.objects.Put(r.ctx, bucket, key, strings.NewReader(text), object.PutOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.run("CREATE TABLE t(id INT)")
	const denied, arn = "ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied", "arn:aws:iam::000000000000:role/"
	const key = "ACCESS_KEY_ID 'ASIA1' SECRET_ACCESS_KEY "
	copies := func(list [][2]string) {
		t.Helper()
		for _, c := range list {
			d := r.run("COPY t FROM " + c[0])
			if got, _ := d["Error"].(string); c[1] == "" && d["Status"] != "FINISHED" || c[1] != "" && !strings.HasPrefix(got, c[1]) {
				t.Errorf("%s: %s %q", c[0], d["Status"], got)
			}
		}
	}
	copies([][2]string{
		{"'s3://open/a' IAM_ROLE default", ""},
		{"'s3://open/closed' IAM_ROLE default", denied},
		{"'s3://closed/a' IAM_ROLE default", denied},
		{"'s3://closed/list' IAM_ROLE default MANIFEST", denied},
		{"'s3://open/mixed' IAM_ROLE default MANIFEST", denied},
		{"'s3://picky/a' IAM_ROLE default", denied},
		{"'s3://picky/a' IAM_ROLE '" + arn + "other'", denied},
		{"'s3://picky/a' IAM_ROLE '" + arn + "reader'", ""},
		{"'s3://picky/a' IAM_ROLE '" + arn + "other," + arn + "reader'", ""},
		{"'s3://picky/list' IAM_ROLE '" + arn + "reader' MANIFEST", ""},
		{"'s3://picky/a' CREDENTIALS 'aws_iam_role=" + arn + "reader'", ""},
		{"'s3://picky/a' CREDENTIALS 'aws_access_key_id=ASIA1;aws_secret_access_key=secret;token=token'", ""},
		{"'s3://picky/a' " + key + "'secret' SESSION_TOKEN 'token'", ""},
		{"'s3://open/a' " + key + "'secret'", "ERROR: S3ServiceException:The provided token is malformed or otherwise invalid.,Status 400,"},
		{"'s3://open/a' " + key + "'wrong' SESSION_TOKEN 'token'", "ERROR: S3ServiceException:The request signature we calculated does"},
		{"'s3://open/a' ACCESS_KEY_ID 'AKIA1' SECRET_ACCESS_KEY 'secret'", "ERROR: S3ServiceException:The AWS Access Key Id you provided"},
	})
	r.must("redshift-serverless", "UpdateNamespace",
		`{"namespaceName":"shop","defaultIamRoleArn":"`+arn+`reader","iamRoles":["`+arn+`reader"]}`)
	copies([][2]string{{"'s3://picky/a' IAM_ROLE default", ""}, {"'s3://picky/a' IAM_ROLE '" + arn + "other'", denied}})
	if got := r.rows("SELECT count(*) FROM t"); got != "LongValue=8" {
		t.Errorf("loaded: %s", got)
	}
}

package server

import (
	"encoding/json"
	"testing"

	"penstock/internal/api"
	"penstock/internal/object"
	"penstock/internal/object/allowed"
)

// TestRolesOfServicesAreBound asks for a role with a path, which IAM knows, what a bucket's policy says of reads and writes below S3's
// operations: those of jobs and crawlers.
func TestRolesOfServicesAreBound(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	ctx := api.WithPrincipal(t.Context(), api.Principal{ARN: "arn:aws:iam::" + DefaultAccount + ":root", Account: DefaultAccount})
	for _, call := range [][3]string{
		{"iam", "CreateRole", `{"RoleName":"etl","Path":"/jobs/","AssumeRolePolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",` +
			`\"Principal\":{\"Service\":\"glue.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}`},
		{"s3", "CreateBucket", `{"Bucket":"lake"}`},
		{"s3", "CreateBucket", `{"Bucket":"free"}`},
		{"s3", "PutBucketPolicy", `{"Bucket":"lake","Policy":"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":` +
			`\"arn:aws:iam::000000000000:role/jobs/etl\"},\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":` +
			`\"arn:aws:s3:::lake/private/*\"},{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:ListBucket\",\"Resource\":` +
			`\"arn:aws:s3:::lake\",\"Condition\":{\"StringLike\":{\"s3:prefix\":\"hidden/*\"}}}]}"}`},
	} {
		if _, err := s.table.Invoke(ctx, call[0], call[1], json.RawMessage(call[2])); err != nil {
			t.Fatal(call[1], err)
		}
	}
	etl := allowed.Session(DefaultAccount, "arn:aws:iam::000000000000:role/jobs/etl", "run")
	other := allowed.Session(DefaultAccount, "x", "run")
	found := []object.Resolved{{Info: object.Info{Key: "open/k"}}, {Info: object.Info{Key: "private/k"}}}
	for _, c := range []struct {
		what string
		err  error
		want string
	}{
		{"a read", allowed.Read(ctx, s.table, etl, "lake", found), "AccessDenied"},
		{"a read of the open", allowed.Read(ctx, s.table, etl, "lake", found[:1]), ""},
		{"a read by another role", allowed.Read(ctx, s.table, other, "lake", found), ""},
		{"a read of another bucket", allowed.Read(ctx, s.table, etl, "free", found), ""},
		{"a write", allowed.Write(ctx, s.table, etl, "lake", "open/k", "private/new"), "AccessDenied"},
		{"a listing", allowed.List(ctx, s.table, other, "lake", "hidden/x"), "AccessDenied"},
		{"another listing", allowed.List(ctx, s.table, other, "lake", "open/"), ""},
		{"a read where nobody is asked", allowed.Read(ctx, nil, etl, "lake", found), ""},
	} {
		if api.Code(c.err) != c.want {
			t.Errorf("%s: %v, want %s", c.what, c.err, c.want)
		}
	}
}

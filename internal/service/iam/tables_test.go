package iam

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/module/moduletest"
)

// TestTablesOfAnEarlierProgram reads roles and policies, with their tags, that lie in the tables that the service had for itself.
func TestTablesOfAnEarlierProgram(t *testing.T) {
	dir, c := t.TempDir(), clock.NewManual(moduletest.Start())
	old := Schema
	old.Migrations = old.Migrations[:1]
	m := metatest.Open(t, dir, c, doc.Schema, tag.Schema, old)
	const arn = "arn:aws:iam::000000000000:"
	err := m.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO iam_roles VALUES ('Loader', '{"Name":"Loader","ID":"AROA1","Path":"/a/","ARN":"` + arn +
				`role/a/Loader","Trust":"{\"a\": 1}",` +
				`"Created":"2026-01-02T03:04:05Z","MaxSession":7200,"Tags":{"Team":"a \"b\" é","n":""},"Inline":{"i":"{}"},"Attached":["` + arn +
				`policy/p/Read"]}')`,
			`INSERT INTO iam_roles VALUES ('bare', '{"Name":"bare","ID":"AROA2","Path":"/","ARN":"` + arn + `role/bare","Trust":"{}",` +
				`"Created":"2026-01-02T03:04:05Z","MaxSession":3600,"Tags":null,"Inline":{},"Attached":null}')`,
			`INSERT INTO iam_policies VALUES ('` + arn + `policy/p/Read', '{"Name":"Read","ID":"ANPA1","Path":"/p/","ARN":"` + arn +
				`policy/p/Read",` +
				`"Created":"2026-01-02T03:04:05Z","Updated":"2026-01-02T03:04:05Z","Tags":{"k":"v"},` +
				`"Versions":[{"ID":"v1","Document":"{}","Created":"2026-01-02T03:04:05Z"}],"Default":"v1","Next":2}')`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	env := moduletest.Open(t, dir, c, doc.Schema, tag.Schema, Schema)
	inv, ctx := moduletest.Table(t, env, New(env).API())
	const created = `"CreateDate":"2026-01-02T03:04:05Z"`
	for _, c := range []struct{ op, in, want string }{
		{"GetRole", `{"RoleName":"loader"}`, `{"Role":{"Arn":"` + arn + `role/a/Loader",` + created +
			`,"Path":"/a/","RoleId":"AROA1","RoleName":"Loader",` +
			`"AssumeRolePolicyDocument":"%7B%22a%22%3A%201%7D","MaxSessionDuration":7200,` +
			`"Tags":[{"Key":"Team","Value":"a \"b\" é"},{"Key":"n","Value":""}]}}`},
		{"ListRoleTags", `{"RoleName":"bare"}`, `{"Tags":[],"IsTruncated":false}`},
		{"GetRolePolicy", `{"RoleName":"Loader","PolicyName":"i"}`, `{"PolicyDocument":"%7B%7D","PolicyName":"i","RoleName":"Loader"}`},
		{"GetPolicy", `{"PolicyArn":"` + arn + `policy/p/Read"}`, `{"Policy":{"Arn":"` + arn + `policy/p/Read","AttachmentCount":1,` + created +
			`,"DefaultVersionId":"v1","IsAttachable":true,"Path":"/p/","PermissionsBoundaryUsageCount":0,"PolicyId":"ANPA1","PolicyName":"Read",` +
			`"Tags":[{"Key":"k","Value":"v"}],"UpdateDate":"2026-01-02T03:04:05Z"}}`},
	} {
		got, err := inv.Invoke(ctx, "iam", c.op, json.RawMessage(c.in))
		if raw, _ := got.(json.RawMessage); err != nil || string(raw) != c.want {
			t.Errorf("%s: %s, %v\nwant %s", c.op, raw, err, c.want)
		}
	}
}

func TestTags(t *testing.T) {
	inv, ctx := fresh(t)
	const trust = `"AssumeRolePolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}]}"`
	const rights = `"PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"`
	many := func(n int) string {
		var tags []string
		for i := range n {
			tags = append(tags, fmt.Sprintf(`{"Key":"k%d","Value":"v"}`, i))
		}
		return "[" + strings.Join(tags, ",") + "]"
	}
	for _, c := range []struct{ op, in, code, want string }{
		{"CreateRole", `{"RoleName":"r",` + trust + `,"Tags":[{"Key":"Team","Value":"a"},{"Key":"team","Value":"b"}]}`, "InvalidInput",
			"Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"CreateRole", `{"RoleName":"r",` + trust + `,"Tags":[{"Key":"Team","Value":"a"}]}`, "", `"Tags":[{"Key":"Team","Value":"a"}]`},
		{"TagRole", `{"RoleName":"R","Tags":[{"Key":"TEAM","Value":"b"},{"Key":"other","Value":""}]}`, "", `{}`},
		{"ListRoleTags", `{"RoleName":"r"}`, "", `[{"Key":"TEAM","Value":"b"},{"Key":"other","Value":""}]`},
		{"UntagRole", `{"RoleName":"r","TagKeys":["team","none"]}`, "", `{}`},
		{"ListRoleTags", `{"RoleName":"r"}`, "", `[{"Key":"other","Value":""}]`},
		{"TagRole", `{"RoleName":"r","Tags":[{"Key":"aws:x","Value":"b"}]}`, "InvalidInput", "aws: prefixed"},
		{"TagRole", `{"RoleName":"r","Tags":` + many(50) + `}`, "LimitExceeded", "The number of tags has reached the maximum limit."},
		{"ListRoleTags", `{"RoleName":"r"}`, "", `[{"Key":"other","Value":""}]`},
		{"CreatePolicy", `{"PolicyName":"p",` + rights + `,"Tags":[{"Key":"k","Value":"a"},{"Key":"k","Value":"b"}]}`, "InvalidInput",
			"Duplicate tag keys found."},
		{"CreatePolicy", `{"PolicyName":"p",` + rights + `,"Tags":[{"Key":"k","Value":"a"},{"Key":"K","Value":"b"}]}`, "",
			`[{"Key":"K","Value":"b"},{"Key":"k","Value":"a"}]`},
		{"CreatePolicy", `{"PolicyName":"P","Path":"/x/",` + rights + `}`, "EntityAlreadyExists", "A policy called P already exists."},
		{"GetPolicy", `{"PolicyArn":"arn:aws:iam::000000000000:policy/P"}`, "NoSuchEntity", "policy/P does not exist"},
		{"DeletePolicy", `{"PolicyArn":"arn:aws:iam::000000000000:policy/p"}`, "", `{}`},
		{"CreatePolicy", `{"PolicyName":"p",` + rights + `}`, "", `{}`},
		{"GetPolicy", `{"PolicyArn":"arn:aws:iam::000000000000:policy/p"}`, "", `Z"}}`},
		{"DeleteRole", `{"RoleName":"R"}`, "", `{}`},
		{"CreateRole", `{"RoleName":"r",` + trust + `}`, "", `{}`},
		{"GetRole", `{"RoleName":"r"}`, "", `"MaxSessionDuration":3600}}`},
	} {
		out, err := inv.Invoke(ctx, "iam", c.op, json.RawMessage(c.in))
		raw, _ := out.(json.RawMessage)
		if c.want == "{}" {
			c.want = ""
		}
		if api.Code(err) != c.code || !strings.Contains(string(raw)+fmt.Sprint(err), c.want) {
			t.Errorf("%s %.120s: %s, %v; want %s %s", c.op, c.in, raw, err, c.code, c.want)
		}
	}
}

package iam

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/tag"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

func fresh(t *testing.T) (api.Invoker, context.Context) {
	env := moduletest.New(t, doc.Schema, tag.Schema, Schema)
	return moduletest.Table(t, env, New(env).API())
}

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}).API()) }

func TestHonours(t *testing.T) {
	apitest.Vary(t, "testdata/honours.test", New(module.Env{}).API(), fresh)
}

func TestDocumentsAreEscaped(t *testing.T) {
	inv, ctx := fresh(t)
	_, err := inv.Invoke(ctx, "iam", "CreateRole",
		json.RawMessage(`{"RoleName":"r","AssumeRolePolicyDocument":"{\"Statement\": `+
			`[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}]}"}`))
	if err != nil {
		t.Fatal(err)
	}
	out, err := inv.Invoke(ctx, "iam", "GetRole", json.RawMessage(`{"RoleName":"r"}`))
	if err != nil || !strings.Contains(string(out.(json.RawMessage)),
		`"%7B%22Statement%22%3A%20%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22%2A%22`) {
		t.Errorf("%s %v", out, err)
	}
}

func TestErrors(t *testing.T) {
	inv, ctx := fresh(t)
	role := func(doc string) string {
		in, _ := json.Marshal(map[string]string{"RoleName": "r", "AssumeRolePolicyDocument": doc})
		return string(in)
	}
	good := `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`
	for _, c := range []struct{ op, in, code, text string }{
		{"CreateRole", role("{"), "MalformedPolicyDocument", "invalid Json"},
		{"CreateRole", role(`{"Statement":[{"Effect":"Perhaps","Principal":"*","Action":"x"}]}`), "MalformedPolicyDocument", "Syntax"},
		{"CreateRole", role(`{"Statement":[{"Effect":"Allow","Action":"x"}]}`), "MalformedPolicyDocument", "principal"},
		{"CreateRole", role(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"x","Resource":"*"}]}`), "MalformedPolicyDocument",
			"Resource"},
		{"CreateRole", role(`{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Principal":"*","Action":"x"}]}`), "MalformedPolicyDocument",
			"version"},
		{"CreateRole", role(good), "", ""},
		{"CreateRole", role(good), "EntityAlreadyExists", "Role with name r already exists."},
		{"GetRole", `{"RoleName":"x"}`, "NoSuchEntity", "The role with name x cannot be found."},
		{"PutRolePolicy", `{"RoleName":"r","PolicyName":"p","PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\"}]}"}`,
			"MalformedPolicyDocument", "resources"},
		{"PutRolePolicy",
			`{"RoleName":"r","PolicyName":"p","PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}`,
			"", ""},
		{"DeleteRole", `{"RoleName":"r"}`, "DeleteConflict", "must delete policies first"},
		{"DeleteRolePolicy", `{"RoleName":"r","PolicyName":"p"}`, "", ""},
		{"AttachRolePolicy", `{"RoleName":"r","PolicyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`, "", ""},
		{"DeleteRole", `{"RoleName":"r"}`, "DeleteConflict", "must detach all policies first"},
		{"AttachRolePolicy", `{"RoleName":"r","PolicyArn":"arn:aws:iam::000000000000:policy/none"}`, "NoSuchEntity", "policy/none"},
		{"GetPolicy", `{"PolicyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`, "NoSuchEntity", "Penstock does not hold"},
		{"CreateUser", `{"UserName":"u"}`, "InvalidAction", "CreateUser"},
	} {
		_, err := inv.Invoke(ctx, "iam", c.op, json.RawMessage(c.in))
		if api.Code(err) != c.code || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s %s: %v, want %s with %q", c.op, c.in, err, c.code, c.text)
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, true)
	f.Add(`{"Statement":[null]}`, false)
	f.Fuzz(func(t *testing.T, doc string, trust bool) { checkDocument(doc, trust) })
}

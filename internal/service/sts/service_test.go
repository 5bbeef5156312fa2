package sts

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

const roleARN = "arn:aws:iam::000000000000:role/svc/loader"

func open(t *testing.T, dir string, c clock.Clock) (*Service, func()) {
	env := moduletest.Open(t, dir, c, Schema)
	s := New(env, func(_ context.Context, name string) (string, string, time.Duration, error) {
		if name != "loader" {
			return "", "", 0, &api.Error{Code: "NoSuchEntity"}
		}
		return roleARN, "AROAX", 2 * time.Hour, nil
	})
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, func() { env.Meta.Close() }
}

func invoke(ctx context.Context, s *Service, op, in string) (map[string]any, error) {
	out, err := api.NewTable([]api.Service{s.API()}, slog.New(slog.DiscardHandler)).Invoke(ctx, "sts", op, json.RawMessage(in))
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	return doc, json.Unmarshal(out.(json.RawMessage), &doc)
}

func TestTable(t *testing.T) {
	apitest.Check(t, New(module.Env{}, nil).API())
	apitest.Covered(t, New(module.Env{}, nil).API(),
		[]string{"AssumeRole.RoleArn", "AssumeRole.RoleSessionName", "AssumeRole.DurationSeconds"})
}

func TestAssumedKeysWorkUntilTheyExpire(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	dir := t.TempDir()
	s, closeStore := open(t, dir, c)
	out, err := invoke(apitest.Context(t), s, "AssumeRole", `{"RoleArn":"`+roleARN+`","RoleSessionName":"me","DurationSeconds":1800}`)
	if err != nil {
		t.Fatal(err)
	}
	keys, user := out["Credentials"].(map[string]any), out["AssumedRoleUser"].(map[string]any)
	const want = "arn:aws:sts::000000000000:assumed-role/loader/me"
	if user["Arn"] != want || user["AssumedRoleId"] != "AROAX:me" {
		t.Errorf("user %v", user)
	}
	closeStore()
	s, _ = open(t, dir, c) // a restart
	c.Advance(29 * time.Minute)
	secret, p, ok := s.Lookup(keys["AccessKeyId"].(string))
	if !ok || secret != keys["SecretAccessKey"] || p.ARN != want || p.Account != "000000000000" {
		t.Errorf("lookup %q %+v %v", secret, p, ok)
	}
	who, err := invoke(api.WithPrincipal(t.Context(), p), s, "GetCallerIdentity", `{}`)
	if err != nil || who["Arn"] != want || who["UserId"] != "AROAX:me" {
		t.Errorf("identity %v %v", who, err)
	}
	c.Advance(time.Minute)
	if _, _, ok := s.Lookup(keys["AccessKeyId"].(string)); ok {
		t.Error("an expired key works")
	}
	if _, _, ok := s.Lookup("AKIANONE"); ok {
		t.Error("an unknown key works")
	}
}

func TestRootIdentityAndRefusals(t *testing.T) {
	s, _ := open(t, t.TempDir(), clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)))
	who, err := invoke(apitest.Context(t), s, "GetCallerIdentity", `{}`)
	if err != nil || who["Arn"] != "arn:aws:iam::000000000000:root" || who["UserId"] != "000000000000" {
		t.Errorf("identity %v %v", who, err)
	}
	for _, c := range []struct{ in, code, text string }{
		{`{"RoleArn":"arn:aws:iam::000000000000:role/other","RoleSessionName":"me"}`, "AccessDenied",
			"is not authorized to perform: sts:AssumeRole on resource"},
		{`{"RoleArn":"arn:aws:iam::000000000000:role/loader","RoleSessionName":"me"}`, "AccessDenied", "role/loader"},
		{`{"RoleArn":"arn:aws:iam::111111111111:role/svc/loader","RoleSessionName":"me"}`, "AccessDenied", "111111111111"},
		{`{"RoleArn":"` + roleARN + `","RoleSessionName":"me","DurationSeconds":7201}`, "ValidationError", "MaxSessionDuration"},
		{`{"RoleArn":"` + roleARN + `","RoleSessionName":"me","Policy":"{}"}`, "ValidationError", "AssumeRole.Policy"},
		{`{"RoleArn":"` + roleARN + `","RoleSessionName":"a b"}`, "ValidationError", "roleSessionName"},
	} {
		_, err := invoke(apitest.Context(t), s, "AssumeRole", c.in)
		if api.Code(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %s with %q", c.in, err, c.code, c.text)
		}
	}
}

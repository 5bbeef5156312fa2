package sts

import (
	"context"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
)

// TestLend lends keys that outlive the role's longest session: they end by Return, by time and with the server's start; assumed ones stay.
func TestLend(t *testing.T) {
	dir, c := t.TempDir(), clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	s, stop := open(t, dir, c)
	lend := func() Keys {
		t.Helper()
		k, err := s.Lend(t.Context(), roleARN, "GlueJobRunnerSession", 10*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	known := func(id string) bool { _, _, ok := s.Lookup(id); return ok }
	a, b := lend(), lend()
	secret, p, ok := s.Lookup(a.ID)
	const assumed = "arn:aws:sts::000000000000:assumed-role/loader/GlueJobRunnerSession"
	if !ok || secret != a.Secret || p.SessionToken != a.Token || p.ARN != assumed {
		t.Errorf("%v %+v, lent %+v", ok, p, a)
	}
	if err := s.Return(t.Context(), a.ID); err != nil || known(a.ID) || !known(b.ID) {
		t.Errorf("after Return: %v, its keys %v, the others %v", err, known(a.ID), known(b.ID))
	}
	c.Advance(10 * time.Hour)
	if known(b.ID) {
		t.Error("keys outlive their life")
	}
	out, err := invoke(apitest.Context(t), s, "AssumeRole", `{"RoleArn":"`+roleARN+`","RoleSessionName":"me"}`)
	if err != nil {
		t.Fatal(err)
	}
	mine := out["Credentials"].(map[string]any)["AccessKeyId"].(string)
	if err := s.Return(t.Context(), mine); err != nil || !known(mine) {
		t.Errorf("Return ends keys that were not lent: %v", err)
	}
	broken := lend()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Return(gone, broken.ID); err == nil || known(broken.ID) {
		t.Errorf("a Return that cannot be stored: %v, its keys %v", err, known(broken.ID))
	}
	left := lend()
	stop()
	s, stop = open(t, dir, c)
	defer stop()
	if known(left.ID) || known(broken.ID) || !known(mine) {
		t.Errorf("after a start: lent keys %v, assumed ones %v", known(left.ID), known(mine))
	}
	if _, err := s.Lend(t.Context(), "nobody", "x", time.Hour); api.Code(err) != "NoSuchEntity" {
		t.Errorf("keys of no role: %v", err)
	}
}

package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
)

type Inner struct {
	Kind string
	Note *string
}
type DoInput struct {
	Name  *string
	When  *time.Time
	Count int32
	Data  []byte
	Tags  map[string]string
	List  []Inner
	Deep  *Inner
	Extra *string
}
type DoOutput struct {
	Echo *DoInput
	N    int64
}

func service() api.Service {
	do := func(_ context.Context, in *DoInput) (*DoOutput, error) {
		switch {
		case in.Name != nil && *in.Name == "panic":
			panic("ouch")
		case in.Name != nil && *in.Name == "plain":
			return nil, errors.New("disk on fire")
		case in.Name != nil && *in.Name == "coded":
			return nil, api.Errorf("EntityNotFoundException", "no %s", "x")
		}
		return &DoOutput{Echo: in, N: 7}, nil
	}
	return api.Service{Name: "glue", SDK: "Glue", Access: api.Access{Grants: []api.Grant{{Ops: "Do"}}}, Ops: []api.Op{api.Handle(do,
		api.Honours("Name", "When", "Count", "Data", "Tags{}", "List[].Kind"), api.Inert("Deep.*", "stored"))}}
}

func invoke(t *testing.T, in any) (any, error) {
	t.Helper()
	return api.NewTable([]api.Service{service()}, nil).Invoke(apitest.Context(t), "glue", "Do", in)
}

func TestRawRoundTrip(t *testing.T) {
	in := `{"Name":"a","When":"2026-01-02T03:04:05.5Z","Count":3,"Data":"aGk=","Tags":{"k":"v"},"List":[{"Kind":"x"}],"Deep":{"Note":"n"}}`
	out, err := invoke(t, json.RawMessage(in))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Echo":` + in + `,"N":7}`; string(out.(json.RawMessage)) != want {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

func TestRefusals(t *testing.T) {
	for in, want := range map[string]string{
		`{"Extra":"x"}`:              "Do.Extra",
		`{"List":[{"Note":"x"}]}`:    "Do.List[].Note",
		`{"Nope":1}`:                 "Do.Nope",
		`{"Deep":{"Nope":1}}`:        "Do.Deep.Nope",
		`{"Count":"3"}`:              "Count must be a number",
		`{"Name":"plain"}`:           "InternalFailure",
		`{"Name":"panic"}`:           "InternalFailure",
		`{"Name":"coded"}`:           "EntityNotFoundException",
		`{"When":1.5,"Name":"coded"`: "parse parameters",
	} {
		_, err := invoke(t, json.RawMessage(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
	if _, err := api.NewTable([]api.Service{service()}, nil).Invoke(t.Context(), "glue", "Do", &DoInput{}); err == nil {
		t.Error("a call without a principal ran")
	}
	if _, err := api.NewTable([]api.Service{service()}, nil).Invoke(apitest.Context(t), "glue", "Undo",
		&DoInput{}); api.Code(err) != "UnknownOperationException" {
		t.Errorf("unknown operation: %v", err)
	}
}

func TestCheckAcceptsTheSample(t *testing.T) { apitest.Check(t, service()) }

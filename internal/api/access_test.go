package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"penstock/internal/api"
)

type tag struct{ Key, Value *string }

type SendInput struct {
	Name    *string
	Version *string
	Many    []string
	Items   []struct{ ID *string }
	Limit   *int32
	Tags    []tag
	Labels  map[string]string
	Header  *string
	Off, On *bool
	At      *time.Time
}

type SendOutput struct{}

func send(_ context.Context, _ *SendInput) (*SendOutput, error) { return &SendOutput{}, nil }

// TestWhatACallAsks writes grants and what a call asks by them.
func TestWhatACallAsks(t *testing.T) {
	in := &SendInput{Name: new("n"), Many: []string{"a", "b"}, Items: []struct{ ID *string }{{new("1")}, {}, {new("2")}}, Limit: new(int32(5)),
		Tags: []tag{{new("k"), new("v")}, {new("j"), nil}}, Labels: map[string]string{"l": "w"}, Header: new("x=1&y=2"),
		Off: new(false), On: new(true), At: new(time.Date(2026, 3, 1, 13, 0, 0, 0, time.FixedZone("", 3600)))}
	for _, c := range []struct {
		grant api.Grant
		want  string
	}{
		{api.Grant{}, "p:Send *"},
		{api.Grant{Action: "Other"}, "p:Other *"},
		{api.Grant{Action: "iam:PassRole"}, "iam:PassRole *"},
		{api.Grant{On: []string{"x/{Name}", "{Name}", "arn:z:{region}:{Name}"}}, "p:Send arn:eu-west-1:42:x/n n arn:z:eu-west-1:n"},
		{api.Grant{On: []string{"{Many}/{Items[].ID}"}}, "p:Send a/1 b/1 a/2 b/2"},
		{api.Grant{On: []string{"x/{Version}"}}, "p:Send *"},
		{api.Grant{On: []string{"x/{Version}", "y"}}, "p:Send arn:eu-west-1:42:y"},
		{api.Grant{If: "Version"}, ""},
		{api.Grant{If: "Version Name"}, "p:Send *"},
		{api.Grant{If: "Tags"}, "p:Send *"},
		{api.Grant{If: "Off"}, ""},
		{api.Grant{If: "On"}, "p:Send *"},
		{api.Grant{Unless: "Off Version"}, "p:Send *"},
		{api.Grant{Unless: "Off On"}, ""},
		{api.Grant{Keys: api.Keys{"p:at": "{At}", "p:off": "{Off}"}}, "p:Send * p:at=[2026-03-01T12:00:00Z] p:off=[false]"},
		{api.Grant{Unless: "Version"}, "p:Send *"},
		{api.Grant{If: "Limit", Unless: "Name"}, ""},
		{api.Grant{From: api.From(func(_ context.Context, at api.Place, in *SendInput) []string { return []string{at.Account + *in.Name} })},
			"p:Send 42n"},
		{api.Grant{From: api.From(func(context.Context, api.Place, *SendInput) []string { return nil })}, ""},
		{api.Grant{Keys: api.Keys{"p:limit": "{Limit}", "p:none": "{Version}", "p:const": "c"}}, "p:Send * p:const=[c] p:limit=[5]"},
		{api.Grant{Keys: api.Keys{"aws:RequestTag/": "{Tags}"}}, "p:Send * aws:RequestTag/j=[] aws:RequestTag/k=[v] aws:TagKeys=[j k]"},
		{api.Grant{Keys: api.Keys{"aws:RequestTag/": "{Labels}"}}, "p:Send * aws:RequestTag/l=[w] aws:TagKeys=[l]"},
		{api.Grant{Keys: api.Keys{"p:RequestObjectTag/": "{Header}"}},
			"p:Send * p:RequestObjectTag/x=[1] p:RequestObjectTag/y=[2] p:RequestObjectTagKeys=[x y]"},
		{api.Grant{On: []string{"{Nome}"}}, "error: the access of Send: api_test.SendInput has no member Nome"},
		{api.Grant{On: []string{"{Name"}}, `error: the access of Send: "{Name" has no closing brace`},
		{api.Grant{Ops: "Receive"}, "error: Send does not say what it asks of IAM"},
	} {
		if c.grant.Ops == "" {
			c.grant.Ops = "Other Send"
		}
		table := api.NewTable([]api.Service{{Name: "p", Ops: []api.Op{api.Handle(send)},
			Access: api.Access{Prefix: "p", ARN: "arn:{region}:{account}:", Grants: []api.Grant{c.grant}}}}, nil)
		table.Region = "eu-west-1"
		asked, err := table.Asks(t.Context(), api.Principal{Account: "42"}, "p", "Send", in)
		if got := asks(asked, err); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.grant, got, c.want)
		}
	}
}

func asks(asked []api.Request, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	var out []string
	for _, r := range asked {
		text := r.Action + " " + strings.Join(r.Resources, " ")
		if len(r.Conditions) > 0 {
			text += " " + strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(r.Conditions), "map["), "]") // in order of the keys
		}
		out = append(out, text)
	}
	return strings.ReplaceAll(strings.Join(out, "; "), ":[", "=[")
}

// TestANameIsNoARN names a thing as if it were another's ARN: only a member that may be one is taken for one.
func TestANameIsNoARN(t *testing.T) {
	in := &SendInput{Name: new("arn:aws:x:::theirs")}
	for on, want := range map[string]string{"x/{Name}": "p:Send base:x/arn:aws:x:::theirs", "x/{Name|arn}/*": "p:Send arn:aws:x:::theirs"} {
		table := api.NewTable([]api.Service{{Name: "p", Ops: []api.Op{api.Handle(send)},
			Access: api.Access{Prefix: "p", ARN: "base:", Grants: []api.Grant{{Ops: "Send", On: []string{on}}}}}}, nil)
		asked, err := table.Asks(t.Context(), api.Principal{}, "p", "Send", in)
		if got := asks(asked, err); got != want {
			t.Errorf("%s: got %s", on, got)
		}
	}
}

// TestARefusalComesBeforeTheHandler refuses a call, and one whose operation says nothing of IAM.
func TestARefusalComesBeforeTheHandler(t *testing.T) {
	ran := false
	op := api.Handle(func(context.Context, *glue.GetDatabasesInput) (*glue.GetDatabasesOutput, error) {
		ran = true
		return nil, nil
	})
	for name, grants := range map[string][]api.Grant{"refused": {{Ops: "GetDatabases"}}, "undeclared": nil} {
		table := api.NewTable([]api.Service{{Name: "glue", Ops: []api.Op{op}, Access: api.Access{Prefix: "p", Grants: grants}}}, nil)
		table.Authorize = func(context.Context, api.Request) error { return api.Errorf("AccessDenied", "no") }
		_, err := table.Invoke(api.WithPrincipal(t.Context(), api.Principal{}), "glue", "GetDatabases", &glue.GetDatabasesInput{})
		if want := map[string]string{"refused": "AccessDenied", "undeclared": "InternalFailure"}[name]; api.Code(err) != want || ran {
			t.Errorf("%s: got %v, ran %v", name, err, ran)
		}
	}
}

// TestAGuardDecides asks a guard before a handler, which is given the guard's context, and where nothing is called.
func TestAGuardDecides(t *testing.T) {
	type key struct{}
	seen := any(nil)
	op := api.Handle(func(ctx context.Context, _ *glue.GetDatabaseInput) (*glue.GetDatabaseOutput, error) {
		seen = ctx.Value(key{})
		return &glue.GetDatabaseOutput{}, nil
	}, api.Honours("Name"))
	guard := func(ctx context.Context, c api.Call) (context.Context, error) {
		asked, err := c.Asks()
		if err != nil || len(asked) != 1 || asked[0].Resources[0] == "shut" {
			return ctx, api.Errorf("AccessDenied", "%v %v", asked, err)
		}
		return context.WithValue(ctx, key{}, asked[0].Action), nil
	}
	service := api.Service{Name: "glue", Ops: []api.Op{op}, Guard: guard,
		Access: api.Access{Prefix: "p", Grants: []api.Grant{{Ops: "GetDatabase", On: []string{"{Name}"}}}}}
	table := api.NewTable([]api.Service{service, {Name: "q"}}, nil)
	ctx := api.WithPrincipal(t.Context(), api.Principal{Anonymous: true})
	if _, err := table.Invoke(ctx, "glue", "GetDatabase", &glue.GetDatabaseInput{Name: new("open")}); err != nil || seen != "p:GetDatabase" {
		t.Errorf("the handler saw %v, %v", seen, err)
	}
	seen = nil
	_, err := table.Invoke(ctx, "glue", "GetDatabase", &glue.GetDatabaseInput{Name: new("shut")})
	if api.Code(err) != "AccessDenied" || seen != nil {
		t.Errorf("a refused call: %v, the handler saw %v", err, seen)
	}
	ask := api.Request{Action: "p:Send", Resources: []string{"shut"}}
	if err := api.Allows(ctx, table, "glue", ask); api.Code(err) != "AccessDenied" {
		t.Errorf("without a call: %v", err)
	}
	for _, name := range []string{"q", "none"} {
		if err := api.Allows(ctx, table, name, ask); err != nil {
			t.Errorf("%s has no guard: %v", name, err)
		}
	}
}

package apitest

import (
	"context"
	"strings"
	"testing"

	"penstock/internal/api"
)

type leaf struct{ A, B *string }
type DoInput struct {
	Mode  string
	Count *int32
	Size  *int64
	Name  *string
	List  []leaf
	Map   map[string]leaf
	Self  *DoInput
}
type DoOutput struct{}

func neutralOp(opts ...api.Option) api.Op {
	o := op("Name", "List[].A", "Map{}.B", "Self.Name")
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

func op(paths ...string) api.Op {
	return api.Handle(func(context.Context, *DoInput) (*DoOutput, error) { return &DoOutput{}, nil }, api.Honours(paths...))
}

func TestProblems(t *testing.T) {
	undeclared := op("Name")
	undeclared.Name = "Undo"
	own := op("Name", "List[].A", "Map{}.B", "Self.Name")
	own.Own = true
	for _, c := range []struct {
		ops      []api.Op
		on, want string
	}{
		{[]api.Op{op("Name", "List[].A", "Map{}.B", "Self.Name")}, "x/{Name}/{List[].A}", ""},
		{[]api.Op{undeclared}, "", "Undo does not say what it asks of IAM"},
		{[]api.Op{op("Name")}, "x/{Nome}", "the access of Do: apitest.DoInput has no member Nome"},
		{[]api.Op{op("Name"), op("Name")}, "", "Do is listed twice"},
		{[]api.Op{op("Nom")}, "", "Do lists Nom"},
		{[]api.Op{own}, "", "Do: the names of operations that AWS has not"},
		{[]api.Op{op("List[].C")}, "", "Do lists List[].C"},
		{[]api.Op{neutralOp(api.Holds("Map{}.A", "y", "z"), api.Holds("Mode", "OFF"), api.Holds("Count", "1", "2"), api.Asks("Size"))}, "", ""},
		{[]api.Op{neutralOp(api.Holds("Mod", "OFF"))}, "", "Do has neutral values of Mod"},
		{[]api.Op{neutralOp(api.Holds("Name", "x"))}, "", "Do: Name is listed"},
	} {
		got := strings.Join(problems(api.Service{Name: "test", SDK: "Test", Ops: c.ops,
			Access: api.Access{Grants: []api.Grant{{Ops: "Do", On: []string{c.on}}}}}), "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestRefusalsAreByName sets members that are not listed, at every depth, and members that ask for nothing.
func TestRefusalsAreByName(t *testing.T) {
	x, none, zero := new("x"), new(string), new(int64)
	holds := []api.Option{api.Holds("Mode", "OFF"), api.Holds("Self.Mode", "OFF"), api.Holds("Self.List[].B", "x"), api.Asks("Size")}
	o := op("Name", "List[].A", "Map{}.B")
	for _, opt := range holds {
		opt(&o)
	}
	for _, c := range []struct {
		want string
		in   DoInput
	}{
		{"List[].B", DoInput{List: []leaf{{A: x}, {B: x}}}},
		{"", DoInput{List: []leaf{{A: x}, {B: none}}}},
		{"Map{}.A", DoInput{Map: map[string]leaf{"k": {A: x}}}},
		{"", DoInput{Map: map[string]leaf{"k": {A: none}}}},
		{"", DoInput{Self: &DoInput{}}},
		{"", DoInput{Self: &DoInput{Name: none, List: []leaf{}, Map: map[string]leaf{}, Size: zero}}},
		{"Self", DoInput{Self: &DoInput{Name: x}}},
		{"", DoInput{Self: &DoInput{Mode: "OFF", List: []leaf{{B: x}, {B: none}}}}},
		{"Self", DoInput{Self: &DoInput{List: []leaf{{B: x}, {A: x}}}}},
		{"Self", DoInput{Self: &DoInput{Map: map[string]leaf{"k": {}}}}},
		{"", DoInput{Mode: "OFF"}},
		{"Mode", DoInput{Mode: "ON"}},
		{"", DoInput{Count: new(int32)}},
		{"Size", DoInput{Size: zero}},
		{"", DoInput{Name: x, List: []leaf{{A: x}}, Map: map[string]leaf{"k": {B: x}}}},
	} {
		if got := o.Refuses(&c.in); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.in, got, c.want)
		}
	}
}

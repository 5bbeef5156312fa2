package apitest

import (
	"context"
	"strings"
	"testing"

	"penstock/internal/api"
)

type leaf struct{ A, B *string }
type DoInput struct {
	Name *string
	List []leaf
	Map  map[string]leaf
	Self *DoInput
}
type DoOutput struct{}

func op(paths ...string) api.Op {
	return api.Handle(func(context.Context, *DoInput) (*DoOutput, error) { return &DoOutput{}, nil }, api.Honours(paths...))
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		ops  []api.Op
		want string
	}{
		{[]api.Op{op("Name", "List[].A", "Map{}.B", "Self.Name")}, ""},
		{[]api.Op{op("Name"), op("Name")}, "Do is listed twice"},
		{[]api.Op{op("Nom")}, "Do lists Nom"},
		{[]api.Op{op("List[].C")}, "Do lists List[].C"},
	} {
		got := strings.Join(problems(api.Service{Name: "test", Ops: c.ops}), "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestRefusalsAreByName sets members that are not listed, at every depth.
func TestRefusalsAreByName(t *testing.T) {
	o := op("Name", "List[].A", "Map{}.B")
	for want, in := range map[string]*DoInput{
		"List[].B": {List: []leaf{{A: new(string)}, {B: new(string)}}},
		"Map{}.A":  {Map: map[string]leaf{"k": {A: new(string)}}},
		"Self":     {Self: &DoInput{}},
		"":         {Name: new(string), List: []leaf{{A: new(string)}}, Map: map[string]leaf{"k": {B: new(string)}}},
	} {
		if got := o.Refuses(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

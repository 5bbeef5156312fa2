package tag

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

func TestRules(t *testing.T) {
	long := map[string]string{}
	for i := range Most + 1 {
		long[fmt.Sprint(i)] = ""
	}
	for want, tags := range map[string]map[string]string{
		"":        {"Owner": "a b@c.d/e=f+g-h:i_j", strings.Repeat("ü", KeyLimit): strings.Repeat("ü", ValueLimit), "awsome": ""},
		"at most": long, "aws:": {"AWS:x": "1"}, "length": {strings.Repeat("k", KeyLimit+1): ""},
		"character": {"k": "a;b"}, "no tag has": {"": "v"},
	} {
		err := Check(tags)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestStore: what a refused Add has written is gone with its closure.
func TestStore(t *testing.T) {
	s := metatest.OpenTemp(t, Schema)
	many := map[string]string{}
	for i := range Most {
		many[fmt.Sprint(i)] = "v"
	}
	update := func(fn func(*meta.Tx) error) error { return s.Update(t.Context(), fn) }
	of := func(arn string) (tags map[string]string) {
		if err := s.View(t.Context(), func(tx *meta.Tx) (err error) { tags, err = Of(tx, arn); return err }); err != nil {
			t.Fatal(err)
		}
		return tags
	}
	if err := update(func(tx *meta.Tx) error {
		return errors.Join(Add(tx, "a/1", many), Add(tx, "a/1", map[string]string{"3": "w"}), Add(tx, "b", many))
	}); err != nil {
		t.Fatal(err)
	}
	var p *Problem
	if err := update(func(tx *meta.Tx) error { return Add(tx, "a/1", map[string]string{"x": ""}) }); !errors.As(err, &p) || !p.TooMany {
		t.Errorf("one too many: %v", err)
	}
	many["3"] = "w"
	if got := of("a/1"); !maps.Equal(got, many) {
		t.Errorf("tags %v", got)
	}
	if err := update(func(tx *meta.Tx) error {
		return errors.Join(Remove(tx, "b", []string{"3", "none"}), DropBelow(tx, "a/"))
	}); err != nil {
		t.Fatal(err)
	}
	if len(of("a/1")) != 0 || len(of("b")) != Most-1 {
		t.Errorf("left %v and %v", of("a/1"), of("b"))
	}
	if err := update(func(tx *meta.Tx) error { return Drop(tx, "b") }); err != nil || len(of("b")) != 0 {
		t.Error(of("b"), err)
	}
}

func TestForms(t *testing.T) {
	type pair struct{ k, v *string }
	tags := map[string]string{"b": "2", "a": "", "c": "3"}
	list := List(tags, func(k, v *string) pair { return pair{k, v} })
	if len(list) != 3 || *list[0].k != "a" || *list[2].v != "3" {
		t.Errorf("%v", list)
	}
	if got := Map(append(list, pair{}), func(p pair) (*string, *string) { return p.k, p.v }); !maps.Equal(got, tags) {
		t.Errorf("%v", got)
	}
	if !Match(tags, "b", nil) || !Match(tags, "b", []string{"x", "2"}) || Match(tags, "b", []string{"3"}) || Match(tags, "d", nil) {
		t.Error("filter")
	}
}

package lease_test

import (
	"maps"
	"testing"

	"penstock/internal/object/lease"
)

func TestLeases(t *testing.T) {
	var l lease.Leases
	if l.Held("a") || len(l.Owners()) != 0 {
		t.Error("the zero value holds something")
	}
	l.Add("w1", []string{"a", "b"})
	l.Add("w1", []string{"b", "c"})
	l.Add("w2", []string{"b"})
	if want := map[string]int{"w1": 3, "w2": 1}; !maps.Equal(l.Owners(), want) {
		t.Errorf("owners %v", l.Owners())
	}
	l.Release("w1")
	l.Release("nobody")
	if l.Held("a") || !l.Held("b") || l.Held("c") {
		t.Error("a lease outlives its owner's release, or ends with another's")
	}
}

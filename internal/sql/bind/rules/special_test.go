package rules

import (
	"testing"

	"penstock/internal/sql/dialect"
)

// TestFunctionsMeanOneThing: a name has signatures, or a rule that exists, or a reason why it is refused; and each rule is some dialect's.
func TestFunctionsMeanOneThing(t *testing.T) {
	used := map[string]bool{}
	for _, d := range []*dialect.Dialect{dialect.Redshift, dialect.Spark} {
		for name, f := range d.Functions() {
			n := 0
			for _, has := range []bool{f.Signatures != nil, f.Rule != "", f.Refused != ""} {
				if has {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s: %s has %d meanings", d, name, n)
			}
			if f.Kind == dialect.Generator || f.Kind == dialect.Higher { // package bind has their rules
				continue
			}
			if f.Rule != "" && special[f.Rule] == nil {
				t.Errorf("%s: %s names the rule %s, which does not exist", d, name, f.Rule)
			}
			if f.Kind != dialect.Scalar && len(f.Signatures) != 1 {
				t.Errorf("%s: the aggregate %s has %d signatures", d, name, len(f.Signatures))
			}
			used[f.Rule] = true
		}
	}
	for rule := range special {
		if !used[rule] {
			t.Errorf("no dialect uses the rule %s", rule)
		}
	}
}

package bind

import (
	"sort"

	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/funcs"
)

// Functions lists the functions of a dialect: those of one row, and the aggregate and window functions.
func Functions(d *dialect.Dialect) (scalar, aggregate []string) {
	b := &binder{Rules: &rules.Rules{D: d}}
	seen := map[string]bool{}
	for _, n := range append(funcs.Names(d), b.SpecialNames()...) {
		if !seen[n] && (b.Special(n) != nil || funcs.Find(d, n) != nil) {
			seen[n] = true
			scalar = append(scalar, n)
		}
	}
	sort.Strings(scalar)
	return scalar, b.aggregateNames()
}

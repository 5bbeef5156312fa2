package bind

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
)

// TestCallsOfAnyArity binds each function with none to four arguments: whatever is refused is refused with an error, and an unknown
// function's hint never names the function itself.
func TestCallsOfAnyArity(t *testing.T) {
	for _, d := range []*dialect.Dialect{dialect.Redshift, dialect.Spark} {
		scalar, aggregate := d.Listed()
		for _, name := range append(append(scalar, aggregate...), "isnull", "strtol", "nope") {
			for n := range 5 {
				for _, arg := range []string{"1", "'a'", "NULL", "c"} {
					args := strings.TrimSuffix(strings.Repeat(arg+", ", n), ", ")
					for _, form := range []string{"SELECT %s(%s) FROM", "SELECT %s(%s) OVER () FROM", "SELECT %s(*) FROM",
						"SELECT %s(*) OVER (ORDER BY c) FROM"} {
						form = strings.Replace(form, "(*)", "(*%.0s)", 1)
						bindOne(t, d, fmt.Sprintf(form+" (SELECT 1 AS c) q", name, args), name)
					}
				}
			}
		}
	}
}

func bindOne(t *testing.T, d *dialect.Dialect, sql, name string) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s: %v", sql, r)
		}
	}()
	trees, err := parse.Statements(sql, d)
	if err != nil {
		return
	}
	_, err = Statement(trees[0], Options{Dialect: d, Text: sql})
	if err != nil && strings.Contains(err.Error(), "did you mean "+strings.ToUpper(name)+"?") {
		t.Errorf("%s: %v", sql, err)
	}
}

package dqdl

import (
	"strings"
	"testing"
)

func TestOneRule(t *testing.T) {
	r, err := ParseRule(`(IsComplete "b") and (ColumnValues "a" between 1 and 5 where "c > 1") and ` +
		`(CustomSql "SELECT 1" = 1) and (RowCount > 0)`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Columns(), " "); got != "a b" {
		t.Errorf("the columns are %s", got)
	}
	if got := r.Hint(); got != "between leaves its bounds out: 1 and 5 themselves do not fit" {
		t.Errorf("the hint is %q", got)
	}
	for text, want := range map[string]string{
		`RowCount > 0 ]`: `line 1, column 14: the rule ends before "]"; a further rule is an item of its own`,
		`RowCount >`:     `line 1, column 11: a value is wanted here, not the end of the text`,
		``:               `line 1, column 1: the end of the text is not a rule type`,
	} {
		if _, err := ParseRule(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if r, err := ParseRule(`ColumnValues "a" not between 1 and 5`); err != nil || r.Hint() != "" {
		t.Errorf("%v, %q", err, r.Hint())
	}
}

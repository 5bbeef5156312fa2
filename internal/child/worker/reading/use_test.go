package reading

import (
	"strings"
	"testing"

	"penstock/internal/schema"
)

func TestUsedColumns(t *testing.T) {
	s := &Source{Columns: []schema.Field{{Name: "a"}, {Name: "b"}, {Name: "odd name"}}, Data: 3}
	for sql, want := range map[string]string{
		"SELECT a FROM t":                     "1",
		"SELECT A * 2, count(*) FROM t":       "1",
		"SELECT * FROM t":                     "",
		"SELECT t.* FROM t":                   "",
		"SELECT a, * FROM t":                  "",
		"SELECT -- a comment\n * FROM t":      "",
		"SELECT /* one */ * FROM t":           "",
		"SELECT DISTINCT * FROM t":            "",
		"SELECT 1 FROM t NATURAL JOIN u":      "",
		"SELECT 'x--y', b FROM t -- and no a": "",
		"SELECT 1 FROM t":                     "0 1",
	} {
		s.Use(sql)
		var got []string
		for i := range 3 {
			if s.unused[i] {
				got = append(got, string(rune('0'+i)))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s leaves out %v, want %q", sql, got, want)
		}
	}
}

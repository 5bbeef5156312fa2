package column_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"penstock/internal/column"
)

func TestFindingSaysWhereAndWhat(t *testing.T) {
	for _, c := range []struct {
		f    column.Finding
		want string
	}{
		{column.Finding{Row: 2, Line: 3, Offset: 40, Column: "a.b", Text: []byte("n/a"), Problem: "not a number"},
			`line 3, column a.b: not a number: "n/a"`},
		{column.Finding{Row: 2, Offset: 40, Problem: "cut short"}, "row 2: cut short"},
		{column.Finding{Offset: 40, Problem: "cut short", Text: []byte{0, 0xff}}, `byte 40: cut short: "\x00\xff"`},
		{column.Finding{Problem: "empty"}, "empty"},
	} {
		if got := c.f.String(); got != c.want {
			t.Errorf("%s, not %s", got, c.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("é", 100),
		"x" + strings.Repeat("é", 100), "xx" + strings.Repeat("😀", 50), strings.Repeat("\x80", 200)} {
		text := []byte(s)
		got := column.Excerpt(text)
		if !strings.HasPrefix(s, string(got)) || len(got) > 64 || len(got) < min(len(s), 60) || utf8.ValidString(s) && !utf8.Valid(got) {
			t.Errorf("the excerpt of %q is %q", s, got)
		}
		if len(got) > 0 {
			text[0] = '?'
			if got[0] != s[0] {
				t.Error("the excerpt is not a copy")
			}
		}
	}
}

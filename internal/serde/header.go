package serde

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/schema"
)

// checkHeader compares a file's header with the catalog's data columns, by name and in order: data that slips under another column's
// name is worse than data that does not arrive.
func checkHeader(header [][]byte, columns []schema.Field) error {
	have, want := make([]string, len(header)), make([]string, len(columns))
	for i, h := range header {
		have[i] = Canonical(string(h))
	}
	for i, c := range columns {
		want[i] = Canonical(c.Name)
	}
	for i, name := range have {
		if i < len(want) && name == want[i] {
			continue
		}
		raw := strings.TrimSpace(string(header[i]))
		at := slices.Index(want, name)
		switch {
		case at >= 0 && i < len(want) && slices.Contains(have, want[i]):
			return fmt.Errorf("column %q: the columns are reordered: it stands at place %d, in the catalog at place %d", raw, i+1, at+1)
		case at < 0 && i < len(want) && !slices.Contains(have, want[i]):
			return fmt.Errorf("column %q: the catalog has %q at this place: the column was renamed", raw, columns[i].Name)
		case at < 0:
			return fmt.Errorf("column %q: the catalog has no such column: it was added; schema: "+
				"evolve of a crawled source takes new columns", raw)
		default:
			return fmt.Errorf("column %q: the column is missing from the file", missing(have, want, columns))
		}
	}
	if len(have) < len(want) {
		return fmt.Errorf("column %q: the column is missing from the file", columns[len(have)].Name)
	}
	return nil
}

// missing names the first catalog column that the file lacks.
func missing(have, want []string, columns []schema.Field) string {
	for i, w := range want {
		if !slices.Contains(have, w) {
			return columns[i].Name
		}
	}
	return columns[len(columns)-1].Name
}

// Canonical is a column's name as a crawler would write it: lower case, anything but letters, digits and _ as _.
func Canonical(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.ToLower(strings.TrimSpace(s)))
}

// places gives for each catalog column at which place the file has it, -1 for none: files of a source that evolves may lack columns and
// have them in any order, but for one that a crawl has not seen yet.
func places(header [][]byte, columns []schema.Field) ([]int, error) {
	at := make([]int, len(columns))
	for i := range at {
		at[i] = -1
	}
	for i, h := range header {
		name := Canonical(string(h))
		k := slices.IndexFunc(columns, func(c schema.Field) bool { return Canonical(c.Name) == name })
		switch {
		case k < 0:
			return nil, fmt.Errorf("column %q: the catalog does not have this column yet: the crawl of the next run adds it",
				strings.TrimSpace(string(h)))
		case at[k] >= 0:
			return nil, fmt.Errorf("column %q: the file has this column twice", strings.TrimSpace(string(h)))
		}
		at[k] = i
	}
	return at, nil
}

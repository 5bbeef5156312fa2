package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// lateColumns is a query for the columns of the late-binding views, as those that can be bound now have them.
func (s *Session) lateColumns(ctx context.Context, cat *store.Catalog) string {
	parts := []string{"select ''::varchar, ''::varchar, ''::varchar, ''::varchar, 0 where false"}
	s.listing = true
	defer func() { s.listing = false }()
	for _, schema := range slices.Sorted(maps.Keys(cat.Tables)) {
		for _, name := range slices.Sorted(maps.Keys(cat.Tables[schema])) {
			t := cat.Tables[schema][name]
			if !t.LateBinding {
				continue
			}
			b, _, _, err := s.bindLate(ctx, t)
			if err != nil {
				continue
			}
			for i, c := range b.Columns {
				parts = append(parts, fmt.Sprintf("select %s, %s, %s, %s, %d", engine.Literal(schema), engine.Literal(name), engine.Literal(c.Name),
					engine.Literal(spelled(stored(c.Type))), i+1))
			}
		}
	}
	return strings.Join(parts, " union all ")
}

// spelled is a type in the words of the catalog.
func spelled(t typed.Type) string {
	word, length, _ := strings.Cut(t.String(), "(")
	long := map[string]string{"varchar": "character varying", "char": "character", "decimal": "numeric",
		"timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone", "time": "time without time zone",
		"timetz": "time with time zone"}[word]
	if long == "" {
		return t.String()
	}
	if length != "" {
		length = "(" + length
	}
	return long + length
}

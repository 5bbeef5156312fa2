package meta

import (
	"context"
	"fmt"
	"strings"
)

// Head is the first line of a script of schemas: which they are, in which versions.
func Head(schemas []Schema) string {
	var b strings.Builder
	b.WriteString("--")
	for _, s := range schemas {
		fmt.Fprintf(&b, " %s %d", s.Name, len(s.Migrations))
	}
	return b.String()
}

// MigrateFresh is Migrate with a shorter way for a store that has no tables yet: it is given those of script, which are what all the steps
// would have made. (Each step that makes a table again lets SQLite read the whole schema anew.) A script whose first line is not the Head
// of schemas is of other versions and not used.
func (s *Store) MigrateFresh(ctx context.Context, script string, schemas ...Schema) error {
	head, statements, _ := strings.Cut(script, "\n")
	if fresh, err := s.fresh(ctx); err != nil || !fresh || head != Head(schemas) {
		if err == nil {
			err = s.Migrate(ctx, schemas...)
		}
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(statements); err != nil {
			return fmt.Errorf("make the tables: %w", err)
		}
		for _, sc := range schemas {
			if _, err := tx.Exec("INSERT INTO meta_schema (name, version) VALUES (?, ?)", sc.Name, len(sc.Migrations)); err != nil {
				return err
			}
		}
		return nil
	})
}

// fresh reports whether the store has no tables but this package's.
func (s *Store) fresh(ctx context.Context) (fresh bool, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow("SELECT NOT EXISTS (SELECT 1 FROM meta_schema WHERE name <> ?)", callSchema.Name).Scan(&fresh)
	})
	return fresh, err
}

package meta

import (
	"strings"
	"testing"
)

// TestFreshStores: a script is for a store without tables and for the versions that its head names; all others go step by step.
func TestFreshStores(t *testing.T) {
	once := Schema{Name: "n", Migrations: []string{`CREATE TABLE steps (a)`}}
	twice := Schema{Name: "n", Migrations: []string{`CREATE TABLE steps (a)`, `CREATE TABLE more (a)`}}
	script := Head([]Schema{twice}) + "\nCREATE TABLE whole (a); CREATE INDEX whole_a ON whole (a);\n"
	for name, c := range map[string]struct {
		before, now []Schema
		want        string
	}{
		"a new store":       {nil, []Schema{twice}, "whole"},
		"one that exists":   {[]Schema{once}, []Schema{twice}, "more steps"},
		"another version":   {nil, []Schema{once}, "steps"},
		"another next time": {nil, []Schema{twice, {Name: "o", Migrations: []string{`CREATE TABLE other (a)`}}}, "more other steps"},
	} {
		s := openTemp(t, t.TempDir(), c.before...)
		for range 2 {
			if err := s.MigrateFresh(t.Context(), script, c.now...); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		var got []string
		err := s.View(t.Context(), func(tx *Tx) error {
			rows, err := tx.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'meta_%' ` +
				`AND name <> 'call_answer' ORDER BY name`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var n string
				if err := rows.Scan(&n); err != nil {
					return err
				}
				got = append(got, n)
			}
			return rows.Err()
		})
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, %v; want %s", name, got, err, c.want)
		}
	}
}

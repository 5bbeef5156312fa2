// Package metatest opens metadata stores for tests. It is imported by tests only.
package metatest

import (
	"context"
	"fmt"
	"testing"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// OpenTemp opens a store in a temporary folder with the given schemas and the real clock, and closes it when the test ends.
func OpenTemp(t testing.TB, schemas ...meta.Schema) *meta.Store {
	t.Helper()
	return Open(t, t.TempDir(), clock.Real{}, schemas...)
}

// Open opens the store in dir, which a test may have closed before, with a clock of its choice.
func Open(t testing.TB, dir string, c clock.Clock, schemas ...meta.Schema) *meta.Store {
	t.Helper()
	s, err := meta.Open(context.Background(), dir, schemas, meta.Options{Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Left makes the store in dir as an earlier program left it: with schemas of that time (see At) and the rows that statements write.
func Left(t testing.TB, dir string, schemas []meta.Schema, statements ...string) {
	t.Helper()
	s, err := meta.Open(context.Background(), dir, schemas, meta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(context.Background(), func(tx *meta.Tx) error {
		for _, q := range statements {
			if _, err := tx.Exec(q); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// At is a schema as it was in an earlier version.
func At(s meta.Schema, version int) meta.Schema {
	s.Migrations = s.Migrations[:version]
	return s
}

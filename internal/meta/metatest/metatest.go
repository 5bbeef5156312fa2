// Package metatest opens metadata stores for tests. It is imported by tests only.
package metatest

import (
	"context"
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

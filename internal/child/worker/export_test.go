package worker

import (
	"testing"

	"penstock/internal/engine"
)

// Text is text, for tests outside of the package.
func Text(t testing.TB, e *engine.Engine, sql string) string { t.Helper(); return text(t, e, sql) }

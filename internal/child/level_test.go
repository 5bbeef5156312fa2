package child

import (
	"log/slog"
	"testing"
)

// TestLevelOf keeps a child's errors visible where only warnings are shown.
func TestLevelOf(t *testing.T) {
	for line, want := range map[string]slog.Level{
		`time=2026-01-05T10:00:00Z level=ERROR msg="a statement failed"`: slog.LevelError,
		`time=2026-01-05T10:00:00Z level=INFO msg="x level=ERROR"`:       slog.LevelInfo,
		`time=2026-01-05T10:00:00Z level=DEBUG msg=x`:                    slog.LevelDebug,
		"panic: runtime error":  slog.LevelWarn,
		"goroutine 1 [running]": slog.LevelWarn,
		"x level=DEBUG y":       slog.LevelWarn,
		"time=1 level=LOUD":     slog.LevelWarn,
		"":                      slog.LevelWarn,
	} {
		if got := levelOf(line); got != want {
			t.Errorf("%q is %v, want %v", line, got, want)
		}
	}
}

// Package testcorpus finds the folder of conformance cases and real data sets that some tests read. It is for tests only: nothing of
// the corpus is part of Penstock.
package testcorpus

import (
	"os"
	"testing"
)

// Dir returns the folder named by PENSTOCK_CORPUS. Without it the test is skipped with a message, or fails when CI=true.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("PENSTOCK_CORPUS")
	if dir != "" {
		return dir
	}
	const msg = "PENSTOCK_CORPUS does not name the folder of conformance cases and data sets"
	if os.Getenv("CI") == "true" {
		t.Fatal(msg)
	}
	t.Skip(msg)
	return ""
}

// NeedTool skips the test when a program that it drives is not installed, or fails it when CI=true.
func NeedTool(t testing.TB, found bool, what string) {
	t.Helper()
	switch {
	case found:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is not installed", what)
	default:
		t.Skipf("%s is not installed", what)
	}
}

package engine

import "testing"

// TestFullDiskHasWordsOfItsOwn: DuckDB names its file, which nobody but us knows.
func TestFullDiskHasWordsOfItsOwn(t *testing.T) {
	for msg, kind := range map[string]string{
		`TransactionContext Error: Failed to commit: Could not write file "/d/dev~.duckdb.wal": No space left on device`: "TransactionContext",
		`FATAL Error: Failed: database has been invalidated because of a previous fatal error: No space left on device`:  "FATAL",
	} {
		e := newError(msg)
		if !e.Full || e.Kind != kind || e.Error() != e.Detail() ||
			e.Error() != "the disk of the data directory is full; make room and try again" {
			t.Errorf("%s: %+v", msg, e)
		}
	}
	if e := newError("IO Error: Could not read file"); e.Full || e.Message != "IO Error: Could not read file" {
		t.Errorf("%+v", e)
	}
}

// TestFaultsCompile: the rules' expressions are compiled when an error is first translated.
func TestFaultsCompile(t *testing.T) {
	for _, f := range faults {
		f.match()
	}
}

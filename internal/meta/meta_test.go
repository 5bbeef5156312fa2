package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var notes = Schema{Name: "notes", Migrations: []string{
	`CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`,
}}

func openTemp(t testing.TB, dir string, schemas ...Schema) *Store {
	t.Helper()
	s, err := Open(context.Background(), dir, schemas, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func add(text string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO note (text) VALUES (?)", text)
		return err
	}
}

func texts(t testing.TB, s *Store) string {
	t.Helper()
	var out []string
	err := s.View(context.Background(), func(tx *Tx) error {
		rows, err := tx.Query("SELECT text FROM note ORDER BY text")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func TestFailingClosureHarmsNoNeighbour(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx := context.Background()
	release := make(chan struct{})
	hold := func(*Tx) error { <-release; return nil }
	go s.Update(ctx, hold) // the others pile up behind it and share a batch
	var wg sync.WaitGroup
	boom := errors.New("boom")
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.Update(ctx, func(tx *Tx) error {
				if err := add(fmt.Sprintf("n%02d", i))(tx); err != nil {
					return err
				}
				if i%2 == 1 {
					return boom
				}
				return nil
			})
		})
	}
	time.Sleep(20 * time.Millisecond)
	close(release)
	wg.Wait()
	for i, err := range errs {
		if want := i%2 == 1; errors.Is(err, boom) != want {
			t.Errorf("closure %d: %v", i, err)
		}
	}
	if got, want := texts(t, s), "n00 n02 n04 n06 n08 n10 n12 n14 n16 n18"; got != want {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func TestPanicReachesItsCallerOnly(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	func() {
		defer func() {
			if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "kaboom") {
				t.Errorf("recovered %v", p)
			}
		}()
		s.Update(context.Background(), func(tx *Tx) error { add("lost")(tx); panic("kaboom") })
	}()
	if err := s.Update(context.Background(), add("kept")); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, s); got != "kept" {
		t.Errorf("rows %q", got)
	}
}

func TestNestingPanicsInTests(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx := context.Background()
	nothing := func(*Tx) error { return nil }
	calls := map[string]func(){
		"Update in Update": func() { s.Update(ctx, func(*Tx) error { return s.Update(ctx, nothing) }) },
		"View in Update":   func() { s.Update(ctx, func(*Tx) error { return s.View(ctx, nothing) }) },
		"Update in View":   func() { s.View(ctx, func(*Tx) error { return s.Update(ctx, nothing) }) },
		"View in View":     func() { s.View(ctx, func(*Tx) error { return s.View(ctx, nothing) }) },
	}
	for name, call := range calls {
		func() {
			defer func() {
				if p := recover(); p == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			call()
		}()
	}
	if err := s.Update(ctx, add("after")); err != nil {
		t.Fatal(err)
	}
}

func TestViewCannotWriteAndSeesASnapshot(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx := context.Background()
	count := func(tx *Tx) (n int) { tx.QueryRow("SELECT count(*) FROM note").Scan(&n); return n }
	err := s.View(ctx, func(tx *Tx) error {
		before := count(tx)
		done := make(chan error)
		go func() { done <- s.Update(ctx, add("x")) }()
		if err := <-done; err != nil {
			return err
		}
		if got := count(tx); got != before {
			t.Errorf("the snapshot changed from %d to %d rows", before, got)
		}
		return add("y")(tx)
	})
	if !errors.Is(err, errReadOnly) {
		t.Errorf("a write in a View: %v", err)
	}
}

func TestFailedCommitEndsTheStore(t *testing.T) {
	dir := t.TempDir()
	s := openTemp(t, dir, notes, Schema{Name: "fk", Migrations: []string{
		`CREATE TABLE child (note INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)`}})
	ctx := context.Background()
	if err := s.Update(ctx, add("early")); err != nil {
		t.Fatal(err)
	}
	// A deferred constraint is checked by COMMIT: the only way to make SQLite fail there without breaking the disk. The setting must be
	// made outside of a transaction, so it is slipped to the writer's connection by way of a failing batch.
	if err := enforceForeignKeys(s); err != nil {
		t.Fatal(err)
	}
	var ran bool
	err := s.Update(ctx, func(tx *Tx) error {
		tx.AfterCommit(func() { ran = true })
		_, err := tx.Exec("INSERT INTO child VALUES (99)")
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") {
		t.Fatalf("commit: %v", err)
	}
	if ran {
		t.Error("AfterCommit ran after a failed commit")
	}
	if err := s.Update(ctx, add("late")); err == nil || !strings.Contains(err.Error(), "must be reopened") {
		t.Errorf("update after a failed commit: %v", err)
	}
	if err := s.View(ctx, func(*Tx) error { return nil }); err == nil {
		t.Error("view after a failed commit worked")
	}
	s.Close()
	if got := texts(t, openTemp(t, dir, notes)); got != "early" {
		t.Errorf("after reopening: %q", got)
	}
}

func enforceForeignKeys(s *Store) error {
	return s.Update(context.Background(), func(tx *Tx) error {
		w := tx.q.(writeTx)
		if err := w.w.exec("COMMIT; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; SAVEPOINT closure"); err != nil {
			return err
		}
		return nil
	})
}

func TestLostTransactionFailsTheBatchOnly(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx := context.Background()
	// SQLite ends the whole transaction by itself when the disk is full; a ROLLBACK in the closure is the same to the writer.
	err := s.Update(ctx, func(tx *Tx) error {
		w := tx.q.(writeTx)
		return w.w.exec("ROLLBACK")
	})
	if err == nil || !strings.Contains(err.Error(), "rolled back with its batch") {
		t.Fatalf("update: %v", err)
	}
	if err := s.Update(ctx, add("next")); err != nil {
		t.Fatalf("the store did not go on: %v", err)
	}
}

func TestFullDatabaseLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s := openTemp(t, dir, notes)
	ctx := context.Background()
	if err := s.Update(ctx, add("first")); err != nil {
		t.Fatal(err)
	}
	s.Update(ctx, func(tx *Tx) error { _, err := tx.Exec("PRAGMA max_page_count = 12"); return err })
	var full error
	for range 50 {
		if full = s.Update(ctx, add(strings.Repeat("z", 4000))); full != nil {
			break
		}
	}
	if full == nil || !IsFull(full) || IsFull(errors.New("other")) {
		t.Fatalf("error of a full database: %v", full)
	}
	s.Update(ctx, func(tx *Tx) error { _, err := tx.Exec("PRAGMA max_page_count = 100000"); return err })
	if err := s.Update(ctx, add("last")); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, s); !strings.HasPrefix(got, "first last") {
		t.Errorf("rows: %.40q", got)
	}
}

func TestReopenKeepsRowsRaisesEpochAndMigrates(t *testing.T) {
	dir := t.TempDir()
	s := openTemp(t, dir, notes)
	if err := s.Update(context.Background(), add("kept")); err != nil {
		t.Fatal(err)
	}
	first := s.Epoch()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(context.Background(), add("late")); !errors.Is(err, ErrClosed) {
		t.Errorf("update after Close: %v", err)
	}
	if err := s.View(context.Background(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("view after Close: %v", err)
	}
	second := Schema{Name: "notes", Migrations: append(notes.Migrations[:1:1], `ALTER TABLE note ADD COLUMN extra TEXT DEFAULT 'e'`)}
	s = openTemp(t, dir, second)
	if s.Epoch() != first+1 {
		t.Errorf("epoch %d after %d", s.Epoch(), first)
	}
	if got := texts(t, s); got != "kept" {
		t.Errorf("rows %q", got)
	}
	s.Close()
	if _, err := Open(context.Background(), dir, []Schema{notes}, Options{}); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("a newer schema was accepted: %v", err)
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	dir := t.TempDir()
	bad := Schema{Name: "bad", Migrations: []string{`CREATE TABLE a (x)`, `CREATE TABLE nonsense syntax`}}
	if _, err := Open(context.Background(), dir, []Schema{notes, bad}, Options{}); err == nil ||
		!strings.Contains(err.Error(), "migration 1") {
		t.Fatalf("bad migration: %v", err)
	}
	good := Schema{Name: "bad", Migrations: []string{`CREATE TABLE a (x)`}}
	openTemp(t, dir, notes, good)
}

// TestMigrateOfAnOpenStore: tables of later comers appear whole or not at all, rows stay, and a store of a newer program is refused.
func TestMigrateOfAnOpenStore(t *testing.T) {
	ctx := context.Background()
	s := openTemp(t, t.TempDir())
	two := Schema{Name: "two", Migrations: []string{`CREATE TABLE b (x); CREATE INDEX bx ON b (x)`, `CREATE TABLE nonsense syntax`}}
	if err := s.Migrate(ctx, notes, two); err == nil || !strings.Contains(err.Error(), "schema two: migration 1") {
		t.Fatalf("bad migration: %v", err)
	}
	two.Migrations[1] = `INSERT INTO b VALUES ('kept')`
	for range 2 {
		if err := s.Migrate(ctx, notes, two); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	err := s.View(ctx, func(tx *Tx) error { return tx.QueryRow(`SELECT count(*) FROM b INDEXED BY bx WHERE x > ''`).Scan(&n) })
	if err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	two.Migrations = two.Migrations[:1]
	if err := s.Migrate(ctx, two); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("a newer schema was accepted: %v", err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "FORMAT"), []byte("meta 99\n"), 0o600)
	if _, err := Open(context.Background(), dir, nil, Options{}); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Fatalf("format 99: %v", err)
	}
}

func TestNotifyComesAfterCommitAndNotAfterFailure(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx := context.Background()
	ch, stop := s.Watch("notes")
	s.Update(ctx, func(tx *Tx) error { tx.Notify("notes"); return errors.New("no") })
	select {
	case <-ch:
		t.Fatal("notified of a change that did not happen")
	default:
	}
	if err := s.Update(ctx, func(tx *Tx) error { tx.Notify("notes"); return add("a")(tx) }); err != nil {
		t.Fatal(err)
	}
	<-ch
	stop()
	s.Update(ctx, func(tx *Tx) error { tx.Notify("notes"); return nil })
	select {
	case <-ch:
		t.Fatal("notified after the watch ended")
	default:
	}
}

func TestCancelledUpdateHasNoEffect(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Update(ctx, add("x")); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := texts(t, s); got != "" {
		t.Errorf("rows %q", got)
	}
}

func TestQueryRowInsideUpdateSeesItsOwnWrites(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	err := s.Update(context.Background(), func(tx *Tx) error {
		if err := add("a")(tx); err != nil {
			return err
		}
		rows, err := tx.Query("SELECT text FROM note")
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			return errors.New("no row")
		}
		if err := add("b")(tx); err != nil { // a second statement while rows are open
			return err
		}
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM note").Scan(&n); err != nil || n != 2 {
			return fmt.Errorf("%d rows, %v", n, err)
		}
		if err := tx.QueryRow("SELECT text FROM note WHERE id = 77").Scan(new(string)); !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("no row: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestToken(t *testing.T) {
	h := FilterHash("bucket", "prefix/")
	tok := Token(h, "key\x00with\xffodd bytes")
	if got, err := ParseToken(tok, h); err != nil || got != "key\x00with\xffodd bytes" {
		t.Errorf("%q, %v", got, err)
	}
	for name, bad := range map[string]string{"other filter": Token(FilterHash("bucket", "other/"), "k"), "not base64": "%%%",
		"empty": "", "cut": tok[:5]} {
		if _, err := ParseToken(bad, h); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if FilterHash("ab", "c") == FilterHash("a", "bc") {
		t.Error("the hash does not keep parts apart")
	}
}

func FuzzParseToken(f *testing.F) {
	h := FilterHash("x")
	f.Add(Token(h, "k"))
	f.Add("")
	f.Fuzz(func(t *testing.T, tok string) {
		if key, err := ParseToken(tok, h); err == nil {
			if again, err := ParseToken(Token(h, key), h); err != nil || again != key {
				t.Errorf("%q -> %q -> %q, %v", tok, key, again, err)
			}
		}
	})
}

func BenchmarkUpdate16Writers(b *testing.B) {
	s := openTemp(b, b.TempDir(), notes)
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Update(context.Background(), add("a line of text that is about as long as an event")); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUpdate100Rows(b *testing.B) {
	s := openTemp(b, b.TempDir(), notes)
	for b.Loop() {
		err := s.Update(context.Background(), func(tx *Tx) error {
			for range 100 {
				if err := add("a line of text that is about as long as an event")(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func TestFolderNamesNeedNoCare(t *testing.T) {
	for _, name := range []string{"with space", "a#b", "a?b=c&d", "50%", "%41", "ü", "a;b"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s := openTemp(t, dir, notes)
		if err := s.Update(context.Background(), add("x")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		s.Close()
		if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
			t.Errorf("%q: the database lies elsewhere: %v", name, err)
		}
	}
}

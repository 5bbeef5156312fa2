package meta

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An ending is a way in which SQLite rolls a whole transaction back by itself.
type ending struct {
	name   string
	spoil  func(t *testing.T, s *Store, dir string) (mend func())
	change func(*Tx) error // fails and ends the transaction
}

func endings() []ending {
	big := func(tx *Tx) error {
		for range 64 {
			if err := add(strings.Repeat("z", 4000))(tx); err != nil {
				return err
			}
		}
		return nil
	}
	return []ending{
		{"a conflict", func(*testing.T, *Store, string) func() { return func() {} }, func(tx *Tx) error {
			_, err := tx.Exec("INSERT OR ROLLBACK INTO note (id, text) VALUES (1, 'twice')")
			return err
		}},
		{"a full disk", func(t *testing.T, s *Store, _ string) func() {
			setting(t, s, "PRAGMA max_page_count = 30")
			return func() { setting(t, s, "PRAGMA max_page_count = 100000") }
		}, big},
		{"a disk that fails", func(t *testing.T, s *Store, dir string) func() {
			setting(t, s, "PRAGMA cache_size = 4") // pages: what does not fit is written before COMMIT
			return limitFiles(t, filepath.Join(dir, fileName+"-wal"))
		}, big},
	}
}

func setting(t *testing.T, s *Store, pragma string) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx *Tx) error { _, err := tx.Exec(pragma); return err }); err != nil {
		t.Fatal(err)
	}
}

// limitFiles makes writes behind the end of a file fail, here of every file of this process that is as long.
func limitFiles(t *testing.T, name string) (end func()) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(info.Size()), Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	}
}

// writes are the ways in which a closure may go on.
func writes(s *Store) map[string]func(*Tx) error {
	const insert = "INSERT INTO note (text) VALUES ('late')"
	return map[string]func(*Tx) error{
		"Exec":     func(tx *Tx) error { _, err := tx.Exec(insert); return err },
		"QueryRow": func(tx *Tx) error { var id int; return tx.QueryRow(insert + " RETURNING id").Scan(&id) },
		"Query": func(tx *Tx) error {
			rows, err := tx.Query(insert + " RETURNING id")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		},
	}
}

// TestNothingIsKeptOfATransactionThatHasEnded: who takes the error of the statement for its own and goes on, in the same closure or in the
// next Update of its call, changes nothing and is told so.
func TestNothingIsKeptOfATransactionThatHasEnded(t *testing.T) {
	for _, e := range endings() {
		for way := range writes(nil) {
			t.Run(e.name+", "+way, func(t *testing.T) {
				dir := t.TempDir()
				s := openTemp(t, dir, notes)
				if err := s.Update(t.Context(), add("first")); err != nil {
					t.Fatal(err)
				}
				write := writes(s)[way]
				mend := e.spoil(t, s, dir)
				err := errors.Join(goOnInAClosure(t, s, e.change, write), goOnInACall(t, s, e.change, write))
				mend()
				if err != nil {
					t.Error(err)
				}
				if err := s.Update(t.Context(), add("last")); err != nil {
					t.Errorf("the store does not go on: %v", err)
				}
				if got := texts(t, s); got != "first last" {
					t.Errorf("the notes are %.60q", got)
				}
			})
		}
	}
}

func goOnInAClosure(t *testing.T, s *Store, change, write func(*Tx) error) error {
	var cause, late error
	err := s.Update(t.Context(), func(tx *Tx) error {
		cause, late = change(tx), write(tx)
		return nil
	})
	if cause == nil || !errors.Is(late, errEnded) || !errors.Is(err, errEnded) {
		return fmt.Errorf("a closure: the statement failed with %v, the next with %v, the Update with %v", cause, late, err)
	}
	return nil
}

func goOnInACall(t *testing.T, s *Store, change, write func(*Tx) error) error {
	var cause, late, seen error
	_, _, err := s.Once(t.Context(), put, func(ctx context.Context) ([]byte, error) {
		cause = s.Update(ctx, change)
		late = s.Update(ctx, write)
		seen = s.View(ctx, func(tx *Tx) error { var n int; return tx.QueryRow("SELECT count(*) FROM note").Scan(&n) })
		return []byte("done"), nil
	})
	if cause == nil || !errors.Is(late, errEnded) || !errors.Is(seen, errEnded) || !errors.Is(err, errEnded) {
		return fmt.Errorf("a call: its Update failed with %v, the next with %v, a View with %v, the call with %v", cause, late, seen, err)
	}
	return nil
}

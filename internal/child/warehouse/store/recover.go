package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"penstock/internal/engine"
	"penstock/internal/engine/functions"
)

// recoverLog folds the write-ahead log of a file that does not open into the file. DuckDB replays an ALTER TABLE of a table that has a
// column with a function for its default (an IDENTITY, getdate()) only where another database is the default one: on opening the
// file it says "GetDefaultDatabase with no default database set", and goes on saying so at every start. So the file is attached to an
// instance in memory, which has the functions and macros that defaults may call. Without a log there is nothing to mend: nil.
func recoverLog(ctx context.Context, path, name string, o engine.Options, prelude []string) error {
	if st, err := os.Stat(path + ".wal"); err != nil || st.Size() == 0 {
		return nil
	}
	o.Path = ""
	o.AllowedDirs = append([]string{filepath.Dir(path)}, o.AllowedDirs...)
	eng, err := engine.Open(ctx, o)
	if err != nil {
		return fmt.Errorf("recover %s: %w", path, err)
	}
	defer eng.Close()
	c, err := eng.Conn(ctx)
	if err != nil {
		return fmt.Errorf("recover %s: %w", path, err)
	}
	defer c.Close()
	if err := functions.Register(c, functions.Limits{}); err != nil {
		return fmt.Errorf("recover %s: %w", path, err)
	}
	db := engine.Ident(name + "~") // no schema in the log is called so
	sql := append(append([]string{}, prelude...), "ATTACH "+engine.Literal(path)+" AS "+db, "CHECKPOINT "+db, "DETACH "+db)
	for _, s := range sql {
		if _, err := c.Exec(ctx, s); err != nil {
			return fmt.Errorf("recover %s: %w", path, err)
		}
	}
	return nil
}

package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A Schema is the tables of one noun. Migrations[i] brings version i to i+1; a released one is never edited.
type Schema struct {
	Name       string
	Migrations []string
}

const ownTables = `
CREATE TABLE IF NOT EXISTS meta_schema (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`

// migrate brings all schemas to their newest version and raises the epoch, in one transaction.
func migrate(ctx context.Context, conn *sql.Conn, schemas []Schema) (epoch int64, err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	err = func() error {
		if _, err := conn.ExecContext(ctx, ownTables); err != nil {
			return err
		}
		for _, s := range append([]Schema{callSchema}, schemas...) {
			if err := s.migrate(ctx, conn); err != nil {
				return fmt.Errorf("schema %s: %w", s.Name, err)
			}
		}
		epoch, err = raiseEpoch(ctx, conn)
		return err
	}()
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
	}
	_, endErr := conn.ExecContext(ctx, end)
	return epoch, errors.Join(err, endErr)
}

func (s Schema) migrate(ctx context.Context, conn *sql.Conn) error {
	var version int
	err := conn.QueryRowContext(ctx, "SELECT version FROM meta_schema WHERE name = ?", s.Name).Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if version > len(s.Migrations) {
		return fmt.Errorf("has version %d; this program knows versions up to %d: use the newer program that wrote it", version, len(s.Migrations))
	}
	if version == len(s.Migrations) {
		return nil
	}
	for i := version; i < len(s.Migrations); i++ {
		if _, err := conn.ExecContext(ctx, s.Migrations[i]); err != nil {
			return fmt.Errorf("migration %d: %w", i, err)
		}
	}
	_, err = conn.ExecContext(ctx, "INSERT OR REPLACE INTO meta_schema (name, version) VALUES (?, ?)", s.Name, len(s.Migrations))
	return err
}

func raiseEpoch(ctx context.Context, conn *sql.Conn) (epoch int64, err error) {
	const q = `INSERT INTO meta_state (name, value) VALUES ('epoch', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value`
	return epoch, conn.QueryRowContext(ctx, q).Scan(&epoch)
}

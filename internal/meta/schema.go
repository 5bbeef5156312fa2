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

// Migrate brings further schemas to their newest version, all of them in one transaction. It is for the tables of those that are made
// with the open store in hand, and comes before they use it.
func (s *Store) Migrate(ctx context.Context, schemas ...Schema) error {
	current := true
	err := s.View(ctx, func(tx *Tx) error {
		for _, sc := range schemas {
			v, err := sc.version(tx.q)
			if err != nil {
				return err
			}
			current = current && v == len(sc.Migrations)
		}
		return nil
	})
	if err != nil || current {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		for _, sc := range schemas {
			if err := sc.migrate(tx.q); err != nil {
				return fmt.Errorf("schema %s: %w", sc.Name, err)
			}
		}
		tokens, err := callTokens(tx.q)
		for _, t := range tokens {
			tx.AfterCommit(func() { s.calls.learn(t) })
		}
		return err
	})
}

// migrate brings all schemas to their newest version and raises the epoch, in one transaction.
func migrate(ctx context.Context, conn *sql.Conn, schemas []Schema) (epoch int64, err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	w := newLink(ctx, conn)
	defer w.close()
	err = func() error {
		if _, err := conn.ExecContext(ctx, ownTables); err != nil {
			return err
		}
		for _, s := range append([]Schema{callSchema}, schemas...) {
			if err := s.migrate(writeTx{w}); err != nil {
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

// version is the version of the schema's tables in the store, 0 when there are none.
func (s Schema) version(q querier) (n int, err error) {
	err = q.queryRow("SELECT version FROM meta_schema WHERE name = ?", []any{s.Name}).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n, err
}

func (s Schema) migrate(q querier) error {
	version, err := s.version(q)
	if err != nil {
		return err
	}
	if version > len(s.Migrations) {
		return fmt.Errorf("has version %d; this program knows versions up to %d: use the newer program that wrote it", version, len(s.Migrations))
	}
	if version == len(s.Migrations) {
		return nil
	}
	for i := version; i < len(s.Migrations); i++ {
		if _, err := q.exec(s.Migrations[i], nil); err != nil {
			return fmt.Errorf("migration %d: %w", i, err)
		}
	}
	_, err = q.exec("INSERT OR REPLACE INTO meta_schema (name, version) VALUES (?, ?)", []any{s.Name, len(s.Migrations)})
	return err
}

func raiseEpoch(ctx context.Context, conn *sql.Conn) (epoch int64, err error) {
	const q = `INSERT INTO meta_state (name, value) VALUES ('epoch', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value`
	return epoch, conn.QueryRowContext(ctx, q).Scan(&epoch)
}

package session

import (
	"context"
	"fmt"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
)

// rewrite makes a table anew, rows and all, if the transaction has updated or deleted rows of it and now alters it. The engine's log names
// the table of a changed row as it is called at the commit, but is replayed in the order of the statements: after UPDATE, ALTER TABLE
// RENAME and a kill it changes rows of another table, or the file does not open again. With ADD COLUMN or DROP COLUMN the engine refuses to
// commit. The log of a new table holds its rows only.
func (s *Session) rewrite(ctx context.Context, t *store.Table) error {
	if t.Kind != store.KindTable || !s.tx().Revised(t.OID) {
		return nil
	}
	columns, err := s.engineColumns(ctx, t)
	if err != nil {
		return err
	}
	next := *t
	next.Name = fmt.Sprintf("rewritten %d", t.OID)
	create := "CREATE TABLE "
	if t.Temp {
		create = "CREATE TEMP TABLE "
	}
	for _, sql := range []string{
		create + physical(&next) + " (" + columns + ")",
		"INSERT INTO " + physical(&next) + " SELECT * FROM " + physical(t),
		"DROP TABLE " + physical(t),
		"ALTER TABLE " + physical(&next) + " RENAME TO " + engine.Ident(t.Name),
	} {
		if err := s.exec(ctx, sql); err != nil {
			return err
		}
	}
	s.tx().Revise(t.OID, false)
	return nil
}

// engineColumns is the list of a table's columns as CREATE TABLE takes it.
func (s *Session) engineColumns(ctx context.Context, t *store.Table) (string, error) {
	rows, err := s.h.Conn.Query(ctx, `SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns()
		WHERE schema_name = $1 AND table_name = $2 AND (database_name = 'temp') = $3 ORDER BY column_index`, engineSchema(t), t.Name, t.Temp)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var columns []string
	for {
		chunk, err := rows.Next(ctx)
		if err != nil || chunk == nil {
			return strings.Join(columns, ", "), err
		}
		for i := range chunk.Size() {
			c := engine.Ident(chunk.Column(0).Text(i)) + " " + chunk.Column(1).Text(i)
			if chunk.Column(2).Text(i) == "false" {
				c += " NOT NULL"
			}
			if !chunk.Column(3).IsNull(i) {
				c += " DEFAULT " + chunk.Column(3).Text(i)
			}
			columns = append(columns, c)
		}
	}
}

// engineSchema is the schema in which the engine has the table.
func engineSchema(t *store.Table) string {
	if t.Temp {
		return "main"
	}
	return t.Schema
}

package session

import (
	"context"
	"errors"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/sql/syntax"
)

// planOwn finds who runs a statement that is not plainly the engine's.
func (st *Statement) planOwn(ctx context.Context) error {
	s := st.s
	switch t := st.tree.(type) {
	case *syntax.Begin:
		st.run = s.begin
	case *syntax.Commit:
		st.run = s.commit
	case *syntax.Rollback:
		st.run = s.rollback
	case *syntax.Set:
		st.run = func(context.Context) (*answer, error) { return &answer{tag: "SET"}, s.set(t.Name, t.Values) }
	case *syntax.Reset:
		st.run = func(context.Context) (*answer, error) { return &answer{tag: "RESET"}, s.reset(t.Name) }
	case *syntax.Show:
		return st.planShow(t)
	case *syntax.Explain:
		return st.planExplain(ctx, t)
	case *syntax.Copy:
		st.run = func(ctx context.Context) (*answer, error) { return s.copy(ctx, t) }
	case *syntax.Vacuum:
		st.run = func(ctx context.Context) (*answer, error) { return s.vacuum(ctx, t) }
	case *syntax.Analyze:
		st.run = func(ctx context.Context) (*answer, error) { return s.analyze(ctx, t) }
	case *syntax.Lock:
		st.run = func(ctx context.Context) (*answer, error) { return s.lockTables(ctx, t) }
	case *syntax.Cancel:
		st.run = func(context.Context) (*answer, error) { return s.cancelOther(t) }
	case *syntax.Prepare, *syntax.Execute, *syntax.Deallocate, *syntax.Discard, *syntax.Close:
		return st.planPrepared()
	case *syntax.Other:
		return st.planOther(t)
	default:
		return st.planDDL()
	}
	return nil
}

// planOther runs the few statements that the parser only names, and refuses the others.
func (st *Statement) planOther(t *syntax.Other) error {
	s := st.s
	switch t.What {
	case "CREATE DATABASE":
		st.run = func(ctx context.Context) (*answer, error) { return s.createDatabase(ctx, t.Text) }
	case "CREATE USER", "ALTER USER", "DROP USER":
		st.run = func(ctx context.Context) (*answer, error) { return s.changeUser(ctx, t.What, t.Text) }
	default:
		return unsupported("%s", t.What)
	}
	return nil
}

func (st *Statement) planExplain(ctx context.Context, t *syntax.Explain) error {
	at := t.Statement.Position().Offset
	inner, _, _, err := st.s.bindText(ctx, st.text[at:])
	if err != nil {
		return err
	}
	if len(inner.Params) > 0 {
		return unsupported("EXPLAIN of a statement with parameters")
	}
	st.cols = textColumns("QUERY PLAN")
	st.run = func(ctx context.Context) (*answer, error) {
		_, sql, _, err := st.s.bindText(ctx, st.text[at:])
		if err != nil {
			return nil, err
		}
		return st.s.explain(ctx, sql)
	}
	return nil
}

// explain shows the engine's plan: its lines are DuckDB's, not Redshift's.
func (s *Session) explain(ctx context.Context, sql string) (*answer, error) {
	rows, err := s.h.Conn.Query(ctx, "EXPLAIN "+sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	a := &answer{tag: "EXPLAIN"}
	for {
		chunk, err := rows.Next(ctx)
		if err != nil || chunk == nil {
			return a, err
		}
		for r := range chunk.Size() {
			for _, line := range strings.Split(strings.TrimRight(chunk.Column(1).Text(r), "\n"), "\n") {
				a.rows = append(a.rows, []string{line})
			}
		}
	}
}

// vacuum folds the log into the file and so gives back what deleted rows held.
func (s *Session) vacuum(ctx context.Context, t *syntax.Vacuum) (*answer, error) {
	if err := s.outside("VACUUM"); err != nil {
		return nil, err
	}
	if len(t.Table) > 0 {
		if _, err := s.mustFind(ctx, t.Table.Strings()); err != nil {
			return nil, err
		}
	}
	return &answer{tag: "VACUUM"}, s.db.Checkpoint(ctx)
}

func (s *Session) analyze(ctx context.Context, t *syntax.Analyze) (*answer, error) {
	sql := "ANALYZE"
	if len(t.Table) > 0 {
		table, err := s.mustFind(ctx, t.Table.Strings())
		if err != nil {
			return nil, err
		}
		sql += " " + physical(table)
	}
	_, err := s.h.Conn.Exec(ctx, sql)
	return &answer{tag: "ANALYZE"}, err
}

func (s *Session) lockTables(ctx context.Context, t *syntax.Lock) (*answer, error) {
	if !s.explicit {
		return nil, failure("25P01", "LOCK TABLE may only be used in transaction blocks")
	}
	for _, n := range t.Tables {
		if _, err := s.mustHold(ctx, n.Strings()); err != nil {
			return nil, err
		}
	}
	return &answer{tag: "LOCK TABLE"}, nil
}

func (s *Session) cancelOther(t *syntax.Cancel) (*answer, error) {
	if s.env.Cancel == nil || !s.env.Cancel(t.PID) {
		return nil, failure("22023", "PID %d is not a Redshift server process", t.PID)
	}
	return &answer{tag: "CANCEL"}, nil
}

func (s *Session) createDatabase(ctx context.Context, text string) (*answer, error) {
	words := strings.Fields(strings.TrimRight(text, "; \n"))
	if len(words) != 3 {
		return nil, unsupported("CREATE DATABASE with options")
	}
	if err := s.outside("CREATE DATABASE"); err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.Trim(words[2], `"`))
	if _, ok := s.env.Databases.Database(name); ok {
		return nil, failure("42P04", "database \"%s\" already exists", name)
	}
	if err := s.env.Databases.Create(ctx, name); errors.Is(err, store.ErrName) {
		return nil, failure("42602", "\"%s\" is no valid database name", name)
	} else if err != nil {
		return nil, err
	}
	return &answer{tag: "CREATE DATABASE"}, nil
}

// defaultText is a column's default as the engine keeps it.
func (s *Session) defaultText(ctx context.Context, t *store.Table, column string) (string, error) {
	rows, err := s.h.Conn.Query(ctx, `SELECT column_default FROM duckdb_columns() WHERE schema_name = $1
		AND table_name = $2 AND column_name = $3
		AND (database_name = 'temp') = $4`, engineSchema(t), t.Name, column, t.Temp)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	chunk, err := rows.Next(ctx)
	if err != nil || chunk == nil || chunk.Size() == 0 || chunk.Column(0).IsNull(0) {
		return "", err
	}
	return chunk.Column(0).Text(0), nil
}

// exec runs a printed statement inside the open transaction.
func (s *Session) exec(ctx context.Context, sql string) error {
	if err := s.tx().Start(ctx); err != nil {
		return err
	}
	s.h.Wrote()
	_, err := s.h.Conn.Exec(ctx, sql)
	return err
}

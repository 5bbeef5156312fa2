package warehouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/id"
	"penstock/internal/meta"
)

// Submit stores a statement, durably, and starts it. A repeat with the same token gives the first statement.
func (w *Warehouses) Submit(ctx context.Context, st Statement) (*Statement, error) {
	st.ID, st.Status = id.UUID(), Submitted
	st.CreatedAt = w.o.Clock.Now()
	st.UpdatedAt = st.CreatedAt
	for i := range st.Subs {
		st.Subs[i].ID, st.Subs[i].Status, st.Subs[i].Rows, st.Subs[i].UpdatedAt = st.ID, Submitted, -1, st.CreatedAt
		if st.Batch {
			st.Subs[i].ID = st.ID + ":" + strconv.Itoa(i+1)
		}
	}
	st.TokenMatch = st.match()
	out, repeat := &st, false
	err := w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		first, err := w.repeated(tx, &st)
		if err != nil || first != nil {
			out, repeat = first, true
			return err
		}
		if err := w.checkActive(tx, st.Workgroup); err != nil {
			return err
		}
		return w.insertStatement(tx, &st)
	})
	if err != nil {
		return nil, err
	}
	if repeat {
		return out, nil
	}
	run := st
	return &st, meta.After(ctx, func(context.Context) error {
		w.o.Kill.At("statement.submitted")
		return w.background(func(ctx context.Context) { w.run(ctx, &run) })
	})
}

// match is what two requests with one token must have in common.
func (st *Statement) match() string {
	parts := []string{st.Workgroup, st.Database, st.User, st.Name, fmt.Sprint(st.Batch, st.Together)}
	for _, p := range st.Params {
		parts = append(parts, p.Name, p.Value)
	}
	for _, s := range st.Subs {
		parts = append(parts, s.SQL)
	}
	return meta.FilterHash(parts...)
}

func (w *Warehouses) repeated(tx *meta.Tx, st *Statement) (*Statement, error) {
	if st.Token == "" {
		return nil, nil
	}
	first, err := getDoc[Statement](tx, ErrNoStatement, "SELECT doc FROM warehouse_statement WHERE region = ? AND token = ?",
		w.o.Region, st.Token)
	switch {
	case errors.Is(err, ErrNoStatement):
		return nil, nil
	case err != nil:
		return nil, err
	case first.TokenMatch != st.TokenMatch:
		return nil, ErrToken
	}
	return first, nil
}

func (w *Warehouses) checkActive(tx *meta.Tx, workgroup string) error {
	if _, err := w.workgroupTx(tx, workgroup); err != nil {
		return err
	}
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM warehouse_statement
		WHERE status IN ('SUBMITTED','PICKED','STARTED') AND region = ? AND workgroup = ?`, w.o.Region, workgroup).Scan(&n)
	if err == nil && n >= maxActive {
		err = ErrTooMany
	}
	return err
}

func (w *Warehouses) insertStatement(tx *meta.Tx, st *Statement) error {
	doc, err := docOf(st)
	if err != nil {
		return err
	}
	var token any
	if st.Token != "" {
		token = st.Token
	}
	_, err = tx.Exec("INSERT INTO warehouse_statement(region, id, token, status, workgroup, created, doc) VALUES (?, ?, ?, ?, ?, ?, ?)",
		w.o.Region, st.ID, token, st.Status, st.Workgroup, st.CreatedAt.UnixMilli(), doc)
	return err
}

func topic(id string) string { return "warehouse-statement/" + id }

// save stores a statement's state. A statement that has ended stays as it ended.
func save(tx *meta.Tx, st *Statement) error {
	doc, err := docOf(st)
	if err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE warehouse_statement SET status = ?, doc = ? WHERE id = ? AND status IN ('SUBMITTED','PICKED','STARTED')",
		st.Status, doc, st.ID)
	tx.Notify(topic(st.ID))
	return err
}

// Statement finds a statement by its id, or by that of one of its sub-statements; sub is -1 for the whole.
func (w *Warehouses) Statement(ctx context.Context, id string) (st *Statement, sub int, err error) {
	base, n, isSub := strings.Cut(id, ":")
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		st, err = getDoc[Statement](tx, ErrNoStatement, "SELECT doc FROM warehouse_statement WHERE region = ? AND id = ?", w.o.Region, base)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if !isSub {
		return st, -1, nil
	}
	i, err := strconv.Atoi(n)
	if err != nil || i < 1 || i > len(st.Subs) || !st.Batch {
		return nil, 0, ErrNoStatement
	}
	return st, i - 1, nil
}

// Wait returns the statement once it has ended, or as it is when ctx ends.
func (w *Warehouses) Wait(ctx context.Context, id string) (*Statement, error) {
	fired, stop := w.o.Meta.Watch(topic(id))
	defer func() { stop() }()
	for {
		st, _, err := w.Statement(context.WithoutCancel(ctx), id)
		if err != nil || Ended(st.Status) {
			return st, err
		}
		select {
		case <-fired:
			stop()
			fired, stop = w.o.Meta.Watch(topic(id))
		case <-ctx.Done():
			return st, nil
		}
	}
}

// A StatementQuery selects statements, newest first.
type StatementQuery struct {
	Name, Status, Workgroup, Database string
	Before                            int64 // sequence numbers below this one; 0 for the newest
	Limit                             int
}

// Statements lists statements; Seq of each is set.
func (w *Warehouses) Statements(ctx context.Context, q StatementQuery) (out []Statement, err error) {
	where, args := "region = ?", []any{w.o.Region}
	add := func(cond string, v any) { where += " AND " + cond; args = append(args, v) }
	if q.Before > 0 {
		add("seq < ?", q.Before)
	}
	if q.Status != "" && q.Status != "ALL" {
		add("status = ?", q.Status)
	}
	if q.Workgroup != "" {
		add("workgroup = ?", q.Workgroup)
	}
	if q.Name != "" {
		add("json_extract(doc, '$.Name') LIKE ? || '%'", q.Name)
	}
	if q.Database != "" {
		add("json_extract(doc, '$.Database') = ?", q.Database)
	}
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT seq, doc FROM warehouse_statement WHERE "+where+" ORDER BY seq DESC LIMIT ?", append(args, q.Limit)...)
		if err != nil {
			return err
		}
		out, err = scanStatements(rows)
		return err
	})
	return out, err
}

func scanStatements(rows *sql.Rows) ([]Statement, error) {
	defer rows.Close()
	var out []Statement
	for rows.Next() {
		var st Statement
		var doc string
		if err := rows.Scan(&st.Seq, &doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(doc), &st); err != nil {
			return nil, fmt.Errorf("read a statement: %w", err)
		}
		out = append(out, st)
	}
	return out, rows.Err()
}

// Page gives one page of a result, counted from 0.
func (w *Warehouses) Page(ctx context.Context, id string, page int) (rows [][]json.RawMessage, err error) {
	var raw []byte
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow("SELECT rows FROM warehouse_page WHERE id = ? AND page = ?", id, page).Scan(&raw)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoResult
	}
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(raw, &rows)
	return rows, err
}

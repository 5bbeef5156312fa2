package logstore

import (
	"context"
	"database/sql"
	"errors"

	"penstock/internal/meta"
)

const groupColumns = `SELECT name, created, retention, bytes FROM log_groups`

type scanner interface{ Scan(...any) error }

func readGroup(row scanner) (Group, error) {
	var g Group
	var created int64
	err := row.Scan(&g.Name, &created, &g.Retention, &g.Bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return g, ErrGroupNotFound
	}
	if err != nil {
		return g, err
	}
	g.Created = millis(created)
	return g, nil
}

// Group returns one group.
func (s *Store) Group(ctx context.Context, name string) (g Group, err error) {
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		g, err = s.GroupTx(tx, name)
		return err
	})
	return g, err
}

// GroupTx is Group in the caller's transaction.
func (s *Store) GroupTx(tx *meta.Tx, name string) (Group, error) {
	return readGroup(tx.QueryRow(groupColumns+` WHERE region = ? AND name = ?`, s.region, name))
}

// Groups lists up to n groups after the name after whose name begins with prefix and contains part, in name order.
func (s *Store) Groups(ctx context.Context, prefix, part, after string, n int) ([]Group, error) {
	var out []Group
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(groupColumns+` WHERE region = ?5 AND name > ?1 AND substr(name, 1, length(?2)) = ?2 AND instr(name, ?3) > 0
			ORDER BY name LIMIT ?4`, after, prefix, part, n, s.region)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			g, err := readGroup(rows)
			if err != nil {
				return err
			}
			out = append(out, g)
		}
		return rows.Err()
	})
	return out, err
}

// A StreamQuery asks for streams of a group.
type StreamQuery struct {
	Group, Prefix string
	ByLastEvent   bool // order by the last event's time, else by name
	Descending    bool
	Limit         int
	AfterName     string // the last stream of the page before; "" for the first page
	AfterTime     int64  // its last event in milliseconds, with ByLastEvent
}

// Streams lists a page of streams.
func (s *Store) Streams(ctx context.Context, q StreamQuery) ([]Stream, error) {
	var out []Stream
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		g, err := s.groupTx(tx, q.Group)
		if err != nil {
			return err
		}
		rows, err := tx.Query(streamSQL(q), g, q.Prefix, q.AfterName, q.AfterTime, q.Limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var st Stream
			var created, first, last, ingest int64
			if err := rows.Scan(&st.Name, &created, &first, &last, &ingest); err != nil {
				return err
			}
			st.Created, st.FirstEvent, st.LastEvent, st.LastIngest = millis(created), millis(first), millis(last), millis(ingest)
			out = append(out, st)
		}
		return rows.Err()
	})
	return out, err
}

func streamSQL(q StreamQuery) string {
	key, at, op, dir := "name", "?3", ">", "ASC"
	if q.ByLastEvent {
		key, at = "(last_event, name)", "(?4, ?3)"
	}
	if q.Descending {
		op, dir = "<", "DESC"
	}
	order := "name " + dir
	if q.ByLastEvent {
		order = "last_event " + dir + ", " + order
	}
	return `SELECT name, created, first_event, last_event, last_ingest FROM log_streams
		WHERE grp = ?1 AND substr(name, 1, length(?2)) = ?2 AND ?4 = ?4 AND (?3 = '' OR ` + key + " " + op + " " + at + `)
		ORDER BY ` + order + ` LIMIT ?5`
}

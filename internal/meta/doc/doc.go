// Package doc keeps a service's resources that are found by their names alone: a table of JSON documents by key, for each region. What is
// looked for by anything else, or is written many times a second, has tables of its own. It does not know what a document means.
package doc

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/meta"
)

// Schema is the package's part of the metadata database.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "doc", Migrations: []string{`
CREATE TABLE doc_row (
  kind   TEXT NOT NULL, -- of what: "ssm.parameter"
  region TEXT NOT NULL, -- "" for what is the account's
  key    TEXT NOT NULL,
  doc    TEXT NOT NULL, -- JSON
  PRIMARY KEY (kind, region, key)
) WITHOUT ROWID;
`}}

// A Table is the documents of one kind in one region, as values of T.
type Table[T any] struct{ Kind, Region string }

// Get returns the document with a key; found is false when there is none.
func (t Table[T]) Get(tx *meta.Tx, key string) (v T, found bool, err error) {
	var text string
	err = tx.QueryRow(`SELECT doc FROM doc_row WHERE kind = ? AND region = ? AND key = ?`, t.Kind, t.Region, key).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	if err == nil {
		err = t.read(key, text, &v)
	}
	return v, err == nil, err
}

// Put makes or replaces the document with a key.
func (t Table[T]) Put(tx *meta.Tx, key string, v T) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", t.Kind, key, err)
	}
	_, err = tx.Exec(`INSERT INTO doc_row (kind, region, key, doc) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc`,
		t.Kind, t.Region, key, string(text))
	return err
}

// Delete removes the document with a key and reports whether there was one.
func (t Table[T]) Delete(tx *meta.Tx, key string) (found bool, err error) {
	res, err := tx.Exec(`DELETE FROM doc_row WHERE kind = ? AND region = ? AND key = ?`, t.Kind, t.Region, key)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Walk calls fn with the documents whose keys begin with prefix and come after after, in the byte order of their keys, until fn returns
// false or there are no more. fn may read with the transaction and must change nothing.
func (t Table[T]) Walk(tx *meta.Tx, prefix, after string, fn func(key string, v T) (more bool, err error)) error {
	query, args := `SELECT key, doc FROM doc_row WHERE kind = ? AND region = ? AND key >= ? AND key > ?`,
		[]any{t.Kind, t.Region, prefix, after}
	if end := beyond(prefix); end != "" {
		query, args = query+` AND key < ?`, append(args, end)
	}
	rows, err := tx.Query(query+` ORDER BY key`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, text string
		var v T
		if err := rows.Scan(&key, &text); err != nil {
			return err
		}
		if err := t.read(key, text, &v); err != nil {
			return err
		}
		if more, err := fn(key, v); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// Count is the number of documents.
func (t Table[T]) Count(tx *meta.Tx) (n int, err error) {
	err = tx.QueryRow(`SELECT count(*) FROM doc_row WHERE kind = ? AND region = ?`, t.Kind, t.Region).Scan(&n)
	return n, err
}

func (t Table[T]) read(key, text string, v *T) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("stored %s %s: %w", t.Kind, key, err)
	}
	return nil
}

// beyond is the lowest text above all that begin with prefix, "" when there is none.
func beyond(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}

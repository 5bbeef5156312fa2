package object

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"penstock/internal/meta"
)

// A Setting is one document that a bucket keeps under a name: what it says is the service's own affair. Set is false when it has never
// been written or removed since; a removed one is kept as an empty text, for a service whose default differs from "removed".
type Setting struct {
	Text string
	Set  bool
}

// Settings are a bucket's documents at one instant, kept in memory until one of them changes. Nobody changes them.
type Settings struct {
	docs    map[string]Setting
	once    sync.Once
	derived any
}

// Get returns a document.
func (s *Settings) Get(name string) Setting { return s.docs[name] }

// Derive returns what make has made of these documents when it was called first: all callers give the same make.
func (s *Settings) Derive(make func(*Settings) any) any {
	s.once.Do(func() { s.derived = make(s) })
	return s.derived
}

func (s *Settings) size() int {
	n := 500
	for name, doc := range s.docs {
		n += 100 + len(name) + 3*len(doc.Text) // and what is derived
	}
	return n
}

// Settings returns a bucket's documents.
func (s *Store) Settings(ctx context.Context, bucket string) (*Settings, error) {
	return s.settings.Load(ctx, bucket, func(ctx context.Context) (*Settings, error) {
		out := &Settings{docs: map[string]Setting{}}
		err := s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
			rows, err := tx.Query("SELECT name, value FROM object_setting WHERE bucket = ?", b.id)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var name, text string
				if err := rows.Scan(&name, &text); err != nil {
					return err
				}
				out.docs[name] = Setting{Text: text, Set: true}
			}
			return rows.Err()
		})
		return out, err
	})
}

// Setting returns a bucket's document.
func (s *Store) Setting(ctx context.Context, bucket, name string) (Setting, error) {
	all, err := s.Settings(ctx, bucket)
	if err != nil {
		return Setting{}, err
	}
	return all.Get(name), nil
}

// A SettingCheck refuses a change for what the bucket's other documents say, which it reads by their names.
type SettingCheck func(other func(name string) (Setting, error)) error

// SetSetting replaces a bucket's document. check, when not nil, runs in the same transaction.
func (s *Store) SetSetting(ctx context.Context, bucket, name, text string, check SettingCheck) error {
	return s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if check != nil {
			if err := check(func(name string) (Setting, error) { return settingTx(tx, b, name) }); err != nil {
				return err
			}
		}
		s.settings.Drop(tx, bucket)
		return setTx(tx, b, name, text)
	})
}

func settingTx(tx *meta.Tx, b Bucket, name string) (Setting, error) {
	out := Setting{Set: true}
	err := tx.QueryRow("SELECT value FROM object_setting WHERE bucket = ? AND name = ?", b.id, name).Scan(&out.Text)
	if errors.Is(err, sql.ErrNoRows) {
		return Setting{}, nil
	}
	return out, err
}

func setTx(tx *meta.Tx, b Bucket, name, text string) error {
	_, err := tx.Exec("INSERT OR REPLACE INTO object_setting (bucket, name, value) VALUES (?, ?, ?)", b.id, name, text)
	return err
}

// setAll writes the documents of a new bucket.
func setAll(tx *meta.Tx, b Bucket, settings map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if err := setTx(tx, b, name, settings[name]); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return nil
}

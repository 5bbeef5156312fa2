package object

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"penstock/internal/meta"
	"penstock/internal/object/settings"
)

// Settings returns a bucket's documents.
func (s *Store) Settings(ctx context.Context, bucket string) (*settings.Docs, error) {
	return s.settings.Load(ctx, bucket, func(ctx context.Context) (*settings.Docs, error) {
		texts := map[string]string{}
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
				texts[name] = text
			}
			return rows.Err()
		})
		return settings.New(texts), err
	})
}

// Setting returns a bucket's document.
func (s *Store) Setting(ctx context.Context, bucket, name string) (settings.Doc, error) {
	all, err := s.Settings(ctx, bucket)
	if err != nil {
		return settings.Doc{}, err
	}
	return all.Get(name), nil
}

// SetSetting replaces a bucket's document. check, when not nil, runs in the same transaction.
func (s *Store) SetSetting(ctx context.Context, bucket, name, text string, check settings.Check) error {
	return s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if check != nil {
			if err := check(func(name string) (settings.Doc, error) { return settingTx(tx, b, name) }); err != nil {
				return err
			}
		}
		s.settings.Drop(tx, bucket)
		return setTx(tx, b, name, text)
	})
}

func settingTx(tx *meta.Tx, b Bucket, name string) (settings.Doc, error) {
	out := settings.Doc{Set: true}
	err := tx.QueryRow("SELECT value FROM object_setting WHERE bucket = ? AND name = ?", b.id, name).Scan(&out.Text)
	if errors.Is(err, sql.ErrNoRows) {
		return settings.Doc{}, nil
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

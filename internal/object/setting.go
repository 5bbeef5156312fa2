package object

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"penstock/internal/meta"
)

// A Setting is one document that a bucket keeps under a name: what it says is the service's own affair. Set is false when it has never
// been written or removed since; a removed one is kept as an empty text, for a service whose default differs from "removed".
type Setting struct {
	Text string
	Set  bool
}

// Setting returns a bucket's document.
func (s *Store) Setting(ctx context.Context, bucket, name string) (out Setting, err error) {
	err = s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		out, err = settingTx(tx, b, name)
		return err
	})
	return out, err
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

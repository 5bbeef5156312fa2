// Package tag keeps the tags of resources by their ARNs, under AWS's rules, in the transaction of what changes them. It does not know which
// ARNs exist, and the wording of a refusal is the service's.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
package tag

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"penstock/internal/meta"
	"penstock/internal/pattern"
)

// Schema is the package's part of the metadata database.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "tag", Migrations: []string{`
CREATE TABLE tag_row (arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
CREATE INDEX tag_row_value ON tag_row (key, value);
`}}

// AWS's limits. Lengths are in characters.
const (
	Most       = 50 // of one resource
	KeyLimit   = 128
	ValueLimit = 256
)

// A Problem is a tag that the rules refuse; exactly one of its reasons is true.
type Problem struct {
	Key                          string
	TooMany, Reserved, Malformed bool // more than Most; begins with aws:; a length or a character
}

// Error implements error.
func (p *Problem) Error() string {
	switch {
	case p.TooMany:
		return fmt.Sprintf("a resource has at most %d tags", Most)
	case p.Reserved:
		return fmt.Sprintf("the tag key %q begins with aws:", p.Key)
	}
	return fmt.Sprintf("the tag %q has a length or a character that no tag has", p.Key)
}

var allowed = pattern.Lazy(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// Check returns the first Problem of tags by themselves, nil when there is none.
func Check(tags map[string]string) error {
	if len(tags) > Most {
		return &Problem{TooMany: true}
	}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		v, n := tags[k], utf8.RuneCountInString(k)
		if len(k) >= 4 && strings.EqualFold(k[:4], "aws:") {
			return &Problem{Key: k, Reserved: true}
		}
		if n < 1 || n > KeyLimit || utf8.RuneCountInString(v) > ValueLimit || !allowed().MatchString(k) || !allowed().MatchString(v) {
			return &Problem{Key: k, Malformed: true}
		}
	}
	return nil
}

// Add gives a resource tags, in place of those with the same keys. A *Problem undoes nothing by itself: the closure must fail with it.
func Add(tx *meta.Tx, arn string, tags map[string]string) error {
	if err := Check(tags); err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		if _, err := tx.Exec(`INSERT INTO tag_row (arn, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
			arn, k, tags[k]); err != nil {
			return err
		}
	}
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM tag_row WHERE arn = ?`, arn).Scan(&n); err != nil {
		return err
	}
	if n > Most {
		return &Problem{TooMany: true}
	}
	return nil
}

// Remove takes tags away; keys that are not there do not matter.
func Remove(tx *meta.Tx, arn string, keys []string) error {
	for _, k := range keys {
		if _, err := tx.Exec(`DELETE FROM tag_row WHERE arn = ? AND key = ?`, arn, k); err != nil {
			return err
		}
	}
	return nil
}

// Drop takes all tags of a resource that is deleted.
func Drop(tx *meta.Tx, arn string) error {
	_, err := tx.Exec(`DELETE FROM tag_row WHERE arn = ?`, arn)
	return err
}

// DropBelow takes the tags of all resources whose ARNs begin with prefix, which ends in "/".
func DropBelow(tx *meta.Tx, prefix string) error {
	_, err := tx.Exec(`DELETE FROM tag_row WHERE arn >= ? AND arn < ?`, prefix, strings.TrimSuffix(prefix, "/")+"0") // 0 follows /
	return err
}

// Of returns the tags of a resource.
func Of(tx *meta.Tx, arn string) (map[string]string, error) {
	rows, err := tx.Query(`SELECT key, value FROM tag_row WHERE arn = ?`, arn)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, rows.Err()
}

// Match reports whether a resource with these tags passes a filter: it has the key, with one of the values unless there are none.
func Match(tags map[string]string, key string, values []string) bool {
	v, ok := tags[key]
	return ok && (len(values) == 0 || slices.Contains(values, v))
}

// List writes tags as a service's own type, by key.
func List[T any](tags map[string]string, one func(key, value *string) T) []T {
	out := make([]T, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		v := tags[k]
		out = append(out, one(&k, &v))
	}
	return out
}

// Map reads tags of a service's own type; of two with the same key the later holds.
func Map[T any](list []T, one func(T) (key, value *string)) map[string]string {
	out := map[string]string{}
	for _, t := range list {
		k, v := one(t)
		if k == nil {
			continue
		}
		out[*k] = ""
		if v != nil {
			out[*k] = *v
		}
	}
	return out
}

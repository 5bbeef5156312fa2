package object

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"penstock/internal/meta"
)

// MaxKey is the longest key in bytes.
const MaxKey = 1024

// CheckKey refuses what S3 refuses.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKey {
		return fmt.Errorf("key of %d bytes: %w", len(key), ErrKey)
	}
	if !utf8.ValidString(key) {
		return fmt.Errorf("key %q: %w", key, ErrKeyText)
	}
	if climbs(key) {
		return fmt.Errorf("key %q: %w", key, ErrKeyPath)
	}
	return nil
}

// climbs reports whether somewhere in a key, read from the left, there are more ".." than other elements: S3 takes ".."
// in keys, but none that leads above the bucket
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html). Empty elements and "." count for none.
func climbs(key string) bool {
	if !strings.Contains(key, "..") {
		return false
	}
	depth := 0
	for element := range strings.SplitSeq(key, "/") {
		switch element {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

const versionColumns = "key, seq, version, marker, size, etag, modified, blob, attrs"

// scanVersion reads one row of object_current or object_old.
func scanVersion(row scanner, b Bucket, latest bool) (Info, error) {
	i := Info{Bucket: b.Name, Latest: latest, Versioned: b.Versioning != Unversioned}
	var modified int64
	var attrs string
	if err := row.Scan(&i.Key, &i.seq, &i.VersionID, &i.DeleteMarker, &i.Size, &i.ETag, &modified, &i.Blob, &attrs); err != nil {
		return Info{}, err
	}
	i.LastModified = time.UnixMilli(modified).UTC()
	if attrs != "" {
		if err := json.Unmarshal([]byte(attrs), &i.Attrs); err != nil {
			return Info{}, fmt.Errorf("attributes of %s/%s: %w", b.Name, i.Key, err)
		}
	}
	return i, nil
}

// currentTx returns the current version of a key, which may be a delete marker; ok is false when there is none.
func currentTx(tx *meta.Tx, b Bucket, key string) (i Info, ok bool, err error) {
	i, err = scanVersion(tx.QueryRow("SELECT "+versionColumns+" FROM object_current WHERE bucket = ? AND key = ?", b.id, key), b, true)
	return found(i, err)
}

// oldTx returns a version of a key that is not current.
func oldTx(tx *meta.Tx, b Bucket, key, version string) (i Info, ok bool, err error) {
	i, err = scanVersion(tx.QueryRow("SELECT "+versionColumns+" FROM object_old WHERE bucket = ? AND key = ? AND version = ?",
		b.id, key, version), b, false)
	return found(i, err)
}

func found(i Info, err error) (Info, bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return Info{}, false, nil
	}
	return i, err == nil, err
}

const (
	intoCurrent  = "INTO object_current (bucket, " + versionColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	writeFirst   = "INSERT " + intoCurrent + " ON CONFLICT DO NOTHING"
	writeCurrent = "INSERT OR REPLACE " + intoCurrent
)

// insert runs one of the statements above and tells how many rows it has written.
func (s *Store) insert(tx *meta.Tx, statement string, b Bucket, i *Info) (rows int64, err error) {
	attrs, err := json.Marshal(i.Attrs)
	if err != nil {
		return 0, err
	}
	if string(attrs) == "{}" {
		attrs = nil
	}
	res, err := tx.Exec(statement, b.id, i.Key, i.seq, i.VersionID, i.DeleteMarker, i.Size, i.ETag,
		i.LastModified.UnixMilli(), i.Blob, string(attrs))
	if err == nil {
		rows, err = res.RowsAffected()
	}
	if err != nil {
		return 0, fmt.Errorf("write the row of %s/%s: %w", b.Name, i.Key, err)
	}
	if rows == 0 {
		return 0, nil
	}
	k := rowKey{b.id, i.Key}
	if bytes.Contains(attrs, []byte(`\ufffd`)) { // text that is not UTF-8 is read otherwise than it was written
		s.rows.Drop(tx, k)
	} else {
		s.rows.Set(tx, k, i)
	}
	return rows, nil
}

// setFirst stores a version as the current one if its key has none; done reports whether that was so.
func (s *Store) setFirst(tx *meta.Tx, b Bucket, i Info) (done bool, err error) {
	rows, err := s.insert(tx, writeFirst, b, &i)
	return rows > 0, err
}

// setCurrent stores a version as the current one, in the place of one whose bytes are freed by that (if not "").
func (s *Store) setCurrent(tx *meta.Tx, b Bucket, i Info, freed string) error {
	if _, err := s.insert(tx, writeCurrent, b, &i); err != nil || freed == "" {
		return err
	}
	return s.discard(tx, freed)
}

// rewrite stores changed attributes of a version.
func (s *Store) rewrite(tx *meta.Tx, b Bucket, i Info) error {
	attrs, err := json.Marshal(i.Attrs)
	if err != nil {
		return err
	}
	if i.Latest {
		s.rows.Drop(tx, rowKey{b.id, i.Key})
		_, err = tx.Exec("UPDATE object_current SET attrs = ? WHERE bucket = ? AND key = ?", string(attrs), b.id, i.Key)
		return err
	}
	_, err = tx.Exec("UPDATE object_old SET attrs = ? WHERE bucket = ? AND key = ? AND seq = ?", string(attrs), b.id, i.Key, i.seq)
	return err
}

// retire moves the current version to the old ones.
func (s *Store) retire(tx *meta.Tx, b Bucket, key string) error {
	s.rows.Drop(tx, rowKey{b.id, key})
	const where = " FROM object_current WHERE bucket = ? AND key = ?"
	if _, err := tx.Exec("INSERT INTO object_old (bucket, "+versionColumns+") SELECT bucket, "+versionColumns+where, b.id, key); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE"+where, b.id, key)
	return err
}

// remove deletes a version's row and hands its bytes to the garbage collection, unless a lock holds it.
func (s *Store) remove(tx *meta.Tx, b Bucket, i Info, bypass bool) error {
	err := i.Lock.Held(s.now(), bypass)
	if err != nil {
		return fmt.Errorf("%s/%s version %s: %w", b.Name, i.Key, i.VersionID, err)
	}
	if i.Latest {
		s.rows.Drop(tx, rowKey{b.id, i.Key})
		_, err = tx.Exec("DELETE FROM object_current WHERE bucket = ? AND key = ?", b.id, i.Key)
	} else {
		_, err = tx.Exec("DELETE FROM object_old WHERE bucket = ? AND key = ? AND seq = ?", b.id, i.Key, i.seq)
	}
	if err != nil || i.Blob == "" {
		return err
	}
	return s.discard(tx, i.Blob)
}

// unnamed holds for a blob ?1 that no row names. Several may: a copy names the blob of its source.
const unnamed = `NOT EXISTS (SELECT 1 FROM object_current WHERE blob = ?1 AND blob >= '0')
	AND NOT EXISTS (SELECT 1 FROM object_old WHERE blob = ?1 AND blob >= '0') AND NOT EXISTS (SELECT 1 FROM object_part WHERE blob = ?1)`

// discard makes a blob garbage if no row names it any more; it is called after the row has gone. A small body is its row's own and goes
// at once.
func (s *Store) discard(tx *meta.Tx, blobID string) error {
	if isSmall(blobID) {
		return removeSmall(tx, blobID)
	}
	_, err := tx.Exec("INSERT OR IGNORE INTO object_garbage (blob, since) SELECT ?1, ?2 WHERE "+unnamed, blobID, s.now().UnixMilli())
	return err
}

// promote makes the newest old version current, if there is one.
func (s *Store) promote(tx *meta.Tx, b Bucket, key string) error {
	s.rows.Drop(tx, rowKey{b.id, key})
	const newest = " FROM object_old WHERE bucket = ?1 AND key = ?2 AND seq = (SELECT max(seq) FROM object_old WHERE bucket = ?1 AND key = ?2)"
	if _, err := tx.Exec("INSERT INTO object_current (bucket, "+versionColumns+") SELECT bucket, "+versionColumns+newest,
		b.id, key); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE"+newest, b.id, key)
	return err
}

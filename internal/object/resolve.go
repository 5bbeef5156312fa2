package object

import (
	"context"
	"fmt"
	"time"

	"penstock/internal/meta"
)

// A Resolved is a version with the file that holds its bytes. Its Info has no Attrs.
type Resolved struct {
	Info
	Path string
	Body []byte // ResolvePage: the bytes of one that has no file
}

// Resolve returns all current objects under a prefix at one instant, in the order of keys, with their files. Nothing is copied; the files
// stay for the garbage delay, and longer under a lease.
func (s *Store) Resolve(ctx context.Context, bucket, prefix string) (out []Resolved, err error) {
	err = s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if out, err = s.resolveTx(tx, b, prefix); err != nil {
			return err
		}
		return s.paths(tx, out)
	})
	return out, err
}

// paths finds the files, and makes those of small bodies. That is the one output inside of a View: their bytes together may be more than
// memory should hold, and outside of it they may be gone.
func (s *Store) paths(tx *meta.Tx, list []Resolved) (err error) {
	for n := range list {
		r := &list[n]
		if !isSmall(r.Blob) {
			r.Path = s.blobs.Path(r.Blob)
		} else if r.Path, err = s.unpack(tx, r.Info); err != nil {
			return err
		}
	}
	return nil
}

// pageBodies bounds the small bodies of a ResolvePage.
const pageBodies = 8 << 20

// ResolvePage returns the current objects under a prefix whose keys follow one, in the order of keys, at most limit and no more than a few
// MB of small bodies. There are more unless it is empty. Files stay for the garbage delay, and longer under a lease; no file is made.
func (s *Store) ResolvePage(ctx context.Context, bucket, prefix, afterKey string, limit int) (out []Resolved, err error) {
	err = s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		list, err := s.currentTx(tx, b, prefix, afterKey, limit, make([]Resolved, 0, limit))
		if err != nil {
			return err
		}
		held := int64(0)
		for i := range list {
			one := list[i]
			if !isSmall(one.Blob) {
				one.Path = s.blobs.Path(one.Blob)
			} else if err := readSmall(tx, &one.Info); err != nil {
				return err
			} else {
				one.Body = one.body
				held += one.Size
			}
			if out = append(out, one); held > pageBodies {
				break
			}
		}
		return nil
	})
	return out, err
}

// ResolveTx is Resolve inside a transaction of the caller's, without the paths.
func (s *Store) ResolveTx(tx *meta.Tx, bucket, prefix string) ([]Resolved, error) {
	b, err := bucketTx(tx, bucket)
	if err != nil {
		return nil, err
	}
	return s.resolveTx(tx, b, prefix)
}

func (s *Store) resolveTx(tx *meta.Tx, b Bucket, prefix string) (out []Resolved, err error) {
	var n int // Infos are large: room for all at once is a third of the time
	if err := tx.QueryRow("SELECT count(*) FROM object_current WHERE bucket = ? AND key >= ? AND key < ?", b.id, prefix,
		succ(prefix)).Scan(&n); err != nil {
		return nil, err
	}
	return s.currentTx(tx, b, prefix, "", -1, make([]Resolved, 0, n))
}

// currentTx appends the current objects under a prefix whose keys follow one, at most limit; -1 is no bound.
func (s *Store) currentTx(tx *meta.Tx, b Bucket, prefix, afterKey string, limit int, out []Resolved) ([]Resolved, error) {
	from := prefix
	if afterKey != "" {
		from = max(prefix, after(afterKey))
	}
	rows, err := tx.Query(`SELECT key, version, size, etag, modified, blob FROM object_current
		WHERE bucket = ? AND key >= ? AND key < ? AND marker = 0 ORDER BY key LIMIT ?`, b.id, from, succ(prefix), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := Resolved{Info: Info{Bucket: b.Name, Latest: true, Versioned: b.Versioning != Unversioned}}
		var modified int64
		if err := rows.Scan(&r.Key, &r.VersionID, &r.Size, &r.ETag, &modified, &r.Blob); err != nil {
			return nil, err
		}
		r.LastModified = time.UnixMilli(modified).UTC()
		out = append(out, r)
	}
	return out, rows.Err()
}

// ResolveKeys returns the named versions at one instant, in the order asked. One that is not there is an error that names it.
func (s *Store) ResolveKeys(ctx context.Context, bucket string, keys []KeyVersion) ([]Resolved, error) {
	out := make([]Resolved, 0, len(keys))
	err := s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		for _, k := range keys {
			i, err := versionTx(tx, b, k.Key, k.VersionID)
			if err != nil {
				return fmt.Errorf("resolve s3://%s/%s: %w", bucket, k.Key, err)
			}
			i.Attrs = Attrs{}
			out = append(out, Resolved{Info: i})
		}
		return s.paths(tx, out)
	})
	return out, err
}

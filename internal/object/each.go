package object

import (
	"context"

	"penstock/internal/meta"
)

// A Listed is what a listing shows of a current object.
type Listed struct {
	Key, ETag      string
	Size, Modified int64  // milliseconds since 1970
	attrs          string // as it is stored
}

// Each calls fn with the current objects of a page without a delimiter, in the byte order of their keys, while the rows are read: fn does
// no input or output and keeps nothing. The token is that of List; "" at the end.
func (s *Store) Each(ctx context.Context, q ListQuery, fn func(*Listed)) (token string, err error) {
	hash := meta.FilterHash(q.Bucket, q.Prefix, "")
	from, err := q.start(hash)
	if err != nil {
		return "", err
	}
	b, err := s.bucket(ctx, q.Bucket)
	if err != nil {
		return "", err
	}
	limit, last, more := pageLimit(q.Limit), "", false
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT key, size, etag, modified, attrs FROM object_current WHERE bucket = ? AND key >= ? AND key < ? "+
			"AND marker = 0 ORDER BY key LIMIT ?",
			b.id, from, succ(q.Prefix), limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		var l Listed
		to := []any{&l.Key, &l.Size, &l.ETag, &l.Modified, &l.attrs}
		for n := 0; rows.Next(); n++ {
			if more = n == limit; more {
				return nil
			}
			if err := rows.Scan(to...); err != nil {
				return err
			}
			fn(&l)
			last = l.Key
		}
		return rows.Err()
	})
	if err == nil && more {
		token = meta.Token(hash, last)
	}
	return token, err
}

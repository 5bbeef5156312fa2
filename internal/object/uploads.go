package object

import (
	"context"
	"fmt"
	"slices"

	"penstock/internal/meta"
)

// An UploadQuery selects uploads in progress.
type UploadQuery struct {
	Bucket, Prefix, Delimiter string
	KeyMarker, IDMarker       string // the last entry of the page before
	Limit                     int
}

// An UploadPage is part of a listing of uploads.
type UploadPage struct {
	Uploads         []Upload
	Prefixes        []string
	Truncated       bool
	LastKey, LastID string
}

// Uploads lists uploads in progress by key, and of a key the earliest first.
func (s *Store) Uploads(ctx context.Context, q UploadQuery) (p UploadPage, err error) {
	limit := pageLimit(q.Limit)
	r := roll{q.Prefix, q.Delimiter}
	err = s.view(ctx, q.Bucket, func(tx *meta.Tx, b Bucket) error {
		all, err := uploadsTx(tx, b, q, r)
		if err != nil {
			return err
		}
		for _, u := range all {
			common := r.up(u.Key)
			if common != "" && len(p.Prefixes) > 0 && common == p.Prefixes[len(p.Prefixes)-1] {
				continue
			}
			if len(p.Uploads)+len(p.Prefixes) == limit {
				p.Truncated = true
				return nil
			}
			if common != "" {
				p.Prefixes, p.LastKey, p.LastID = append(p.Prefixes, common), common, ""
				continue
			}
			p.Uploads, p.LastKey, p.LastID = append(p.Uploads, u), u.Key, u.ID
		}
		return nil
	})
	return p, err
}

// uploadsTx reads the uploads from the markers on. There are few: who has more open than memory holds has another problem first.
func uploadsTx(tx *meta.Tx, b Bucket, q UploadQuery, r roll) ([]Upload, error) {
	from := q.Prefix
	if q.KeyMarker != "" {
		from = max(q.Prefix, r.beyond(q.KeyMarker))
	}
	if q.IDMarker != "" {
		from = max(q.Prefix, q.KeyMarker)
	}
	rows, err := tx.Query("SELECT "+uploadColumns+
		" FROM object_upload WHERE bucket = ? AND key >= ? AND key < ? AND completed = '' ORDER BY key, created, id", b.id, from, succ(q.Prefix))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Upload
	for rows.Next() {
		u, _, err := scanUpload(rows, b)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(out, func(u Upload) bool { return u.Key == q.KeyMarker && u.ID == q.IDMarker })
	if i < 0 && q.IDMarker != "" { // it has ended since the page before, or it is another key's
		return out, otherKeyTx(tx, b, q)
	}
	return out[i+1:], nil
}

func otherKeyTx(tx *meta.Tx, b Bucket, q UploadQuery) error {
	var other bool
	err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM object_upload WHERE bucket = ? AND key <> ? AND id = ?)", b.id,
		q.KeyMarker, q.IDMarker).Scan(&other)
	if err == nil && other {
		err = fmt.Errorf("upload %s is not one of %s/%s: %w", q.IDMarker, b.Name, q.KeyMarker, ErrNoUpload)
	}
	return err
}

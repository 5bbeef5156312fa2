package object

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"penstock/internal/meta"
)

// MaxPage is the most entries of a page.
const MaxPage = 1000

// A ListQuery selects current objects.
type ListQuery struct {
	Bucket, Prefix, Delimiter string
	// After: only keys above it. With SkipPrefix an After that is itself a common prefix leaves out all keys below it, as the
	// marker of ListObjects does.
	After      string
	SkipPrefix bool
	Token      string // continues a page of the same selection; After is then ignored
	Limit      int    // 1 to MaxPage; other values mean MaxPage, but 0 entries are asked for with Limit -1
}

// A Page is part of a listing.
type Page struct {
	Objects   []Info
	Prefixes  []string // common prefixes, with the delimiter
	Truncated bool
	Token     string // for the next page, when Truncated
	Last      string // the last key or common prefix of the page
}

// List lists current objects in the byte order of their keys.
func (s *Store) List(ctx context.Context, q ListQuery) (p Page, err error) {
	hash := meta.FilterHash(q.Bucket, q.Prefix, q.Delimiter)
	from, err := q.start(hash)
	if err != nil {
		return Page{}, err
	}
	err = s.view(ctx, q.Bucket, func(tx *meta.Tx, b Bucket) error {
		w := currentWalk{currentCursor(tx, b, q.Prefix)}
		p, err = collect(w, from, roll{q.Prefix, q.Delimiter}, pageLimit(q.Limit))
		return errors.Join(err, w.close())
	})
	if p.Truncated {
		p.Token = meta.Token(hash, p.Last)
	}
	return p, err
}

// ListTx lists current objects inside a transaction of the caller's: those with a prefix, with keys above after, at most limit.
func (s *Store) ListTx(tx *meta.Tx, bucket, prefix, afterKey string, limit int) ([]Info, error) {
	b, err := bucketTx(tx, bucket)
	if err != nil {
		return nil, err
	}
	w := currentWalk{currentCursor(tx, b, prefix)}
	p, err := collect(w, max(prefix, after(afterKey)), roll{prefix, ""}, limit)
	return p.Objects, errors.Join(err, w.close())
}

func pageLimit(n int) int {
	switch {
	case n == -1:
		return 0
	case n < 1 || n > MaxPage:
		return MaxPage
	}
	return n
}

// start is the lowest key of the page.
func (q ListQuery) start(hash string) (string, error) {
	r := roll{q.Prefix, q.Delimiter}
	if q.Token != "" {
		last, err := meta.ParseToken(q.Token, hash)
		if err != nil {
			return "", fmt.Errorf("list %s: %w", q.Bucket, ErrToken)
		}
		return r.beyond(last), nil
	}
	if q.After == "" {
		return q.Prefix, nil
	}
	if q.SkipPrefix {
		return max(q.Prefix, r.beyond(q.After)), nil
	}
	return max(q.Prefix, after(q.After)), nil
}

// roll says how keys become common prefixes.
type roll struct{ prefix, delimiter string }

// up returns the common prefix that a key counts for, or "".
func (r roll) up(key string) string {
	if r.delimiter == "" || !strings.HasPrefix(key, r.prefix) {
		return ""
	}
	rest := key[len(r.prefix):]
	if i := strings.Index(rest, r.delimiter); i >= 0 {
		return key[:len(r.prefix)+i+len(r.delimiter)]
	}
	return ""
}

// beyond returns the lowest key after an entry of a listing: a key, or a common prefix with all below it.
func (r roll) beyond(entry string) string {
	if r.up(entry) == entry && entry != "" {
		return succ(entry)
	}
	return after(entry)
}

// patience is how many keys below a common prefix are read one by one before the walk jumps over the rest.
const patience = 16

// collect makes a page of a walk.
func collect(w walk, from string, r roll, limit int) (Page, error) {
	var p Page
	if limit == 0 {
		return p, nil
	}
	if err := w.seek(from); err != nil {
		return p, err
	}
	rolled, skipped, count := "", 0, 0
	for {
		i, ok, err := w.next()
		if err != nil || !ok {
			return p, err
		}
		common := r.up(i.Key)
		if common != "" && common == rolled {
			if skipped++; skipped == patience {
				skipped = 0
				if err := w.seek(succ(common)); err != nil {
					return p, err
				}
			}
			continue
		}
		if count == limit {
			p.Truncated = true
			return p, nil
		}
		count, skipped, rolled = count+1, 0, common
		if common != "" {
			p.Prefixes, p.Last = append(p.Prefixes, common), common
			continue
		}
		p.Objects, p.Last = append(p.Objects, i), i.Key
	}
}

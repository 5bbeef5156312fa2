package object

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"penstock/internal/blob"
	"penstock/internal/meta"
)

// MaxSmallBody is the most bytes of a body that is kept in the metadata store: it is durable with its row by the one sync of the commit,
// and there is no file to make, to name and to sweep. It is written twice (log and database), which large ones are not worth.
const MaxSmallBody = 16 << 10

const smallMark = "+"

func isSmall(blobID string) bool { return strings.HasPrefix(blobID, smallMark) }

// receiveSmall reads a body that may be small. When it is, it is verified and lies in opts; otherwise rest gives it from its beginning.
func (s *Store) receiveSmall(body io.Reader, opts *PutOptions) (b blob.Blob, rest io.Reader, err error) {
	buf, ok := s.buffers.Get().(*[MaxSmallBody + 1]byte)
	if !ok {
		buf = new([MaxSmallBody + 1]byte)
	}
	n, most := 0, s.opts.SmallBody
	for n <= most && err == nil {
		var k int
		k, err = body.Read(buf[n : most+1])
		n += k
	}
	switch {
	case err == nil:
		return blob.Blob{}, io.MultiReader(bytes.NewReader(buf[:n]), body), nil
	case err != io.EOF:
		return blob.Blob{}, nil, err
	case n > most:
		return blob.Blob{}, bytes.NewReader(buf[:n]), nil
	}
	opts.small = append(make([]byte, 0, n), buf[:n]...) // it is kept in memory for a while
	s.buffers.Put(buf)
	return blob.Of(opts.small, opts.algorithms()...), nil, nil
}

// number gives a version its place among all, and the name of its small body with it.
func (i *Info) number(seq int64) {
	i.seq = seq
	if i.body != nil {
		i.Blob = smallMark + strconv.FormatInt(seq, 10)
	}
}

// insertSmall stores a small body under the number of its version.
func insertSmall(tx *meta.Tx, seq int64, body []byte) error {
	_, err := tx.Exec("INSERT INTO object_body (id, body) VALUES (?, ?)", seq, body)
	return err
}

func smallID(blobID string) (int64, error) { return strconv.ParseInt(blobID[len(smallMark):], 10, 64) }

// readSmall reads the body of a version that has a small one.
func readSmall(tx *meta.Tx, i *Info) error {
	if !isSmall(i.Blob) || i.body != nil {
		return nil
	}
	i.body = []byte{}
	if i.Size == 0 {
		return nil
	}
	id, err := smallID(i.Blob)
	if err == nil {
		err = tx.QueryRow("SELECT body FROM object_body WHERE id = ?", id).Scan(&i.body)
	}
	if err == nil && !i.proves(i.body) {
		err = ErrRotten
	}
	if err != nil {
		return fmt.Errorf("the body of %s/%s: %w", i.Bucket, i.Key, err)
	}
	return nil
}

// proves reports whether bytes are those that the row tells of.
func (i *Info) proves(body []byte) bool {
	a, want := i.Proof()
	return int64(len(body)) == i.Size && (want == "" || blob.Of(body, a).Sums[a] == want)
}

func removeSmall(tx *meta.Tx, blobID string) error {
	id, err := smallID(blobID)
	if err == nil {
		_, err = tx.Exec("DELETE FROM object_body WHERE id = ?", id)
	}
	return err
}

// floor makes the sequence begin above every small body, so that no number is given twice though the machine's clock was put back.
func (q *sequence) floor(tx *meta.Tx) error {
	if q.begun {
		return nil
	}
	var last sql.NullInt64
	if err := tx.QueryRow("SELECT max(id) FROM object_body").Scan(&last); err != nil {
		return err
	}
	q.last, q.begun = max(q.last, last.Int64), true
	return nil
}

// smallFile is a small body as a file.
type smallFile struct {
	*bytes.Reader
	name string
}

func openSmall(i Info) (*smallFile, error) {
	if i.body == nil {
		return nil, errors.New("its body was not read")
	}
	return &smallFile{bytes.NewReader(i.body), i.Blob}, nil
}

func (*smallFile) Write([]byte) (int, error)    { return 0, fs.ErrPermission }
func (*smallFile) Sync() error                  { return nil }
func (*smallFile) Close() error                 { return nil }
func (f *smallFile) Stat() (fs.FileInfo, error) { return smallInfo{f}, nil }

type smallInfo struct{ f *smallFile }

func (i smallInfo) Name() string     { return i.f.name }
func (i smallInfo) Size() int64      { return i.f.Reader.Size() }
func (smallInfo) Mode() fs.FileMode  { return 0o400 }
func (smallInfo) ModTime() time.Time { return time.Time{} }
func (smallInfo) IsDir() bool        { return false }
func (smallInfo) Sys() any           { return nil }

// unpack gives a small body a file, for readers that know paths only. It needs no sync: after a crash it is made again.
func (s *Store) unpack(tx *meta.Tx, i Info) (path string, err error) {
	u := &s.unpacked
	u.mu.Lock()
	defer u.mu.Unlock()
	name := i.Blob[len(smallMark):]
	if gone, ok := u.m[i.Blob]; ok && gone.IsZero() {
		return s.blobs.SmallPath(name), nil
	}
	if err := readSmall(tx, &i); err != nil {
		return "", err
	}
	if path, err = s.blobs.WriteSmall(name, i.body); err != nil {
		return "", fmt.Errorf("a file for %s/%s: %w", i.Bucket, i.Key, err)
	}
	if u.m == nil {
		u.m = map[string]time.Time{}
	}
	u.m[i.Blob] = time.Time{}
	return path, nil
}

// collectUnpacked removes the files of small bodies whose rows went longer ago than the garbage delay and that nobody leases.
func (s *Store) collectUnpacked(ctx context.Context) (removed int, err error) {
	gone, err := s.unpackedGone(ctx)
	if err != nil {
		return 0, err
	}
	u, now := &s.unpacked, s.now()
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, blobID := range gone {
		switch since := u.m[blobID]; {
		case since.IsZero():
			u.m[blobID] = now
		case now.Sub(since) >= s.opts.GarbageDelay && !s.leases.Held(blobID):
			if err := s.blobs.RemoveSmall(blobID[len(smallMark):]); err != nil {
				return removed, err
			}
			delete(u.m, blobID)
			removed++
		}
	}
	return removed, nil
}

// unpackedGone lists the small bodies that have files and rows no more.
func (s *Store) unpackedGone(ctx context.Context) (gone []string, err error) {
	var all []string
	s.unpacked.mu.Lock()
	for blobID := range s.unpacked.m {
		all = append(all, blobID)
	}
	s.unpacked.mu.Unlock()
	for len(all) > 0 {
		n := min(len(all), MaxPage)
		err := s.meta.View(ctx, func(tx *meta.Tx) error {
			for _, blobID := range all[:n] {
				var known bool
				id, err := smallID(blobID)
				if err == nil {
					err = tx.QueryRow("SELECT EXISTS (SELECT 1 FROM object_body WHERE id = ?)", id).Scan(&known)
				}
				if err != nil {
					return err
				}
				if !known {
					gone = append(gone, blobID)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		all = all[n:]
	}
	return gone, nil
}

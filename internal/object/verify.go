package object

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash"
	"io"

	"penstock/internal/vfs"
)

// smallBody is the largest body, in bytes, that is read whole and verified before any of it is given.
const smallBody = 64 << 10

// OpenWhole opens the bytes of a version to be read from the first to the last, and verifies them: what is not what was stored is
// ErrRotten, at once for a small body, otherwise in place of the last piece, so that nobody takes the bytes for whole.
func (s *Store) OpenWhole(i Info) (io.ReadCloser, error) {
	f, err := s.OpenBlob(i)
	if err != nil {
		return nil, err
	}
	a, want := i.Proof()
	if want == "" || i.Size == 0 {
		return f, nil
	}
	v := &verified{f: f, h: a.Hash(), want: want, left: i.Size, rotten: func() error { return s.rotten(i) }}
	if i.Size > smallBody {
		return v, nil
	}
	defer f.Close()
	body := make([]byte, i.Size)
	if _, err := io.ReadFull(v, body); err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(body)), nil
}

// rotten tells of bytes that the disk has changed.
func (s *Store) rotten(i Info) error {
	s.opts.Log.Error("the bytes on disk are not those that were stored", "bucket", i.Bucket, "key", i.Key,
		"version", i.VersionID, "blob", i.Blob)
	return fmt.Errorf("%s/%s: %w", i.Bucket, i.Key, ErrRotten)
}

// verified reads a file that has left more bytes, with a known checksum at its end.
type verified struct {
	f      vfs.File
	h      hash.Hash
	want   string
	left   int64
	rotten func() error
}

// Read implements io.Reader.
func (v *verified) Read(p []byte) (int, error) {
	if v.left == 0 {
		return 0, io.EOF
	}
	n, err := v.f.Read(p[:min(int64(len(p)), v.left)])
	v.h.Write(p[:n])
	v.left -= int64(n)
	switch {
	case v.left == 0 && base64.StdEncoding.EncodeToString(v.h.Sum(nil)) != v.want, v.left > 0 && err == io.EOF:
		return 0, v.rotten()
	case v.left == 0:
		return n, nil
	}
	return n, err
}

// Close implements io.Closer.
func (v *verified) Close() error { return v.f.Close() }

package object

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"penstock/internal/blob"
	"penstock/internal/meta"
	"penstock/internal/vfs"
)

// MaxCopy is the largest source, in bytes, of one copy, and the longest range of one.
const MaxCopy = 5 << 30

// copyTries is how often a copy begins anew because its source was replaced meanwhile.
const copyTries = 10

// A Source names what is copied and the conditions under which it is; a condition that does not hold is a PreconditionError.
type Source struct {
	Bucket, Key, VersionID string
	Conditions             Conditions
}

// CopyOptions says how a copy differs from its source.
type CopyOptions struct {
	// Conditions are those on the current version of the copy's key.
	Conditions PutConditions
	// Attrs gives the attributes of the copy; checksums are not asked for. Its lock is its own, never the source's.
	Attrs func(source Info) (Attrs, error)
	// Algorithm is the checksum that the copy gets; "" keeps those of the source.
	Algorithm blob.Algorithm
}

// errMoved says that nothing names the bytes of a source any more: it was replaced while it was read.
var errMoved = errors.New("the source was replaced while it was copied")

// Copy makes a version of another one. Its bytes are not written again: both rows name the same blob. They are read when the source's
// ETag or checksums are not those of an object in one piece. The copy is as durable as what Put stores.
func (s *Store) Copy(ctx context.Context, bucket, key string, src Source, opts CopyOptions) (v Version, from Info, err error) {
	if err := CheckKey(key); err != nil {
		return Version{}, Info{}, err
	}
	for range copyTries {
		if v, from, err = s.copyOnce(ctx, bucket, key, src, opts); !errors.Is(err, errMoved) {
			return v, from, err
		}
	}
	return v, from, fmt.Errorf("copy s3://%s/%s: %w", src.Bucket, src.Key, ErrBusy)
}

func (s *Store) copyOnce(ctx context.Context, bucket, key string, src Source, opts CopyOptions) (v Version, from Info, err error) {
	err = s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		cur, ok, err := currentTx(tx, b, key)
		if err == nil {
			err = opts.Conditions.check(cur, ok)
		}
		if err == nil {
			from, err = sourceTx(tx, src)
		}
		return err
	})
	if err == nil && from.Size > MaxCopy {
		err = &SourceError{ErrCopySize}
	}
	if err != nil {
		return Version{}, from, err
	}
	put := PutOptions{Conditions: opts.Conditions, Reason: "Copy"}
	if put.Attrs, err = opts.Attrs(from); err != nil {
		return Version{}, from, err
	}
	if err := s.mayPut(ctx, bucket, key, PutOptions{Attrs: put.Attrs}); err != nil {
		return Version{}, from, err
	}
	wanted := sumsOfCopy(from, opts.Algorithm)
	content, err := s.describe(from, wanted)
	if err != nil {
		return Version{}, from, err
	}
	put.PartSizes, put.PartSums, put.Composite = nil, nil, false
	put.setSums(content, wanted)
	put.small = from.body // each version has its own
	err = s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if put.small != nil {
			v, err = s.putTx(tx, b, key, content, put)
			return err
		}
		v, err = s.shareTx(tx, content.ID, func() (Version, error) { return s.putTx(tx, b, key, content, put) })
		return err
	})
	return v, from, err
}

// sourceTx finds the source of a copy.
func sourceTx(tx *meta.Tx, src Source) (Info, error) {
	b, err := bucketTx(tx, src.Bucket)
	if err != nil {
		return Info{}, &SourceError{err}
	}
	i, err := versionTx(tx, b, src.Key, src.VersionID)
	if err == nil {
		err = src.Conditions.Check(i)
	}
	if errors.Is(err, ErrNotModified) { // a copy has no such answer
		err = &PreconditionError{"If-Modified-Since"}
		if src.Conditions.IfNoneMatch != "" {
			err = &PreconditionError{"If-None-Match"}
		}
	}
	if err != nil {
		return Info{}, &SourceError{err}
	}
	return i, readSmall(tx, &i)
}

// sumsOfCopy lists the checksums that a copy of a version gets.
func sumsOfCopy(from Info, a blob.Algorithm) []blob.Algorithm {
	switch {
	case a != "":
		return []blob.Algorithm{a}
	case len(from.Sums) == 0:
		return []blob.Algorithm{blob.CRC64NVME}
	}
	return slices.Collect(maps.Keys(from.Sums))
}

// describe gives the MD5 and the checksums of a version's bytes as a whole. What the row does not tell is computed, and then what it does
// tell is verified.
func (s *Store) describe(i Info, wanted []blob.Algorithm) (blob.Blob, error) {
	known := blob.Blob{ID: i.Blob, Size: i.Size, MD5: i.ETag, Sums: i.wholeSums()}
	enough := !strings.Contains(i.ETag, "-")
	for _, a := range append(slices.Clone(wanted), blob.CRC64NVME) {
		enough = enough && known.Sums[a] != ""
	}
	if enough {
		return known, nil
	}
	f, err := s.OpenBlob(i)
	if err != nil {
		return blob.Blob{}, err
	}
	defer f.Close()
	proof, sum := i.Proof()
	b, err := s.blobs.Describe(i.Blob, f, append(slices.Clone(wanted), blob.CRC64NVME, proof)...)
	if err == nil && (b.Size != i.Size || sum != "" && b.Sums[proof] != sum) {
		err = fmt.Errorf("%s/%s: %w", i.Bucket, i.Key, ErrRotten)
	}
	return b, err
}

// shareTx runs fn, which makes a row that names a blob of another row: the blob is there as long as any row names it.
func (s *Store) shareTx(tx *meta.Tx, blobID string, fn func() (Version, error)) (Version, error) {
	var named bool
	if err := tx.QueryRow("SELECT NOT ("+unnamed+")", blobID).Scan(&named); err != nil {
		return Version{}, err
	}
	if !named {
		return Version{}, errMoved
	}
	v, err := fn()
	if err != nil {
		return Version{}, err
	}
	// A copy over its own source: the row that went has made the blob garbage.
	_, err = tx.Exec("DELETE FROM object_garbage WHERE blob = ?", blobID)
	return v, err
}

// A Span chooses the range of a source, in bytes, for the source's size.
type Span func(size int64) (start, length int64, err error)

// CopyPart stores a part that is a range of a version. A part that is a whole version shares its
// bytes.
func (s *Store) CopyPart(
	ctx context.Context, bucket, key, uploadID string, number int, src Source, span Span,
) (p Part, from Info, err error) {
	if number < 1 || number > MaxParts {
		return Part{}, Info{}, ErrPartNumber
	}
	for range copyTries {
		if p, from, err = s.copyPartOnce(ctx, bucket, key, uploadID, number, src, span); !errors.Is(err, errMoved) {
			return p, from, err
		}
	}
	return p, from, fmt.Errorf("copy s3://%s/%s: %w", src.Bucket, src.Key, ErrBusy)
}

func (s *Store) copyPartOnce(
	ctx context.Context, bucket, key, uploadID string, number int, src Source, span Span,
) (p Part, from Info, err error) {
	var u Upload
	err = s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) (err error) {
		if u, err = openUploadTx(tx, b, key, uploadID); err == nil {
			from, err = sourceTx(tx, src)
		}
		return err
	})
	if err != nil {
		return Part{}, from, err
	}
	start, length, err := span(from.Size)
	if err == nil && length > MaxCopy {
		err = &SourceError{ErrCopySize}
	}
	if err != nil {
		return Part{}, from, err
	}
	var wanted []blob.Algorithm
	if u.Algorithm != "" {
		wanted = []blob.Algorithm{u.Algorithm}
	}
	if start == 0 && length == from.Size && !isSmall(from.Blob) {
		p, err = s.sharePart(ctx, bucket, u, number, from, wanted)
		return p, from, err
	}
	f, err := s.OpenBlob(from)
	if err != nil {
		return Part{}, from, err
	}
	defer f.Close()
	p, err = s.storePart(ctx, bucket, u, number, section(f, start, length), PutOptions{Algorithms: wanted}, func() error { return nil })
	if u.Algorithm == "" {
		p.Sums = nil // S3 tells none of a copied part then
	}
	return p, from, err
}

// section reads a part of a file; a file that ends before is an error.
func section(f vfs.File, start, length int64) io.Reader {
	_, err := f.Seek(start, io.SeekStart)
	return &exactly{io.LimitedReader{R: f, N: length}, err}
}

type exactly struct {
	io.LimitedReader
	err error
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err := e.LimitedReader.Read(p)
	if err == io.EOF && e.N > 0 {
		err = ErrRotten
	}
	return n, err
}

// sharePart makes a part of a whole version.
func (s *Store) sharePart(ctx context.Context, bucket string, u Upload, number int, from Info, wanted []blob.Algorithm) (Part, error) {
	content, err := s.describe(from, wanted)
	if err != nil {
		return Part{}, err
	}
	var opts PutOptions
	opts.setSums(content, wanted)
	p := s.partOf(number, content, opts)
	return p, s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		_, err := s.shareTx(tx, content.ID, func() (Version, error) {
			if _, err := openUploadTx(tx, b, u.Key, u.ID); err != nil {
				return Version{}, err
			}
			return Version{}, s.putPartTx(tx, u.ID, p)
		})
		return err
	})
}

// wholeSums are the checksums of the bytes as a whole that the row tells.
func (i Info) wholeSums() map[blob.Algorithm]string {
	m := map[blob.Algorithm]string{}
	if !i.Composite {
		maps.Copy(m, i.Sums)
	}
	if i.Check != "" {
		m[blob.CRC64NVME] = i.Check
	}
	return m
}

// Proof is the checksum, in base64, by which a version's bytes can be verified, the cheapest that there is; "" when there is none (an
// object in parts of a store that was written before such a checksum was kept, with a checksum of its parts only).
func (i Info) Proof() (a blob.Algorithm, sum string) {
	sums := i.wholeSums()
	for _, a := range []blob.Algorithm{
		blob.CRC64NVME, blob.CRC32, blob.CRC32C, blob.XXHASH3, blob.XXHASH64, blob.XXHASH128, blob.SHA1, blob.SHA256, blob.SHA512,
	} {
		if sums[a] != "" {
			return a, sums[a]
		}
	}
	if raw, err := hex.DecodeString(i.ETag); err == nil && len(raw) == 16 {
		return blob.MD5, base64.StdEncoding.EncodeToString(raw)
	}
	return "", ""
}

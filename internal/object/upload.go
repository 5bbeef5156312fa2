package object

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"penstock/internal/blob"
	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/object/lock"
)

// MaxParts is the highest part number.
const MaxParts = 10000

// An Upload is an object on its way in parts.
type Upload struct {
	Bucket, Key, ID string
	Created         time.Time
	Attrs           Attrs
	Algorithm       blob.Algorithm // of the object's checksum; "" is CRC64NVME over the whole object
	Composite       bool           // the checksum is one of the parts' checksums
	Initiator       string         // the access key that began it, or ""
}

// A Part is an uploaded part.
type Part struct {
	Number       int
	ETag         string
	Size         int64
	LastModified time.Time
	Sums         map[blob.Algorithm]string

	blob  string
	check string // as Attrs.Check
}

// uploadAttrs is what object_upload.attrs holds.
type uploadAttrs struct {
	Attrs
	Algorithm     blob.Algorithm `json:"algorithm,omitempty"`
	CompositeSums bool           `json:"compositeSums,omitempty"`
	Initiator     string         `json:"initiator,omitempty"`
}

// CreateUpload begins an upload in parts. Key, Attrs, Algorithm, Composite and Initiator of u are used.
func (s *Store) CreateUpload(ctx context.Context, u Upload) (Upload, error) {
	if err := CheckKey(u.Key); err != nil {
		return Upload{}, err
	}
	u.ID, u.Created = id.Hex(32), s.now()
	attrs, err := json.Marshal(uploadAttrs{u.Attrs, u.Algorithm, u.Composite, u.Initiator})
	if err != nil {
		return Upload{}, err
	}
	return u, s.update(ctx, u.Bucket, func(tx *meta.Tx, b Bucket) error {
		if err := b.Lock.Begin(u.Attrs.Lock, u.Created); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO object_upload (bucket, key, id, created, attrs) VALUES (?, ?, ?, ?, ?)", b.id, u.Key, u.ID,
			u.Created.UnixMilli(), string(attrs))
		return err
	})
}

const uploadColumns = "key, id, created, attrs, completed"

func scanUpload(row scanner, b Bucket) (u Upload, completed string, err error) {
	u.Bucket = b.Name
	var created int64
	var text string
	if err := row.Scan(&u.Key, &u.ID, &created, &text, &completed); err != nil {
		return Upload{}, "", err
	}
	var a uploadAttrs
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return Upload{}, "", fmt.Errorf("attributes of upload %s: %w", u.ID, err)
	}
	u.Created, u.Attrs, u.Algorithm, u.Composite = time.UnixMilli(created).UTC(), a.Attrs, a.Algorithm, a.CompositeSums
	u.Initiator = a.Initiator
	return u, completed, nil
}

// uploadTx reads an upload; completed is the version that it has become, or "".
func uploadTx(tx *meta.Tx, b Bucket, key, uploadID string) (u Upload, completed string, err error) {
	row := tx.QueryRow("SELECT "+uploadColumns+" FROM object_upload WHERE bucket = ? AND key = ? AND id = ?", b.id, key, uploadID)
	u, completed, err = scanUpload(row, b)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("upload %s of %s/%s: %w", uploadID, b.Name, key, ErrNoUpload)
	}
	return u, completed, err
}

// openUploadTx reads an upload that is not completed.
func openUploadTx(tx *meta.Tx, b Bucket, key, uploadID string) (Upload, error) {
	u, completed, err := uploadTx(tx, b, key, uploadID)
	if err == nil && completed != "" {
		err = fmt.Errorf("upload %s of %s/%s is completed: %w", uploadID, b.Name, key, ErrNoUpload)
	}
	return u, err
}

// PutPart stores a part, in place of an earlier one with its number. Of opts the announced checksums are used.
func (s *Store) PutPart(ctx context.Context, bucket, key, uploadID string, number int, body io.Reader, opts PutOptions) (Part, error) {
	if number < 1 || number > MaxParts {
		return Part{}, ErrPartNumber
	}
	var u Upload
	var locked bool
	err := s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) (err error) {
		u, err = openUploadTx(tx, b, key, uploadID)
		locked = u.Attrs.Lock != (lock.Lock{}) || b.Lock.Default.Mode != ""
		return err
	})
	if err != nil {
		return Part{}, err
	}
	if err := u.accepts(opts.Want, opts.Algorithms); err != nil {
		return Part{}, err
	}
	return s.storePart(ctx, bucket, u, number, body, opts, func() error { return u.given(opts, locked) })
}

// accepts refuses what names another algorithm than the upload's.
func (u Upload) accepts(sums map[blob.Algorithm]string, also []blob.Algorithm) error {
	if u.Algorithm == "" {
		return nil
	}
	for _, a := range append(slices.Collect(maps.Keys(sums)), also...) {
		if a != u.Algorithm {
			return &AlgorithmError{Want: string(u.Algorithm), Got: string(a)}
		}
	}
	return nil
}

// given refuses a part without a checksum in an upload whose checksum is made of the parts' ones, or that becomes a locked version.
func (u Upload) given(opts PutOptions, locked bool) error {
	if locked && !opts.proven() {
		return ErrUnproven
	}
	n := len(opts.Want) + len(opts.Algorithms)
	if opts.Verified != nil {
		n += len(opts.Verified())
	}
	if u.Composite && n == 0 {
		return &AlgorithmError{Want: string(u.Algorithm)}
	}
	return nil
}

func (s *Store) partOf(number int, content blob.Blob, opts PutOptions) Part {
	return Part{Number: number, ETag: content.MD5, Size: content.Size, LastModified: s.now(), Sums: opts.Sums,
		blob: content.ID, check: opts.Check}
}

// storePart writes a part's bytes and, if check does not object when they are read, its row.
func (s *Store) storePart(
	ctx context.Context, bucket string, u Upload, number int, body io.Reader, opts PutOptions, check func() error,
) (Part, error) {
	if u.Algorithm != "" {
		opts.Algorithms = append(opts.Algorithms, u.Algorithm)
	}
	content, err := s.receive(body, &opts)
	if err != nil {
		return Part{}, err
	}
	p := s.partOf(number, content, opts)
	if err = errors.Join(u.accepts(p.Sums, nil), check()); err == nil {
		err = s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
			if _, err := openUploadTx(tx, b, u.Key, u.ID); err != nil {
				return err
			}
			return s.putPartTx(tx, u.ID, p)
		})
	}
	if err != nil {
		return Part{}, s.drop(content, err)
	}
	meta.OnUndo(ctx, func() { s.drop(content, nil) })
	return p, nil
}

func (s *Store) putPartTx(tx *meta.Tx, uploadID string, p Part) error {
	var old string
	err := tx.QueryRow("SELECT blob FROM object_part WHERE upload = ? AND number = ?", uploadID, p.Number).Scan(&old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	sums := maps.Clone(p.Sums)
	if p.check != "" {
		sums[checkKey] = p.check
	}
	text, err := json.Marshal(sums)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT OR REPLACE INTO object_part (upload, number, size, etag, modified, blob, sums) VALUES (?, ?, ?, ?, ?, ?, ?)",
		uploadID, p.Number, p.Size, p.ETag, p.LastModified.UnixMilli(), p.blob, string(text))
	if err != nil || old == "" {
		return err
	}
	return s.discard(tx, old)
}

// checkKey is where a part's row keeps the checksum that no answer shows.
const checkKey blob.Algorithm = "crc"

// partsTx lists the parts of an upload after a number, at most limit.
func partsTx(tx *meta.Tx, uploadID string, afterNumber, limit int) ([]Part, error) {
	rows, err := tx.Query("SELECT number, size, etag, modified, blob, sums FROM object_part WHERE upload = ? AND number > ? "+
		"ORDER BY number LIMIT ?", uploadID, afterNumber, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Part
	for rows.Next() {
		var p Part
		var modified int64
		var sums string
		if err := rows.Scan(&p.Number, &p.Size, &p.ETag, &modified, &p.blob, &sums); err != nil {
			return nil, err
		}
		p.LastModified = time.UnixMilli(modified).UTC()
		if err := json.Unmarshal([]byte(sums), &p.Sums); err != nil {
			return nil, fmt.Errorf("checksums of part %d: %w", p.Number, err)
		}
		p.check = p.Sums[checkKey]
		delete(p.Sums, checkKey)
		out = append(out, p)
	}
	return out, rows.Err()
}

// Parts lists the parts of an upload with numbers above after, at most limit, and whether there are more.
func (s *Store) Parts(ctx context.Context, bucket, key, uploadID string, after, limit int) (u Upload, parts []Part, more bool, err error) {
	limit = pageLimit(limit)
	err = s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if u, err = openUploadTx(tx, b, key, uploadID); err != nil {
			return err
		}
		parts, err = partsTx(tx, uploadID, after, limit+1)
		return err
	})
	if len(parts) > limit {
		parts, more = parts[:limit], true
	}
	return u, parts, more, err
}

// Abort ends an upload and drops its parts.
func (s *Store) Abort(ctx context.Context, bucket, key, uploadID string) error {
	return s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
		if _, err := openUploadTx(tx, b, key, uploadID); err != nil {
			return err
		}
		if err := s.dropParts(tx, uploadID); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM object_upload WHERE bucket = ? AND key = ? AND id = ?", b.id, key, uploadID)
		return err
	})
}

// dropParts ends the parts of an upload and hands bytes that nothing else names to the garbage collection.
func (s *Store) dropParts(tx *meta.Tx, uploadID string) error {
	rows, err := tx.Query("DELETE FROM object_part WHERE upload = ? RETURNING blob", uploadID)
	if err != nil {
		return err
	}
	blobs, err := texts(rows)
	if err != nil {
		return err
	}
	for _, blobID := range blobs {
		if err := s.discard(tx, blobID); err != nil {
			return err
		}
	}
	return nil
}

// texts reads rows of one text each.
func texts(rows *sql.Rows) (out []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// AbortBy ends the uploads that an access key has begun and not completed: what a program leaves that was ended.
func (s *Store) AbortBy(ctx context.Context, accessKeyID string) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		return s.dropUploads(tx, "completed = '' AND attrs ->> '$.initiator' = ?", accessKeyID)
	})
}

// dropUploads ends the uploads for which the condition holds.
func (s *Store) dropUploads(tx *meta.Tx, condition string, value any) error {
	rows, err := tx.Query("DELETE FROM object_upload WHERE "+condition+" RETURNING id", value)
	if err != nil {
		return err
	}
	ids, err := texts(rows)
	for _, uploadID := range ids {
		if err == nil {
			err = s.dropParts(tx, uploadID)
		}
	}
	return err
}

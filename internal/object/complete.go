package object

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"penstock/internal/blob"
	"penstock/internal/meta"
)

// A CompletedPart names a part that the finished object is made of.
type CompletedPart struct {
	Number int
	ETag   string
	Sums   map[blob.Algorithm]string // compared when given
}

// CompleteOptions are conditions of a completion.
type CompleteOptions struct {
	Conditions PutConditions
	Size       int64                     // the size of the whole object in bytes, compared when above 0
	Want       map[blob.Algorithm]string // the checksum of the whole object, compared when given
	Type       string                    // COMPOSITE or FULL_OBJECT, compared with the upload's when given
}

// Complete makes an object of the parts. A repeat of a completion that succeeded answers the same again.
func (s *Store) Complete(ctx context.Context, bucket, key, uploadID string, parts []CompletedPart, opts CompleteOptions) (Version, error) {
	if len(parts) == 0 {
		return Version{}, ErrNoParts
	}
	var c completion
	err := s.view(ctx, bucket, func(tx *meta.Tx, b Bucket) (err error) {
		c, err = planCompletion(tx, b, key, uploadID, parts)
		return err
	})
	if err != nil || c.done != nil {
		return value(c.done), err
	}
	content, joined, err := s.join(c)
	if err != nil {
		return Version{}, err
	}
	var v Version
	err = s.checkWhole(c, content, opts)
	if err == nil {
		err = s.update(ctx, bucket, func(tx *meta.Tx, b Bucket) error {
			v, err = s.completeTx(tx, b, c, content, opts)
			return err
		})
	}
	switch {
	case !joined:
	case err != nil || v.Blob != content.ID: // another completion of the upload was first, and its answer is this one's
		return v, s.drop(content, err)
	default:
		meta.OnUndo(ctx, func() { s.drop(content, nil) })
	}
	return v, err
}

func value(v *Version) Version {
	if v == nil {
		return Version{}
	}
	return *v
}

// answered is what a completion answered, kept in object_upload.completed for those who ask again.
type answered struct {
	Version   string                    `json:"version"`
	ETag      string                    `json:"etag"`
	Sums      map[blob.Algorithm]string `json:"sums,omitempty"`
	Composite bool                      `json:"composite,omitempty"`
	Versioned bool                      `json:"versioned,omitempty"`
}

// answered is the row's form of an answer.
func (v Version) answered() (string, error) {
	b, err := json.Marshal(answered{v.VersionID, v.ETag, v.Sums, v.Composite, v.Versioned})
	return string(b), err
}

// answerTx gives the answer of a completion again. Rows of earlier builds hold the version's id alone.
func answerTx(tx *meta.Tx, b Bucket, u Upload, completed string) (Version, error) {
	if !strings.HasPrefix(completed, "{") {
		v, err := versionTx(tx, b, u.Key, completed)
		if err != nil {
			return Version{}, fmt.Errorf("upload %s became version %s, which is gone: %w", u.ID, completed, ErrNoUpload)
		}
		return v, nil
	}
	var a answered
	if err := json.Unmarshal([]byte(completed), &a); err != nil {
		return Version{}, fmt.Errorf("answer of upload %s: %w", u.ID, err)
	}
	v := Version{Bucket: b.Name, Key: u.Key, VersionID: a.Version, ETag: a.ETag, Versioned: a.Versioned}
	v.Sums, v.Composite = a.Sums, a.Composite
	return v, nil
}

// A completion is what an upload is going to be.
type completion struct {
	upload Upload
	parts  []Part
	size   int64
	etag   string
	done   *Version // it was completed before
}

func planCompletion(tx *meta.Tx, b Bucket, key, uploadID string, wanted []CompletedPart) (completion, error) {
	u, completed, err := uploadTx(tx, b, key, uploadID)
	if err != nil {
		return completion{}, err
	}
	if completed != "" {
		v, err := answerTx(tx, b, u, completed)
		return completion{done: &v}, err
	}
	have, err := partsTx(tx, uploadID, 0, MaxParts)
	if err != nil {
		return completion{}, err
	}
	c := completion{upload: u}
	return c, c.choose(have, wanted)
}

// choose takes the wanted parts from those that were uploaded.
func (c *completion) choose(have []Part, wanted []CompletedPart) error {
	byNumber := map[int]Part{}
	for _, p := range have {
		byNumber[p.Number] = p
	}
	md5s := md5.New()
	last := 0
	for _, w := range wanted {
		if w.Number <= last {
			return ErrPartOrder
		}
		last = w.Number
		p, ok := byNumber[w.Number]
		if !ok || !matches(w.ETag, p.ETag) {
			return &PartError{Number: w.Number, ETag: w.ETag, Missing: true}
		}
		if err := c.sameSums(w, p); err != nil {
			return err
		}
		c.parts, c.size = append(c.parts, p), c.size+p.Size
		raw, err := hex.DecodeString(p.ETag)
		if err != nil {
			return err
		}
		md5s.Write(raw)
	}
	for _, p := range c.parts[:len(c.parts)-1] {
		if p.Size < MinPart {
			return &PartError{Number: p.Number, ETag: p.ETag, Size: p.Size}
		}
	}
	c.etag = fmt.Sprintf("%x-%d", md5s.Sum(nil), len(c.parts))
	return nil
}

// sameSums compares the checksums that are told of a part. A checksum made of the parts' ones needs them told; an upload that named no
// algorithm has none. Another checksum than the part's is another part, for S3.
func (c *completion) sameSums(w CompletedPart, p Part) error {
	if c.upload.Algorithm == "" && len(w.Sums) > 0 {
		return &PartError{Number: w.Number, ETag: p.ETag, Missing: true}
	}
	for a, sum := range w.Sums {
		if p.Sums[a] != sum && a == c.upload.Algorithm {
			return &PartError{Number: w.Number, ETag: p.ETag, Missing: true}
		}
		if p.Sums[a] != sum {
			return &ChecksumError{Algorithm: string(a), Want: sum, Got: p.Sums[a], Part: w.Number}
		}
	}
	if len(w.Sums) == 0 && c.upload.Composite {
		return &ChecksumError{Algorithm: string(c.upload.Algorithm), Part: w.Number}
	}
	return nil
}

// join makes one blob of the parts; the blob of a single part is taken as it is.
func (s *Store) join(c completion) (content blob.Blob, joined bool, err error) {
	if len(c.parts) == 1 {
		p := c.parts[0]
		content = blob.Blob{ID: p.blob, Size: p.Size, MD5: p.ETag, Sums: maps.Clone(p.Sums)}
		if p.check != "" {
			content.Sums[blob.CRC64NVME] = p.check
		}
		return content, false, nil
	}
	algorithms := []blob.Algorithm{blob.CRC64NVME}
	if a := c.upload.Algorithm; a != "" && a != blob.CRC64NVME && !c.upload.Composite {
		algorithms = append(algorithms, a)
	}
	ids := make([]string, len(c.parts))
	for i, p := range c.parts {
		ids[i] = p.blob
	}
	content, err = s.blobs.Join(ids, algorithms...)
	return content, true, err
}

// checkWhole compares what the client announced of the whole object.
func (s *Store) checkWhole(c completion, content blob.Blob, opts CompleteOptions) error {
	if opts.Size > 0 && opts.Size != c.size {
		return &ChecksumError{Algorithm: WholeSize, Want: fmt.Sprint(opts.Size), Got: fmt.Sprint(c.size)}
	}
	t := map[bool]string{true: "COMPOSITE", false: "FULL_OBJECT"}[c.upload.Composite]
	if c.upload.Algorithm == "" {
		t = "null" // as S3 calls it
	}
	if opts.Type != "" && opts.Type != t {
		return &ChecksumError{Algorithm: WholeType, Want: opts.Type, Got: t}
	}
	sums, err := c.sums(content)
	if err != nil {
		return err
	}
	for a, w := range opts.Want {
		if c.upload.Algorithm == "" && sums[a] == "" {
			continue // as on S3: of an upload that named no algorithm only CRC64NVME is known
		}
		if sums[a] != w {
			return &ChecksumError{Algorithm: string(a), Want: w, Got: sums[a]}
		}
	}
	return nil
}

// sums is the checksum that the object answers with.
func (c completion) sums(content blob.Blob) (map[blob.Algorithm]string, error) {
	a := c.upload.Algorithm
	if a == "" {
		a = blob.CRC64NVME
	}
	if !c.upload.Composite {
		return map[blob.Algorithm]string{a: content.Sums[a]}, nil
	}
	h := a.Hash()
	for _, p := range c.parts {
		raw, err := base64.StdEncoding.DecodeString(p.Sums[a])
		if err != nil {
			return nil, err
		}
		h.Write(raw)
	}
	return map[blob.Algorithm]string{a: fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(h.Sum(nil)), len(c.parts))}, nil
}

func (s *Store) completeTx(tx *meta.Tx, b Bucket, c completion, content blob.Blob, opts CompleteOptions) (Version, error) {
	u := c.upload
	if done, err := sameParts(tx, b, c); err != nil || done != nil {
		return value(done), err
	}
	sums, err := c.sums(content)
	if err != nil {
		return Version{}, err
	}
	put := PutOptions{Attrs: u.Attrs, Conditions: opts.Conditions, Reason: "CompleteMultipartUpload"}
	put.setSums(content, nil)
	put.Sums, put.Composite = sums, u.Composite
	if !u.Composite && sums[blob.CRC64NVME] != "" {
		put.Check = ""
	}
	for _, p := range c.parts {
		put.PartSizes = append(put.PartSizes, p.Size)
		if u.Algorithm != "" {
			put.PartSums = append(put.PartSums, p.Sums[u.Algorithm])
		}
	}
	content.MD5 = c.etag
	v, err := s.putTx(tx, b, u.Key, content, put)
	if err != nil {
		return Version{}, err
	}
	if err := s.dropParts(tx, u.ID); err != nil { // after the row, since the bytes of a single part live on
		return Version{}, err
	}
	answer, err := v.answered()
	if err != nil {
		return Version{}, err
	}
	_, err = tx.Exec("UPDATE object_upload SET completed = ? WHERE bucket = ? AND key = ? AND id = ?", answer, b.id, u.Key, u.ID)
	return v, err
}

// sameParts makes sure that nobody replaced a part, or ended the upload, while the parts were joined. done is the answer of who completed
// it meanwhile.
func sameParts(tx *meta.Tx, b Bucket, c completion) (done *Version, err error) {
	u, completed, err := uploadTx(tx, b, c.upload.Key, c.upload.ID)
	if err != nil {
		return nil, err
	}
	if completed != "" {
		v, err := answerTx(tx, b, u, completed)
		return &v, err
	}
	have, err := partsTx(tx, c.upload.ID, 0, MaxParts)
	if err != nil {
		return nil, err
	}
	blobs := map[string]bool{}
	for _, p := range have {
		blobs[p.blob] = true
	}
	for _, p := range c.parts {
		if !blobs[p.blob] {
			return nil, &PartError{Number: p.Number, ETag: p.ETag, Missing: true}
		}
	}
	return nil, nil
}

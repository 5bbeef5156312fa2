package object

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"penstock/internal/blob"
)

func (l *lake) upload(u Upload) string {
	l.t.Helper()
	u.Bucket, u.Key = "lake", "big"
	u, err := l.CreateUpload(ctx, u)
	if err != nil {
		l.t.Fatal(err)
	}
	return u.ID
}

// sums is what a client asks for each part of an upload.
func (u Upload) sums() []blob.Algorithm {
	if u.Algorithm == "" {
		return nil
	}
	return []blob.Algorithm{u.Algorithm}
}

func (l *lake) part(id string, n int, body []byte, sums ...blob.Algorithm) CompletedPart {
	l.t.Helper()
	p, err := l.PutPart(ctx, "lake", "big", id, n, bytes.NewReader(body), PutOptions{Algorithms: sums})
	if err != nil {
		l.t.Fatal(err)
	}
	c := CompletedPart{Number: n, ETag: `"` + p.ETag + `"`}
	if sums != nil {
		c.Sums = p.Sums
	}
	return c
}

var five = bytes.Repeat([]byte("x"), MinPart)

func TestUploadInParts(t *testing.T) {
	l := newLake(t, Enabled)
	id := l.upload(Upload{Attrs: Attrs{ContentType: "text/plain"}})
	l.part(id, 7, []byte("wrong"))
	parts := []CompletedPart{l.part(id, 2, five), l.part(id, 7, []byte("end")), l.part(id, 9, []byte("left out"))}[:2]
	_, listed, more, err := l.Parts(ctx, "lake", "big", id, 0, 2)
	if err != nil || len(listed) != 2 || !more || listed[1].Number != 7 || listed[1].Size != 3 {
		t.Errorf("parts %+v, more %v, %v", listed, more, err)
	}
	l.wantGet("big", "", "error")
	v, err := l.Complete(ctx, "lake", "big", id, parts, CompleteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// md5(md5("x"*5 MiB) + md5("end")) computed apart
	if !strings.HasSuffix(v.ETag, "-2") || len(v.ETag) != 34 || v.Size != MinPart+3 || v.ContentType != "text/plain" ||
		fmt.Sprint(v.PartSizes) != "[5242880 3]" {
		t.Errorf("completed %+v", v)
	}
	l.wantGet("big", "", string(five)+"end")
	again, err := l.Complete(ctx, "lake", "big", id, parts, CompleteOptions{})
	if err != nil || again.VersionID != v.VersionID {
		t.Errorf("repeated completion: %s, %v", again.VersionID, err)
	}
	if _, err := l.PutPart(ctx, "lake", "big", id, 1, strings.NewReader("late"), PutOptions{}); !errors.Is(err, ErrNoUpload) {
		t.Errorf("part after completion: %v", err)
	}
	if p, _ := l.Uploads(ctx, UploadQuery{Bucket: "lake"}); len(p.Uploads) != 0 {
		t.Errorf("a completed upload is listed: %+v", p.Uploads)
	}
	l.clock.Advance(DefaultGarbageDelay)
	if n, err := l.Collect(ctx); err != nil || n != 4 { // three parts and the replaced one
		t.Errorf("collected %d, %v", n, err)
	}
	l.wantGet("big", "", string(five)+"end")
	l.clock.Advance(2 * completedKept)
	l.Collect(ctx)
	if _, err := l.Complete(ctx, "lake", "big", id, parts, CompleteOptions{}); !errors.Is(err, ErrNoUpload) {
		t.Errorf("a repeat after two days: %v", err)
	}
}

func TestUploadOfOnePartKeepsItsBytes(t *testing.T) {
	l := newLake(t, Unversioned)
	id := l.upload(Upload{})
	p := l.part(id, 1, []byte("small"))
	before := l.countBlobs()
	v, err := l.Complete(ctx, "lake", "big", id, []CompletedPart{p}, CompleteOptions{})
	if err != nil || !strings.HasSuffix(v.ETag, "-1") || v.Sums[blob.CRC64NVME] == "" {
		t.Fatalf("%+v, %v", v, err)
	}
	l.clock.Advance(DefaultGarbageDelay)
	l.Collect(ctx)
	if after := l.countBlobs(); after != before {
		t.Errorf("%d blobs before, %d after", before, after)
	}
	l.wantGet("big", "", "small")
}

func TestUploadMistakes(t *testing.T) {
	l := newLake(t, Unversioned)
	id := l.upload(Upload{})
	a, b := l.part(id, 1, []byte("small")), l.part(id, 2, five)
	complete := func(parts []CompletedPart, o CompleteOptions) error {
		_, err := l.Complete(ctx, "lake", "big", id, parts, o)
		return err
	}
	var p *PartError
	if err := complete([]CompletedPart{a, b}, CompleteOptions{}); !errors.As(err, &p) || p.Missing || p.Number != 1 || p.Size != 5 {
		t.Errorf("small part first: %v", err)
	}
	if err := complete([]CompletedPart{b, a}, CompleteOptions{}); !errors.Is(err, ErrPartOrder) {
		t.Errorf("wrong order: %v", err)
	}
	if err := complete([]CompletedPart{b, b}, CompleteOptions{}); !errors.Is(err, ErrPartOrder) {
		t.Errorf("twice the same: %v", err)
	}
	if err := complete(nil, CompleteOptions{}); !errors.Is(err, ErrNoParts) {
		t.Errorf("none: %v", err)
	}
	if err := complete([]CompletedPart{{Number: 3, ETag: a.ETag}}, CompleteOptions{}); !errors.As(err, &p) || !p.Missing {
		t.Errorf("a part that is not there: %v", err)
	}
	if err := complete([]CompletedPart{{Number: 1, ETag: b.ETag}}, CompleteOptions{}); !errors.As(err, &p) || !p.Missing {
		t.Errorf("another ETag: %v", err)
	}
	var c *ChecksumError
	if err := complete([]CompletedPart{a}, CompleteOptions{Size: 6}); !errors.As(err, &c) {
		t.Errorf("another size: %v", err)
	}
	for _, n := range []int{0, 10001} {
		if _, err := l.PutPart(ctx, "lake", "big", id, n, strings.NewReader(""), PutOptions{}); !errors.Is(err, ErrPartNumber) {
			t.Errorf("part %d: %v", n, err)
		}
	}
	if err := l.Abort(ctx, "lake", "big", id); err != nil {
		t.Fatal(err)
	}
	if err := l.Abort(ctx, "lake", "big", id); !errors.Is(err, ErrNoUpload) {
		t.Errorf("abort twice: %v", err)
	}
	if err := complete([]CompletedPart{a}, CompleteOptions{}); !errors.Is(err, ErrNoUpload) {
		t.Errorf("completion after abort: %v", err)
	}
	l.clock.Advance(DefaultGarbageDelay)
	l.Collect(ctx)
	if n := l.countBlobs(); n != 0 {
		t.Errorf("%d blobs stay after an abort", n)
	}
}

func TestCompositeChecksum(t *testing.T) {
	l := newLake(t, Unversioned)
	for _, c := range []struct {
		u    Upload
		want string
	}{
		{Upload{Algorithm: blob.CRC32, Composite: true}, "-2"},
		{Upload{Algorithm: blob.SHA256, Composite: true}, "-2"},
		{Upload{Algorithm: blob.CRC32C}, "="},
		{Upload{}, "="},
	} {
		id := l.upload(c.u)
		v, err := l.Complete(ctx, "lake", "big", id,
			[]CompletedPart{l.part(id, 1, five, c.u.sums()...), l.part(id, 2, []byte("end"), c.u.sums()...)}, CompleteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		a := c.u.Algorithm
		if a == "" {
			a = blob.CRC64NVME
		}
		if !strings.HasSuffix(v.Sums[a], c.want) {
			t.Errorf("%s: %v", a, v.Sums)
		}
		if c.u.Composite {
			continue
		}
		_, f, _ := l.Get(ctx, "lake", "big", "", Conditions{})
		h := a.Hash()
		io.Copy(h, f)
		if got := v.Sums[a]; got != base64Of(h.Sum(nil)) {
			t.Errorf("%s of the whole object is %s, want %s", a, got, base64Of(h.Sum(nil)))
		}
	}
}

func TestPartReplacedWhileJoining(t *testing.T) {
	l := newLake(t, Unversioned)
	id := l.upload(Upload{})
	p := l.part(id, 1, []byte("first"))
	plan, err := l.plan(id, p)
	if err != nil {
		t.Fatal(err)
	}
	l.part(id, 1, []byte("second"))
	if err := l.finish(plan); err == nil {
		t.Error("a part that was replaced meanwhile is in the object")
	}
	l.wantGet("big", "", "error")
}

func TestBucketDeletionDropsUploads(t *testing.T) {
	l := newLake(t, Unversioned)
	l.part(l.upload(Upload{}), 1, []byte("orphan"))
	if err := l.DeleteBucket(ctx, "lake"); err != nil {
		t.Fatal(err)
	}
	l.clock.Advance(DefaultGarbageDelay)
	if n, err := l.Collect(ctx); n != 1 || err != nil {
		t.Errorf("collected %d, %v", n, err)
	}
}

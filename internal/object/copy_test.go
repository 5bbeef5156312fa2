package object

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"penstock/internal/blob"
)

func sameAttrs(i Info) (Attrs, error) { return i.Attrs, nil }

func (l *lake) copy(from, version, to string) Version {
	l.t.Helper()
	v, _, err := l.Copy(ctx, "lake", to, Source{Bucket: "lake", Key: from, VersionID: version}, CopyOptions{Attrs: sameAttrs})
	if err != nil {
		l.t.Fatal(err)
	}
	return v
}

// age lets what is garbage be collected, and says how many blobs were.
func (l *lake) age() int {
	l.t.Helper()
	l.clock.Advance(2 * DefaultGarbageDelay)
	n, err := l.Collect(ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

// TestCopiesShareBytes holds that the last name of a blob, and no other, takes the bytes along.
func TestCopiesShareBytes(t *testing.T) {
	l := newLake(t, Unversioned)
	a := l.put("a", "text")
	if b := l.copy("a", "", "b"); b.Blob != a.Blob || b.ETag != a.ETag || b.Sums[blob.CRC64NVME] != a.Sums[blob.CRC64NVME] {
		t.Errorf("copy %+v of %+v", b, a)
	}
	l.copy("b", "", "c")
	l.del("a", "")
	if n := l.age(); n != 0 {
		t.Errorf("collected %d blobs that two rows name", n)
	}
	l.put("b", "other")
	l.age()
	l.wantGet("c", "", "text")
	l.copy("c", "", "c") // onto itself
	if n := l.age(); n != 0 {
		t.Errorf("a copy onto itself lost %d blobs", n)
	}
	l.wantGet("c", "", "text")
	l.del("c", "")
	if n := l.age(); n != 1 {
		t.Errorf("collected %d, want the one blob", n)
	}
}

func TestCopiesOfVersions(t *testing.T) {
	l := newLake(t, Enabled)
	first := l.put("a", "1")
	l.put("a", "2")
	l.copy("a", first.VersionID, "a")
	l.wantGet("a", "", "1")
	l.del("a", first.VersionID)
	l.age()
	l.wantGet("a", "", "1")
	m := l.del("a", "")
	for version, want := range map[string]error{"": ErrNoKey, "absent": ErrNoVersion} {
		_, _, err := l.Copy(ctx, "lake", "b", Source{Bucket: "lake", Key: "a", VersionID: version}, CopyOptions{Attrs: sameAttrs})
		var src *SourceError
		if !errors.Is(err, want) || !errors.As(err, &src) {
			t.Errorf("version %q: %v", version, err)
		}
	}
	_, _, err := l.Copy(ctx, "lake", "b", Source{Bucket: "lake", Key: "a", VersionID: m.VersionID}, CopyOptions{Attrs: sameAttrs})
	var marker *MarkerError
	if !errors.As(err, &marker) || !marker.Named {
		t.Errorf("copy of a marker: %v", err)
	}
}

// TestCopyOfParts makes one piece of an object in parts, and parts of objects.
func TestCopyOfParts(t *testing.T) {
	l := newLake(t, Unversioned)
	big := strings.Repeat("a", MinPart)
	l.put("big", big)
	l.put("small", "tail")
	u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "joined", Algorithm: blob.SHA256, Composite: true})
	if err != nil {
		t.Fatal(err)
	}
	var done []CompletedPart
	for n, c := range []struct {
		key    string
		length int64
	}{{"big", MinPart}, {"big", MinPart}, {"small", 3}} {
		span := func(int64) (int64, int64, error) { return 0, c.length, nil }
		p, _, err := l.CopyPart(ctx, "lake", "joined", u.ID, n+1, Source{Bucket: "lake", Key: c.key}, span)
		if err != nil || p.Size != c.length || p.Sums[blob.SHA256] == "" {
			t.Fatal(p, err)
		}
		done = append(done, CompletedPart{Number: n + 1, ETag: p.ETag, Sums: p.Sums})
	}
	v, err := l.Complete(ctx, "lake", "joined", u.ID, done, CompleteOptions{})
	if err != nil || !v.Composite || len(v.PartSums) != 3 || v.Check == "" {
		t.Fatal(v, err)
	}
	l.age()
	l.wantGet("big", "", big)
	whole := l.copy("joined", "", "whole")
	plain := l.put("plain", big+big+"tai")
	if whole.ETag != plain.ETag || whole.Composite || len(whole.PartSizes) != 0 || whole.Blob != v.Blob {
		t.Errorf("the copy in one piece is %+v", whole)
	}
	if a, sum := whole.Proof(); sum == "" || sum != v.Check && a == blob.CRC64NVME {
		t.Errorf("proof %s %s, before %s", a, sum, v.Check)
	}
	only, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "only"})
	if err != nil {
		t.Fatal(err)
	}
	all := func(size int64) (int64, int64, error) { return 0, size, nil }
	p, _, err := l.CopyPart(ctx, "lake", "only", only.ID, 1, Source{Bucket: "lake", Key: "small"}, all)
	if err == nil {
		_, err = l.Complete(ctx, "lake", "only", only.ID, []CompletedPart{{Number: 1, ETag: p.ETag}}, CompleteOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	l.del("small", "")
	l.age()
	l.wantGet("only", "", "tail")
}

// TestCopyOfWhatIsReplaced copies while the source is overwritten and garbage goes at once: each copy has the bytes of one version.
func TestCopyOfWhatIsReplaced(t *testing.T) {
	l := newLake(t, Unversioned)
	l.put("a", "0")
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range 100 {
			l.put("a", fmt.Sprint(n))
			l.age()
		}
	})
	wg.Go(func() {
		for n := range 100 {
			l.copy("a", "", fmt.Sprint("copy", n))
		}
	})
	wg.Wait()
	l.age()
	for n := range 100 {
		i, err := l.Head(ctx, "lake", fmt.Sprint("copy", n), "", Conditions{})
		if err == nil {
			err = l.whole(i)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// TestOneAnswerForAllCompletions has several clients complete one upload at once, and one after the object is overwritten.
func TestOneAnswerForAllCompletions(t *testing.T) {
	l := newLake(t, Unversioned)
	u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	var done []CompletedPart
	for n, body := range [][]byte{bytes.Repeat([]byte("x"), MinPart), []byte("end")} {
		p, err := l.PutPart(ctx, "lake", "k", u.ID, n+1, bytes.NewReader(body), PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, CompletedPart{Number: n + 1, ETag: p.ETag})
	}
	got, errs := make([]Version, 8), make([]error, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			got[i], errs[i] = l.Complete(ctx, "lake", "k", u.ID, done, CompleteOptions{Conditions: PutConditions{IfNoneMatch: "*"}})
		})
	}
	wg.Wait()
	l.put("k", "other")
	again, err := l.Complete(ctx, "lake", "k", u.ID, done, CompleteOptions{})
	for i, v := range append(got, again) {
		if e := append(errs, err)[i]; e != nil || v.ETag != got[0].ETag || v.VersionID != NullVersion ||
			v.Sums[blob.CRC64NVME] != got[0].Sums[blob.CRC64NVME] {
			t.Errorf("answer %d is %+v, %v; the first %+v", i, v, e, got[0])
		}
	}
	l.wantGet("k", "", "other")
}

func TestPartsHaveTheUploadsAlgorithm(t *testing.T) {
	l := newLake(t, Unversioned)
	u, err := l.CreateUpload(ctx, Upload{Bucket: "lake", Key: "k", Algorithm: blob.SHA1, Composite: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]PutOptions{
		"another":    {Want: map[blob.Algorithm]string{blob.CRC32: "AAAAAA=="}},
		"none":       {},
		"in trailer": {Verified: func() map[blob.Algorithm]string { return map[blob.Algorithm]string{blob.CRC32: "AAAAAA=="} }},
	} {
		_, err := l.PutPart(ctx, "lake", "k", u.ID, 1, strings.NewReader("x"), opts)
		var a *AlgorithmError
		if !errors.As(err, &a) || a.Want != "SHA1" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := l.PutPart(ctx, "lake", "k", u.ID, 1, strings.NewReader("x"),
		PutOptions{Algorithms: []blob.Algorithm{blob.SHA1}}); err != nil {
		t.Error(err)
	}
}

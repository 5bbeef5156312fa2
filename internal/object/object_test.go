package object

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/vfs"
)

// A lake is a store with what tests reach around it.
type lake struct {
	*Store
	t     testing.TB
	clock *clock.Manual
	fs    vfs.FS
	dir   string
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newLake opens a store with its bytes in memory, bucket "lake", and a clock that stands still.
func newLake(t testing.TB, versioning Versioning) *lake {
	return openLake(t, t.TempDir(), vfs.NewMem(), "/blobs", versioning)
}

func openLake(t testing.TB, metaDir string, fsys vfs.FS, blobDir string, versioning Versioning) *lake {
	t.Helper()
	c := clock.NewManual(start)
	m := metatest.Open(t, metaDir, c, Schema)
	b, err := blob.Open(fsys, blobDir)
	if err != nil {
		t.Fatal(err)
	}
	l := &lake{Store: Open(m, b, Options{Clock: c, SmallBody: -1}), t: t, clock: c, fs: fsys, dir: metaDir}
	_, err = l.CreateBucket(ctx, "lake", "", nil)
	if errors.Is(err, ErrBucketExists) {
		return l
	}
	if err == nil && versioning != Unversioned {
		err = l.SetVersioning(ctx, "lake", versioning)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var ctx = context.Background()

func (l *lake) put(key, body string) Version {
	l.t.Helper()
	v, err := l.Put(ctx, "lake", key, strings.NewReader(body), PutOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	return v
}

// get returns the body of a version, or the error as text.
func (l *lake) get(key, version string) string {
	l.t.Helper()
	_, f, err := l.Get(ctx, "lake", key, version, Conditions{})
	if err != nil {
		return "error: " + err.Error()
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

func (l *lake) wantGet(key, version, want string) {
	l.t.Helper()
	if got := l.get(key, version); got != want && !(want == "error" && strings.HasPrefix(got, "error")) {
		l.t.Errorf("get %s version %q: %q, want %q", key, version, got, want)
	}
}

// history is the versions of the bucket as "key=body" or "key=†", current ones marked by "*".
func (l *lake) history() string {
	l.t.Helper()
	p, err := l.ListVersions(ctx, VersionQuery{Bucket: "lake"})
	if err != nil {
		l.t.Fatal(err)
	}
	var out []string
	for _, i := range p.Objects {
		body := "†"
		if !i.DeleteMarker {
			body = l.get(i.Key, i.VersionID)
		}
		text := i.Key + "=" + body
		if i.VersionID == NullVersion {
			text += "(null)"
		}
		if i.Latest {
			text += "*"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func (l *lake) wantHistory(want string) {
	l.t.Helper()
	if got := l.history(); got != want {
		l.t.Errorf("history %q, want %q", got, want)
	}
}

func (l *lake) del(key, version string) Deleted {
	l.t.Helper()
	d, err := l.Delete(ctx, "lake", Deletion{Key: key, VersionID: version})
	if err != nil {
		l.t.Fatal(err)
	}
	return d
}

func TestVersioningStates(t *testing.T) {
	l := newLake(t, Unversioned)
	l.put("k", "a")
	l.put("k", "b")
	l.wantHistory("k=b(null)*")
	l.SetVersioning(ctx, "lake", Enabled)
	v3 := l.put("k", "c")
	v4 := l.put("k", "d")
	l.wantHistory("k=d* k=c k=b(null)")
	l.wantGet("k", NullVersion, "b")
	l.wantGet("k", v3.VersionID, "c")
	m := l.del("k", "")
	if !m.Made || m.VersionID == "" || m.VersionID == NullVersion {
		t.Errorf("marker %+v", m)
	}
	l.wantHistory("k=†* k=d k=c k=b(null)")
	l.wantGet("k", "", "error")
	var marker *MarkerError
	if _, err := l.Head(ctx, "lake", "k", "", Conditions{}); !errors.As(err, &marker) || marker.Named || !errors.Is(err, ErrNoKey) {
		t.Errorf("head of a deleted key: %v", err)
	}
	if _, err := l.Head(ctx, "lake", "k", m.VersionID, Conditions{}); !errors.As(err, &marker) || !marker.Named || errors.Is(err, ErrNoKey) {
		t.Errorf("head of a marker: %v", err)
	}
	if d := l.del("k", m.VersionID); !d.Marker || d.Made {
		t.Errorf("deletion of a marker: %+v", d)
	}
	l.wantHistory("k=d* k=c k=b(null)")
	l.del("k", v4.VersionID)
	l.wantHistory("k=c* k=b(null)")
	l.SetVersioning(ctx, "lake", Suspended)
	l.put("k", "e")
	l.wantHistory("k=e(null)* k=c")
	l.put("k", "f")
	l.wantHistory("k=f(null)* k=c")
	if d := l.del("k", ""); !d.Made || d.VersionID != NullVersion {
		t.Errorf("deletion while suspended: %+v", d)
	}
	l.wantHistory("k=†(null)* k=c")
	l.del("k", NullVersion)
	l.wantHistory("k=c*")
	if d := l.del("k", "no-such-version"); d.Marker {
		t.Errorf("deletion of nothing: %+v", d)
	}
	l.wantHistory("k=c*")
}

func TestDeleteOfNothing(t *testing.T) {
	l := newLake(t, Unversioned)
	if d := l.del("absent", ""); d != (Deleted{Key: "absent"}) {
		t.Errorf("%+v", d)
	}
	l.SetVersioning(ctx, "lake", Enabled)
	if d := l.del("absent", ""); !d.Made {
		t.Errorf("with versioning a marker is made also for a key that never was: %+v", d)
	}
	l.wantHistory("absent=†*")
}

func TestSeqSurvivesDeletionInOneMillisecond(t *testing.T) {
	l := newLake(t, Enabled)
	for i := range 20 { // the clock stands still
		l.put("k", fmt.Sprint(i))
	}
	l.wantGet("k", "", "19")
	if got := l.history(); !strings.HasPrefix(got, "k=19* k=18 k=17 ") || !strings.HasSuffix(got, " k=1 k=0") {
		t.Errorf("history %q", got)
	}
}

func TestPutConditions(t *testing.T) {
	l := newLake(t, Enabled)
	try := func(c PutConditions) error {
		_, err := l.Put(ctx, "lake", "k", strings.NewReader("x"), PutOptions{Conditions: c})
		return err
	}
	fails := func(err error, condition string) {
		t.Helper()
		var p *PreconditionError
		if !errors.As(err, &p) || p.Condition != condition {
			t.Errorf("got %v, want a failed %s", err, condition)
		}
	}
	if err := try(PutConditions{IfMatch: "abc"}); !errors.Is(err, ErrNoKey) {
		t.Errorf("If-Match on nothing: %v", err)
	}
	if err := try(PutConditions{IfNoneMatch: "*"}); err != nil {
		t.Error(err)
	}
	fails(try(PutConditions{IfNoneMatch: "*"}), "If-None-Match")
	fails(try(PutConditions{IfMatch: `"00000000000000000000000000000000"`}), "If-Match")
	if err := try(PutConditions{IfMatch: `"9dd4e461268c8034f5c8564e155c67a6"`}); err != nil {
		t.Error(err)
	}
	l.del("k", "")
	if err := try(PutConditions{IfNoneMatch: "*"}); err != nil {
		t.Errorf("If-None-Match over a delete marker: %v", err)
	}
}

// TestConditionsHoldAtCommit lets many writers race for one key: exactly one may win.
func TestConditionsHoldAtCommit(t *testing.T) {
	l := newLake(t, Unversioned)
	const n = 16
	errs := make(chan error, n)
	for i := range n {
		go func() {
			_, err := l.Put(ctx, "lake", "k", strings.NewReader(fmt.Sprint(i)), PutOptions{Conditions: PutConditions{IfNoneMatch: "*"}})
			errs <- err
		}()
	}
	won := 0
	for range n {
		if err := <-errs; err == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of %d If-None-Match writers won", won, n)
	}
}

func TestReadConditions(t *testing.T) {
	i := Info{ETag: "e", LastModified: start.Add(300 * time.Millisecond)}
	old, same, later := start.Add(-time.Second), start, start.Add(time.Second)
	for name, c := range map[string]struct {
		c    Conditions
		want string
	}{
		"none":                           {Conditions{}, ""},
		"match":                          {Conditions{IfMatch: `"e"`}, ""},
		"match any":                      {Conditions{IfMatch: "*"}, ""},
		"match in list":                  {Conditions{IfMatch: `"a", "e"`}, ""},
		"match fails":                    {Conditions{IfMatch: `"x"`}, "If-Match"},
		"none-match fails":               {Conditions{IfNoneMatch: `"e"`}, "not modified"},
		"none-match":                     {Conditions{IfNoneMatch: `"x"`}, ""},
		"modified since":                 {Conditions{IfModifiedSince: old}, ""},
		"not modified since":             {Conditions{IfModifiedSince: same}, "not modified"},
		"unmodified since":               {Conditions{IfUnmodifiedSince: same}, ""},
		"not unmodified since":           {Conditions{IfUnmodifiedSince: old}, "If-Unmodified-Since"},
		"match beats unmodified since":   {Conditions{IfMatch: "e", IfUnmodifiedSince: old}, ""},
		"none-match beats modified":      {Conditions{IfNoneMatch: "x", IfModifiedSince: later}, ""},
		"none-match fails over modified": {Conditions{IfNoneMatch: "e", IfModifiedSince: old}, "not modified"},
	} {
		got := ""
		err := c.c.Check(i)
		var p *PreconditionError
		switch {
		case errors.As(err, &p):
			got = p.Condition
		case errors.Is(err, ErrNotModified):
			got = "not modified"
		case err != nil:
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAnnouncedChecksums(t *testing.T) {
	l := newLake(t, Unversioned)
	put := func(opts PutOptions) (Version, error) {
		return l.Put(ctx, "lake", "k", strings.NewReader("123456789"), opts)
	}
	v, err := put(PutOptions{})
	if err != nil || v.Sums[blob.CRC64NVME] != "rosUhgp5mIg=" || len(v.Sums) != 1 {
		t.Errorf("default checksum: %v, %v", v.Sums, err)
	}
	v, err = put(PutOptions{MD5: "JfnnlDI7RTiF9RgfG2JNCw==", Want: map[blob.Algorithm]string{blob.CRC32: "y/Q5Jg=="}})
	if err != nil || v.Sums[blob.CRC32] != "y/Q5Jg==" {
		t.Errorf("announced: %v, %v", v.Sums, err)
	}
	v, err = put(PutOptions{Verified: func() map[blob.Algorithm]string {
		return map[blob.Algorithm]string{blob.SHA1: "98O8HYCOBHMq32eZZczDTKeuNEE="}
	}})
	if err != nil || len(v.Sums) != 1 || v.Sums[blob.SHA1] == "" {
		t.Errorf("verified by the reader: %v, %v", v.Sums, err)
	}
	v, err = put(PutOptions{Algorithms: []blob.Algorithm{blob.SHA256}})
	if err != nil || v.Sums[blob.SHA256] == "" {
		t.Errorf("asked for: %v, %v", v.Sums, err)
	}
	var c *ChecksumError
	if _, err = put(PutOptions{Want: map[blob.Algorithm]string{blob.CRC32C: "AAAAAA=="}}); !errors.As(err, &c) {
		t.Errorf("wrong checksum: %v", err)
	}
	if _, err = put(PutOptions{MD5: "JfnnlDI7RTiF9RgfG2JNCg=="}); !errors.Is(err, ErrDigest) {
		t.Errorf("wrong MD5: %v", err)
	}
	if n := l.countBlobs(); n != 4 {
		t.Errorf("%d blobs on disk after four good puts and two bad", n)
	}
}

func (l *lake) countBlobs() (n int) {
	l.t.Helper()
	b, err := blob.Open(l.fs, filepath.Dir(filepath.Dir(l.blobs.Path("000001/x"))))
	if err != nil {
		l.t.Fatal(err)
	}
	if err := b.Walk(func(ids []string) error { n += len(ids); return nil }); err != nil {
		l.t.Fatal(err)
	}
	return n
}

func TestBuckets(t *testing.T) {
	l := newLake(t, Unversioned)
	for _, bad := range []string{"", "ab", "Upper", "a..b", "-a-", "192.168.1.1", "xn--x", "x-s3alias",
		strings.Repeat("a", 64), "under_score"} {
		if _, err := l.CreateBucket(ctx, bad, "", nil); !errors.Is(err, ErrBucketName) {
			t.Errorf("CreateBucket(%q): %v", bad, err)
		}
	}
	if _, err := l.CreateBucket(ctx, "lake", "", nil); !errors.Is(err, ErrBucketExists) {
		t.Error(err)
	}
	if _, err := l.HeadBucket(ctx, "absent"); !errors.Is(err, ErrNoBucket) {
		t.Error(err)
	}
	if _, err := l.CreateBucket(ctx, "curated", "eu-west-1", map[string]string{"a": "b"}); err != nil {
		t.Fatal(err)
	}
	b, err := l.HeadBucket(ctx, "curated")
	if err != nil || b.Region != "eu-west-1" || b.Tags["a"] != "b" || !b.Created.Equal(start) {
		t.Errorf("%+v, %v", b, err)
	}
	all, _ := l.Buckets(ctx, "", "", 10)
	if len(all) != 2 || all[0].Name != "curated" || all[1].Name != "lake" {
		t.Errorf("%+v", all)
	}
	if some, _ := l.Buckets(ctx, "la", "", 10); len(some) != 1 {
		t.Errorf("with prefix: %+v", some)
	}
	l.put("k", "x")
	if err := l.DeleteBucket(ctx, "lake"); !errors.Is(err, ErrNotEmpty) {
		t.Error(err)
	}
	l.SetVersioning(ctx, "lake", Enabled)
	l.del("k", "")
	if err := l.DeleteBucket(ctx, "lake"); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("deletion of a bucket with a marker and a version: %v", err)
	}
	if err := l.DeleteBucket(ctx, "curated"); err != nil {
		t.Error(err)
	}
	if _, err := l.HeadBucket(ctx, "curated"); !errors.Is(err, ErrNoBucket) {
		t.Error(err)
	}
}

func TestKeysAreBytes(t *testing.T) {
	l := newLake(t, Unversioned)
	keys := []string{"a", "a/", "a//b", "a/./b", "a/../b", "a/b", ".hidden", "ü", "日本/語", "with space+plus%",
		strings.Repeat("k", 1024), "a\x01b"}
	for _, k := range keys {
		l.put(k, "body of "+k)
	}
	for _, k := range keys {
		l.wantGet(k, "", "body of "+k)
	}
	for _, bad := range []string{"", strings.Repeat("k", 1025), "\xff\xfe"} {
		if _, err := l.Put(ctx, "lake", bad, strings.NewReader(""), PutOptions{}); !errors.Is(err, ErrKey) {
			t.Errorf("key %.10q: %v", bad, err)
		}
	}
}

// TestKeysThatClimbCanBeDeleted: earlier programs took keys that lead above their bucket.
func TestKeysThatClimbCanBeDeleted(t *testing.T) {
	for _, versioning := range []Versioning{Unversioned, Enabled} {
		l := newLake(t, versioning)
		v := l.put("x", "body")
		if err := l.meta.Update(ctx, func(tx *meta.Tx) error {
			_, err := tx.Exec(`UPDATE object_current SET key = '../x' WHERE key = 'x'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Delete(ctx, "lake", Deletion{Key: "../y"}); !errors.Is(err, ErrKeyPath) {
			t.Errorf("one that is not there: %v", err)
		}
		out, err := l.Delete(ctx, "lake", Deletion{Key: "../x"})
		if err != nil || out.Marker != (versioning == Enabled) {
			t.Fatalf("%+v, %v", out, err)
		}
		if versioning == Enabled {
			for _, version := range []string{v.VersionID, out.VersionID} {
				if _, err := l.Delete(ctx, "lake", Deletion{Key: "../x", VersionID: version}); err != nil {
					t.Error(err)
				}
			}
		}
		if err := l.DeleteBucket(ctx, "lake"); err != nil {
			t.Error(err)
		}
	}
}

func TestAttributesRoundTrip(t *testing.T) {
	l := newLake(t, Enabled)
	want := Attrs{ContentType: "text/csv", CacheControl: "no-cache", ContentDisposition: "attachment", ContentEncoding: "gzip",
		ContentLanguage: "de", Expires: "Thu, 01 Dec 1994 16:00:00 GMT", StorageClass: "STANDARD_IA", Metadata: map[string]string{"owner": "me"},
		Tags: map[string]string{"t": "1"}}
	v, err := l.Put(ctx, "lake", "k", strings.NewReader("x"), PutOptions{Attrs: want})
	if err != nil {
		t.Fatal(err)
	}
	l.put("k", "newer")
	got, err := l.Head(ctx, "lake", "k", v.VersionID, Conditions{})
	if err != nil {
		t.Fatal(err)
	}
	want.Sums = got.Sums
	if fmt.Sprint(got.Attrs) != fmt.Sprint(want) {
		t.Errorf("%+v\nwant %+v", got.Attrs, want)
	}
	if got.Latest {
		t.Error("an old version says it is current")
	}
}

func TestDeleteMany(t *testing.T) {
	l := newLake(t, Unversioned)
	e := l.put("a", "1").ETag
	l.put("b", "2")
	l.put("c", "3")
	out, errs, err := l.DeleteMany(ctx, "lake", []Deletion{{Key: "a", IfMatch: e}, {Key: "b", IfMatch: "other"}, {Key: "absent"}, {Key: ""}})
	if err != nil {
		t.Fatal(err)
	}
	if errs[0] != nil || errs[2] != nil || out[0].Key != "a" {
		t.Errorf("%+v %v", out, errs)
	}
	var p *PreconditionError
	if !errors.As(errs[1], &p) || !errors.Is(errs[3], ErrKey) {
		t.Errorf("errors %v", errs)
	}
	l.wantHistory("b=2(null)* c=3(null)*")
}

func TestEventsAreOfTheTransaction(t *testing.T) {
	l := newLake(t, Enabled)
	var seen []string
	refuse := false
	l.OnEvent = func(_ *meta.Tx, e Event) error {
		if refuse {
			return errors.New("no room for events")
		}
		seen = append(seen, e.Name+" "+e.Info.Key)
		return nil
	}
	v := l.put("k", "1")
	l.del("k", "")
	l.del("k", v.VersionID)
	want := "[ObjectCreated:Put k ObjectRemoved:DeleteMarkerCreated k ObjectRemoved:Delete k]"
	if got := fmt.Sprint(seen); got != want {
		t.Errorf("events %s, want %s", got, want)
	}
	refuse = true
	if _, err := l.Put(ctx, "lake", "k2", strings.NewReader("x"), PutOptions{}); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("put with a failing hook: %v", err)
	}
	l.wantGet("k2", "", "error")
}

func TestGetOutlivesTheObject(t *testing.T) {
	l := newLake(t, Unversioned)
	l.put("k", "old")
	_, f, err := l.Get(ctx, "lake", "k", "", Conditions{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l.put("k", "new")
	var buf bytes.Buffer
	io.Copy(&buf, f)
	if buf.String() != "old" {
		t.Errorf("read %q", buf.String())
	}
}

// The number of a deleted bucket is never another one's, also where the store was made before that held.
func TestBucketNumbersAreNotUsedAgain(t *testing.T) {
	dir := t.TempDir()
	old := Schema
	old.Migrations = Schema.Migrations[:3]
	m, err := meta.Open(ctx, dir, []meta.Schema{old}, meta.Options{Clock: clock.NewManual(start)})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Update(ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec("INSERT INTO object_bucket (id, name, region, created, tags) VALUES (7, 'early', 'eu-west-1', 1, '{\"a\":\"b\"}')")
		return err
	})
	if err = errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	l := openLake(t, dir, vfs.NewMem(), "/blobs", Unversioned) // makes "lake"
	early, err := l.HeadBucket(ctx, "early")
	if err != nil || early.id != 7 || early.Region != "eu-west-1" || early.Tags["a"] != "b" {
		t.Fatalf("%+v, %v", early, err)
	}
	last := int64(7)
	for range 3 {
		b, err := l.HeadBucket(ctx, "lake")
		if err != nil || b.id <= last {
			t.Fatalf("number %d after %d: %v", b.id, last, err)
		}
		last = b.id
		l.put("k", "x")
		l.del("k", "")
		if err := l.DeleteBucket(ctx, "lake"); err != nil {
			t.Fatal(err)
		}
		if _, err := l.CreateBucket(ctx, "lake", "", nil); err != nil {
			t.Fatal(err)
		}
	}
}

package retail

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/testcorpus"
	"penstock/test/harness"
)

// kill makes a command die at a point.
func kill(point string) []string { return []string{"PENSTOCK_KILL_AT=" + point} }

// own is a folder with one file of one order in Malta.
func own(t *testing.T) string {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "2026/03/01/own.csv.gz"),
		packed(t, []string{header, order("999001", "22423", 3, "2026-03-01", "2.5", "Malta")}))
	return dir
}

// TestKilledWhileTheSampleLands kills a run at several points of its landing; the next run, whatever its arguments, has the whole sample.
func TestKilledWhileTheSampleLands(t *testing.T) {
	t.Parallel()
	const rows = 20000
	whole := sampled(t, rows)
	want := report(harness.MustRun(t, whole, nil, "run"))
	mine := own(t)
	wantBoth := report(harness.MustRun(t, whole, nil, "run", "--input", mine))
	for _, point := range []string{"land.listed", "land.put:1", "land.put:5", "land.put:10", "land.whole"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			if point != "land.put:5" {
				slow(t)
			}
			dir := sampled(t, rows)
			if r := harness.Run(t, dir, kill(point), "run"); r.Code != -1 {
				t.Fatalf("it was not killed: code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
			}
			if r := harness.MustRun(t, dir, nil, "run"); report(r) != want {
				t.Errorf("the next run prints\n%s%s\nwant\n%s", r.Stderr, r.Stdout, want)
			}
			dir = sampled(t, rows)
			harness.Run(t, dir, kill(point), "run")
			if r := harness.MustRun(t, dir, nil, "run", "--input", mine); report(r) != wantBoth {
				t.Errorf("the next run, with --input, prints\n%s%s\nwant\n%s", r.Stderr, r.Stdout, wantBoth)
			}
		})
	}
}

// TestHalfALandingIsNotSeen kills a client in the middle of a landing with a corrected file and a new one. An execution that somebody else
// starts works on what was there before; the next run completes.
func TestHalfALandingIsNotSeen(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	before := s.published()
	files := s.sample()
	lines := readLines(t, files[0])
	writeFile(t, files[0], packed(t, append(lines, order("999001", "22423", 3, "2025-12-01", "2.5", "Malta"))))
	for _, name := range []string{"a", "b", "c", "d"} {
		writeFile(t, filepath.Join(filepath.Dir(files[0]), name+".csv.gz"),
			packed(t, []string{header, order("999002", "22423", 1, "2025-12-01", "2.5", "Malta")}))
	}
	input := filepath.Join(s.dir, "sample")
	if r := harness.Run(t, s.dir, kill("land.put:4"), "run", "--input", input); r.Code != -1 {
		t.Fatalf("it was not killed: code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	s.succeeds(s.start())
	if after := s.published(); after != before {
		t.Errorf("an execution saw half a landing:\n%s", firstDifference(before, after))
	}
	r := s.run()
	wantFigures(t, r, map[string]string{"revenue Malta": "17.5"})
	if got, want := report(r), fresh(t, input); got != want {
		t.Errorf("after the landing was continued:\n%s\nwant\n%s", got, want)
	}
}

// TestLandingOfChangedFiles continues a landing whose files have changed or are gone: the run stops and says what to do. With the files
// back it goes on; taken back, the lake is as before.
func TestLandingOfChangedFiles(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	before := s.objects(raw, "")
	dir := t.TempDir()
	for i := range 40 { // more than are put at the same time
		writeFile(t, filepath.Join(dir, fmt.Sprintf("2025/12/01/%d.csv", i)),
			[]byte(header+"\n"+order("999001", "22423", 3, "2025-12-01", "2.5", "Malta")+"\n"))
	}
	corrected := filepath.Join(dir, strings.TrimPrefix(key(s.dir, s.sample()[0]), "orders/"))
	writeFile(t, corrected, packed(t, readLines(t, s.sample()[0])[:5]))
	harness.Run(t, s.dir, kill("land.put:2"), "land", "orders", dir)
	held := filepath.Join(t.TempDir(), "held")
	if err := os.Rename(dir, held); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, s.runFails(), "the landing of orders that began at", "is not whole", "not here: "+dir, "type: penstock run",
		"penstock land orders --undo")
	if n := len(s.executions()); n != 1 {
		t.Errorf("%d executions: one began on half a landing", n)
	}
	if r := harness.MustRun(t, s.dir, nil, "land", "orders", "--undo"); !strings.Contains(r.Stdout, "files taken back: ") {
		t.Errorf("--undo prints %s", r.Stdout)
	}
	if after := s.objects(raw, ""); len(after) != len(before) {
		t.Errorf("after --undo the lake has %v", after)
	} else {
		for k, etag := range before {
			if after[k] != etag {
				t.Errorf("after --undo %s is %s, was %s", k, after[k], etag)
			}
		}
	}
	if r := s.run(); !strings.Contains(r.Stdout, "nothing new") {
		t.Errorf("after --undo the run says\n%s", r.Stdout)
	}
	wantMessage(t, harness.Run(t, s.dir, nil, "land", "orders", "--undo"), "no landing of orders was interrupted")
	harness.Run(t, s.dir, kill("land.listed"), "land", "orders", held)
	writeFile(t, filepath.Join(held, "2025/12/01/7.csv"), []byte(header+"\n"))
	wantMessage(t, s.runFails("--input", own(t)), "changed:  "+filepath.Join(held, "2025/12/01/7.csv"))
}

// TestSampleLandsOnce empties the raw bucket after a first run with files of the user's own: the sample does not land in their place, nor a
// second time in its own.
func TestSampleLandsOnce(t *testing.T) {
	t.Parallel()
	for name, first := range map[string][]string{"own data": {"--input", own(t)}, "the sample": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 1000)
			want := report(s.run(first...))
			for key := range s.objects(raw, "") {
				if _, err := s.s3.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: aws.String(raw), Key: &key}); err != nil {
					t.Fatal(err)
				}
			}
			if r := s.run(); report(r) != want || len(s.objects(raw, "")) > 0 {
				t.Errorf("the sample sneaked in:\n%s\nwant\n%s", r.Stdout, want)
			}
		})
	}
	t.Run("data that others put", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, 1000)
		s.deploy()
		key := "orders/2026/03/01/own.csv.gz"
		s.put(raw, key, filepath.Join(own(t), "2026/03/01/own.csv.gz"))
		if _, err := s.s3.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: aws.String(raw), Key: &key}); err != nil {
			t.Fatal(err)
		}
		harness.Run(t, s.dir, nil, "run")
		if n := len(s.objects(raw, "")); n > 0 {
			t.Errorf("%d files of the sample are in a prefix that has held other data", n)
		}
	})
}

// TestSampleThatIsMissing runs with a sample: folder that is not there: with files of the user's own the run says that it will not land,
// without it stops.
func TestSampleThatIsMissing(t *testing.T) {
	t.Parallel()
	dir := project(t)
	wantMessage(t, harness.Run(t, dir, nil, "run"), "pipeline.yaml:", "there is no folder sample with a sample of orders",
		"penstock land orders DIR")
	mine := own(t)
	if r := harness.MustRun(t, dir, nil, "run", "--input", mine); !strings.Contains(r.Stderr,
		"there is no folder sample; the sample of orders will not land") {
		t.Errorf("the run says\n%s", r.Stderr)
	}
	if r := harness.MustRun(t, dir, nil, "run", "--input", mine); strings.Contains(r.Stderr, "no folder sample") {
		t.Errorf("the next run says it again\n%s", r.Stderr)
	}
}

// TestInterruptedLanding interrupts a landing: what to type is said, and typing it lands the rest.
func TestInterruptedLanding(t *testing.T) {
	t.Parallel()
	dir := sampled(t, 200)
	many := t.TempDir()
	for i := range 600 {
		writeFile(t, filepath.Join(many, fmt.Sprintf("2025/12/01/%d.csv", i)),
			[]byte(header+"\n"+order("999001", "22423", 3, "2025-12-01", "2.5", "Malta")+"\n"))
	}
	log := filepath.Join(dir, "points")
	c := harness.Begin(t, dir, []string{"PENSTOCK_KILL_LOG=" + log}, "land", "orders", many)
	waitFor(t, time.Minute, "a file has landed", func() bool {
		b, err := os.ReadFile(log)
		return err == nil && strings.Contains(string(b), "land.put")
	})
	if err := c.Interrupt(); err != nil {
		t.Fatal(err)
	}
	r := c.End(t)
	if r.Code != 1 || !strings.Contains(r.Stderr,
		" of 600 files of orders have landed, and none of them is read before all have\nto go on, type: penstock land orders\n") {
		t.Errorf("it ends with code %d and prints\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if r := harness.MustRun(t, dir, nil, "land", "orders"); !strings.Contains(r.Stderr, "(continued; ") {
		t.Errorf("the next landing prints\n%s%s", r.Stdout, r.Stderr)
	}
	wantFigures(t, harness.MustRun(t, dir, nil, "run"), map[string]string{"rows landed": "600", "files landed": "0"})
}

// TestRemove takes a bad file away, and a bad correction of a good one: the run goes on without the one and with the version that is loaded
// of the other.
func TestRemove(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	want := report(s.run())
	dir := t.TempDir()
	first := strings.TrimPrefix(key(s.dir, s.sample()[0]), "orders/")
	writeFile(t, filepath.Join(dir, first), packed(t, []string{header, "X"}))
	writeFile(t, filepath.Join(dir, "2025/12/01/bad.csv.gz"), []byte("this is no gzip"))
	if r := harness.MustRun(t, s.dir, nil, "land", "orders", dir); r.Stdout != "files landed: 2\n" ||
		!strings.Contains(r.Stderr, "to load them, type: penstock run\n") {
		t.Errorf("land prints\n%s%s", r.Stdout, r.Stderr)
	}
	wantMessage(t, s.runFails(), "orders/")
	r := harness.MustRun(t, s.dir, nil, "land", "orders", "--remove", "2025/12/01/bad.csv.gz", "--remove", "s3://"+raw+"/orders/"+first)
	if r.Stdout != "removed: orders/2025/12/01/bad.csv.gz\nremoved: orders/"+first+"\n" ||
		!strings.Contains(r.Stderr, "the version of it that is loaded lies there again") {
		t.Errorf("--remove prints\n%s%s", r.Stdout, r.Stderr)
	}
	if got := report(s.run()); got != want {
		t.Errorf("without the bad files:\n%s\nwant\n%s", got, want)
	}
	wantMessage(t, harness.Run(t, s.dir, nil, "land", "orders", "--remove", first),
		"is loaded; to take its rows away land a corrected file under its name")
	wantMessage(t, harness.Run(t, s.dir, nil, "land", "orders", "--remove", "nothing.csv"),
		"there is no object s3://"+raw+"/orders/nothing.csv")
}

// TestTakeBackUnderLock: in a bucket whose object lock keeps every version, files land as ever, and what is taken back is covered: no run
// reads it, what is loaded of a corrected file stays loaded, and every version is still there.
func TestTakeBackUnderLock(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	want := report(s.run())
	if _, err := s.s3.PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{Bucket: aws.String(raw),
		ObjectLockConfiguration: &s3types.ObjectLockConfiguration{ObjectLockEnabled: s3types.ObjectLockEnabledEnabled,
			Rule: &s3types.ObjectLockRule{DefaultRetention: &s3types.DefaultRetention{Mode: s3types.ObjectLockRetentionModeCompliance,
				Days: aws.Int32(2)}}}}); err != nil {
		t.Fatal(err)
	}
	versions := func() map[string]bool {
		out, err := s.s3.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(raw)})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]bool{}
		for _, v := range out.Versions {
			all[str(v.Key)+" "+str(v.VersionId)] = true
		}
		return all
	}
	dir := t.TempDir()
	first := strings.TrimPrefix(key(s.dir, s.sample()[0]), "orders/")
	before := s.objects(raw, "")
	writeFile(t, filepath.Join(dir, first), packed(t, []string{header, "X"}))
	writeFile(t, filepath.Join(dir, "2025/12/01/bad.csv.gz"), []byte("this is no gzip"))
	harness.MustRun(t, s.dir, nil, "land", "orders", dir)
	landed := versions()
	r := harness.MustRun(t, s.dir, nil, "land", "orders", "--remove", "2025/12/01/bad.csv.gz", "--remove", first)
	if r.Stdout != "removed: orders/2025/12/01/bad.csv.gz\nremoved: orders/"+first+"\n" ||
		!strings.Contains(r.Stderr, "/bad.csv.gz cannot be removed: it is kept by object lock until 20") ||
		!strings.Contains(r.Stderr, "(COMPLIANCE); a deletion hides it, so that no run reads it") ||
		!strings.Contains(r.Stderr, "(COMPLIANCE); a copy of the version before it lies over it, so that no run reads it") {
		t.Errorf("--remove prints\n%s%s", r.Stdout, r.Stderr)
	}
	harness.Run(t, s.dir, kill("land.put:2"), "land", "orders", dir)
	for v := range versions() {
		landed[v] = true
	}
	harness.MustRun(t, s.dir, nil, "land", "orders", "--undo")
	if after := s.objects(raw, ""); !maps.Equal(after, before) {
		t.Errorf("the lake has %v, and had %v", after, before)
	}
	there := versions()
	for v := range landed {
		if !there[v] {
			t.Errorf("the version %s is lost", v)
		}
	}
	if got := report(s.run()); got != want {
		t.Errorf("after everything was taken back:\n%s\nwant\n%s", got, want)
	}
	more := append(readLines(t, s.sample()[0]), order("999001", "22423", 3, "2025-12-01", "2.5", "Malta"))
	writeFile(t, filepath.Join(dir, first), packed(t, more))
	harness.MustRun(t, s.dir, nil, "land", "orders", dir)
	harness.MustRun(t, s.dir, nil, "land", "orders", "--remove", "2025/12/01/bad.csv.gz")
	wantFigures(t, s.run(), map[string]string{"revenue Malta": "7.5"})
}

// TestFullDisk fills the disk of the data directory while the sample lands: the run says so, in words of its own, and what to
// type; with room again the next run has everything.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	slow(t)
	mount := t.TempDir()
	if err := syscall.Mount("tmpfs", mount, "tmpfs", 0, "size=6m"); err != nil {
		testcorpus.NeedTool(t, false, "a small disk, which takes the right to mount one: "+err.Error())
	}
	defer syscall.Unmount(mount, syscall.MNT_DETACH)
	dir := sampled(t, 20000)
	want := fresh(t, filepath.Join(dir, "sample"))
	big := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		lines := []string{header}
		for range 10000 {
			lines = append(lines, order("999001", "22423", 3, "2025-12-01", "2.5", "Malta"))
		}
		writeFile(t, filepath.Join(big, name+".csv"), []byte(strings.Join(lines, "\n")+"\n"))
	}
	env := []string{"PENSTOCK_DATA=" + filepath.Join(mount, "data")}
	r := harness.Run(t, dir, env, "land", "orders", big)
	wantMessage(t, r, "The disk", "full", "files of orders have landed, and none of them is read before all have",
		"to go on, type: penstock run")
	wantOurWords(t, r.Stderr)
	r = harness.Run(t, dir, env, "run")
	wantMessage(t, r, "full")
	wantOurWords(t, r.Stderr)
	if err := syscall.Mount("tmpfs", mount, "tmpfs", syscall.MS_REMOUNT, "size=200m"); err != nil {
		t.Fatal(err)
	}
	harness.MustRun(t, dir, env, "land", "orders")
	if r := harness.MustRun(t, dir, env, "run"); !strings.Contains(r.Stdout, "rows landed: 100000\n") {
		t.Errorf("with room again:\n%s\n%s", r.Stdout, want)
	}
}

// wantOurWords looks for words that only programs and libraries below this one use.
func wantOurWords(t *testing.T, text string) {
	t.Helper()
	for _, word := range []string{"duckdb", "sqlite", "no space left", "connection refused", "IO Error", ".tmp", "/meta", "InternalFailure"} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			t.Errorf("%q stands in\n%s", word, text)
		}
	}
}

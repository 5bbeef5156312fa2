package retail

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"

	"penstock/test/harness"
)

// A fault is a way in which a daily file is wrong, and what the run must say of it.
type fault struct {
	name  string
	later bool                    // also tried in a run after others
	known bool                    // only known when the columns are
	quick bool                    // tried with -short
	lines func([]string) []string // changes the lines
	bytes func([]byte) []byte     // changes the packed file
	says  []string
}

// faults name lines as an editor shows them: the header is line 1.
var faults = []fault{
	{name: "too few columns", later: true, lines: line(5, cutLast), says: []string{"line 5", `"country"`, "7 values"}},
	{name: "too many columns", lines: line(5, func(l string) string { return l + ",x" }),
		says: []string{"line 5", "column 9", `"x"`, "9 values"}},
	{name: "renamed column", later: true, lines: line(1, replace("Quantity", "Qty")), says: []string{"line 1", `"Qty"`, `"quantity"`}},
	{name: "swapped columns", later: true, lines: line(1, replace("UnitPrice,CustomerID", "CustomerID,UnitPrice")),
		says: []string{"line 1", `"CustomerID"`, "place 6"}},
	{name: "missing column", lines: func(l []string) []string {
		for i := range l {
			l[i] = cutLast(l[i])
		}
		return l
	}, says: []string{"line 1", `"country"`}},
	{name: "value that breaks a rule", quick: true, later: true,
		lines: line(7, func(l string) string { return "XX12" + l[strings.IndexByte(l, ','):] }),
		says:  []string{"line 7", `"invoiceno"`, `"XX12"`, `matches "[AC]?[0-9]{6}"`}},
	{name: "empty value", lines: line(7, func(l string) string { return l[strings.IndexByte(l, ','):] }),
		says: []string{"line 7", `"invoiceno"`, "no value", `IsComplete "invoiceno"`}},
	{name: "rule after a record of two lines", lines: func(l []string) []string {
		l[3] = strings.Replace(order("536999", "22423", 1, "2025-12-02", "1.5", "Malta"), "A THING", "\"A\nTHING\"", 1)
		l[5] = "XX12" + l[5][strings.IndexByte(l[5], ','):]
		return l
	}, says: []string{"line 7", `"invoiceno"`, `"XX12"`}},
	{name: "text in a number", later: true, known: true, lines: line(9, replaceField(3, "many")),
		says: []string{"line 9", `"quantity"`, `"many"`}},
	{name: "gzip cut at a line boundary", quick: true, later: true, bytes: cutAtLine, says: []string{"broken gzip", "line ", "cut off"}},
	{name: "gzip without trailer", bytes: func(b []byte) []byte { return b[:len(b)-8] }, says: []string{"broken gzip", "line ", "cut off"}},
	{name: "gzip with a flipped byte", bytes: func(b []byte) []byte { b[len(b)/2] ^= 8; return b }, says: []string{"broken gzip", "line "}},
	{name: "gzip with a wrong checksum", bytes: func(b []byte) []byte { b[len(b)-6] ^= 1; return b },
		says: []string{"broken gzip", "line ", "checksum"}},
	{name: "gzip in name only", bytes: func(b []byte) []byte { return []byte("this is no gzip\n") }, says: []string{"gzip"}},
}

func line(n int, change func(string) string) func([]string) []string {
	return func(l []string) []string {
		l[n-1] = change(l[n-1])
		return l
	}
}

func cutLast(l string) string { return l[:strings.LastIndexByte(l, ',')] }

func replace(old, new string) func(string) string {
	return func(l string) string { return strings.Replace(l, old, new, 1) }
}

func replaceField(n int, value string) func(string) string {
	return func(l string) string {
		f := strings.Split(l, ",")
		f[n] = value
		return strings.Join(f, ",")
	}
}

// cutAtLine is the file as it is while a writer is at work: whole lines, no end.
func cutAtLine(packed []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err)
	}
	var text, b bytes.Buffer
	if _, err := text.ReadFrom(z); err != nil {
		panic(err)
	}
	b.Write(packed[:10])
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		panic(err)
	}
	half := bytes.LastIndexByte(text.Bytes()[:text.Len()/2], '\n') + 1
	if _, err := w.Write(text.Bytes()[:half]); err != nil {
		panic(err)
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// apply makes the faulty file of a good one.
func (f fault) apply(t *testing.T, good string) []byte {
	t.Helper()
	lines := readLines(t, good)
	if f.lines != nil {
		lines = f.lines(lines)
	}
	b := packed(t, lines)
	if f.bytes != nil {
		b = f.bytes(b)
	}
	return b
}

// TestBadInput lands faulty files in a shop that has loaded two good days: nothing becomes visible, the message names the place, and
// the corrected file makes the next run complete.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	files := s.sample()
	held := filepath.Join(t.TempDir(), "held")
	if err := os.Rename(files[1], held); err != nil {
		t.Fatal(err)
	}
	s.run()
	before := s.published()
	for _, f := range faults {
		if !f.later || testing.Short() && !f.known {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			at := s.in(t)
			writeFile(t, files[1], f.apply(t, held))
			wantMessage(t, at.runFails("--input", filepath.Join(s.dir, "sample")), append(f.says, key(s.dir, files[1]))...)
			if after := at.published(); after != before {
				t.Errorf("the failing run published something:\n%s", firstDifference(before, after))
			}
		})
	}
	writeFile(t, files[1], packed(t, readLines(t, held)))
	lost := filepath.Join(s.dir, "sample", "no day.csv.gz")
	writeFile(t, lost, packed(t, readLines(t, held)))
	wantMessage(t, s.runFails("--input", filepath.Join(s.dir, "sample")), "lies in no partition",
		"to go on without this file: penstock land orders --remove 'no day.csv.gz'")
	harness.MustRun(t, s.dir, nil, "land", "orders", "--remove", "no day.csv.gz")
	if err := os.Remove(lost); err != nil {
		t.Fatal(err)
	}
	mended := report(s.run("--input", filepath.Join(s.dir, "sample")))
	if want := fresh(t, filepath.Join(s.dir, "sample")); mended != want {
		t.Errorf("after the files were mended:\n%s\nwant\n%s", mended, want)
	}
}

// TestBadFirstRun lands each faulty file in the very first run, where nothing is known of the columns but what the files show.
func TestBadFirstRun(t *testing.T) {
	for _, f := range faults {
		if f.known || testing.Short() && !f.quick { // broken gzip and a broken rule
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 1000)
			good := s.sample()[1]
			writeFile(t, good, f.apply(t, good))
			wantMessage(t, s.runFails(), append(f.says, key(s.dir, good))...)
			for key := range s.objects(curated, "") {
				if !strings.HasPrefix(key, "_penstock/") {
					t.Errorf("the failing run published %s", key)
				}
			}
			s.want("SELECT count(*) FROM shop.sales", "0")
		})
	}
}

// key is where a file of the sample lands.
func key(dir, file string) string {
	return "orders/" + strings.TrimPrefix(filepath.ToSlash(file), filepath.ToSlash(dir)+"/sample/")
}

// wantMessage looks for all parts in one paragraph of stderr.
func wantMessage(t *testing.T, r harness.Result, says ...string) {
	t.Helper()
	for _, part := range says {
		if !strings.Contains(r.Stderr, part) {
			t.Errorf("the run does not say %s", part)
		}
	}
	if t.Failed() {
		t.Logf("it says\n%s%s", r.Stdout, r.Stderr)
	}
}

package retail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoRowKept lands a file of which no row is kept, as a late cancellation is: it is loaded, with no sale, and a correction of it counts.
func TestNoRowKept(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	first := figures(s.run().Stdout)
	s.late("late.csv.gz", order("C999001", "22423", -3, "2025-12-01", "2.5", "Malta"))
	input := filepath.Join(s.dir, "sample")
	wantFigures(t, s.run("--input", input),
		map[string]string{"rows landed": "1001", "rows kept": first["rows kept"], "revenue": first["revenue"]})
	s.late("late.csv.gz", order("999001", "22423", 3, "2025-12-01", "2.5", "Malta"))
	wantFigures(t, s.run("--input", input), map[string]string{"rows landed": "1001", "revenue Malta": "7.5"})
}

// TestBadFileDeleted lands a file that is none of the table, and deletes it: the next run goes on without it.
func TestBadFileDeleted(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	first := report(s.run())
	notes := filepath.Join(t.TempDir(), "2025", "12", "01", "notes.txt")
	writeFile(t, notes, []byte("hello, these are notes\n"))
	wantMessage(t, s.runFails("--input", filepath.Join(notes, "../../../..")), "notes.txt", "line 1")
	s.python("c('s3').delete_object(Bucket='000000000000-us-east-1-retail-raw', Key='orders/2025/12/01/notes.txt')\n")
	if now := report(s.run()); now != first {
		t.Errorf("without the bad file the run says\n%s\nwant\n%s", now, first)
	}
	if r := s.run(); figures(r.Stdout)["files landed"] != "0" || report(r) != first {
		t.Errorf("the run after it says\n%s", r.Stdout)
	}
}

// TestHeaderMissingAtFirst has a file without a header among the very first: it is named, and a corrected one is enough.
func TestHeaderMissingAtFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t, 3000)
	input := filepath.Join(s.dir, "sample")
	want := fresh(t, input)
	name := s.sample()[1]
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := readLines(t, name)
	writeFile(t, name, packed(t, lines[1:]))
	wantMessage(t, s.runFails(), filepath.Base(name), "line 1", `"invoiceno"`)
	writeFile(t, name, good)
	if now := report(s.run("--input", input)); now != want {
		t.Errorf("with the corrected file the run says\n%s\nwant\n%s", now, want)
	}
}

// TestFailedCheckIsNotTriedAgain fails a check by its data: the job runs once, since it would only say the same again.
func TestFailedCheckIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.late("bad.csv.gz", order("X1", "22423", 3, "2025-12-01", "2.5", "Malta"))
	r := s.runFails("--input", filepath.Join(s.dir, "sample"))
	wantMessage(t, r, "bad.csv.gz", "line 2", `"invoiceno"`, `"X1"`)
	if n := len(s.jobRuns("check-orders")); n != 1 {
		t.Errorf("the check ran %d times", n)
	}
	if got := stepLines(r.Stderr, "check"); len(got) != 1 || !strings.Contains(got[0], "✖") {
		t.Errorf("the check is told as %q", got)
	}
}

// stepLines are the lines of the steps of a kind.
func stepLines(stderr, kind string) (lines []string) {
	for _, line := range strings.Split(stderr, "\n") {
		if f := strings.Fields(line); len(f) > 2 && f[2] == kind {
			lines = append(lines, line)
		}
	}
	return lines
}

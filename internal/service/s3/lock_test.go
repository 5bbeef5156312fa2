package s3

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"penstock/internal/object"
)

// TestLocks runs testdata/locks.test.
func TestLocks(t *testing.T) {
	text, err := os.ReadFile("testdata/locks.test")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	var w *way
	var upload string
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		switch {
		case strings.HasPrefix(block, "#"):
			continue
		case strings.HasPrefix(block, "=="):
			w = newWay(t, false)
			continue
		}
		blocks++
		fill := strings.NewReplacer("VERSION", w.newest(false), "MARKER", w.newest(true), "UPLOAD", upload)
		a, want := lockAsk(fill.Replace(block))
		got := w.send(a)
		if m := toldUpload.FindStringSubmatch(got); m != nil {
			upload = m[1]
		}
		if !answers(got, want) {
			t.Errorf("%s\nanswered %s", block, got)
		}
	}
	if blocks < 100 {
		t.Errorf("only %d blocks", blocks)
	}
}

var toldUpload = regexp.MustCompile("<UploadId>(.*)</UploadId>")

// lockAsk reads a block.
func lockAsk(block string) (a ask, want []string) {
	lines := strings.Split(block, "\n")
	a.method, a.path, _ = strings.Cut(lines[0], " ")
	for _, line := range lines[1:] {
		if body, ok := strings.CutPrefix(line, "| "); ok {
			a.body = body
		} else if piece, ok := strings.CutPrefix(line, "= "); ok {
			want = append(want, piece)
		} else {
			a.header += line + "\n"
		}
	}
	return a, want
}

// answers reports whether an answer has a status and pieces.
func answers(got string, want []string) bool {
	ok := strings.HasPrefix(got, want[0]+"\n")
	for _, piece := range want[1:] {
		ok = ok && strings.Contains(got, piece)
	}
	return ok
}

// newest is the id of the newest version or marker in the bucket "lock", "" without any.
func (w *way) newest(marker bool) string {
	p, err := w.objects.ListVersions(w.t.Context(), object.VersionQuery{Bucket: "lock"})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range p.Objects {
		if i.DeleteMarker == marker {
			return i.VersionID
		}
	}
	return ""
}

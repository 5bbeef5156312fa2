package glue

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// TestAnswers runs testdata/answers.test: "Op {json}" lines against one service, each followed by "= " and the answer or the error. A line
// "= ~ text" wants the text somewhere in the answer.
func TestAnswers(t *testing.T) {
	w := open(t, t.TempDir())
	f, err := os.Open("testdata/answers.test")
	must(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	got, asked, checked := "", "", 0
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if want, ok := strings.CutPrefix(line, "= "); ok {
			checked++
			part, anywhere := strings.CutPrefix(want, "~ ")
			if anywhere && !strings.Contains(got, part) || !anywhere && got != want {
				t.Errorf("line %d: %s\n got %s\nwant %s", n, asked, got, want)
			}
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		op, in, _ := strings.Cut(line, " ")
		asked, got = line, w.call(t, op, in)
	}
	if checked < 40 {
		t.Errorf("only %d answers are checked", checked)
	}
}

package ledger

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"
)

// TestDue reads, in a small language, what earlier runs hold and what lies in the bucket, and checks which runs are due.
//
//	A1 done a.v1 b.v1   run A, generation 1, is done and read a in version v1, b in v1
//	| a.v2 b.v1         the bucket's current objects
func TestDue(t *testing.T) {
	for _, x := range []struct{ name, ledger, bucket, want string }{
		{"the first run", "", "a.v1 b.v1", "new N1: a.v1 b.v1"},
		{"nothing new", "A1 done a.v1 b.v1", "a.v1 b.v1", ""},
		{"a new key", "A1 done a.v1", "a.v1 b.v1", "new N1: b.v1"},
		{"a corrected file", "A1 done a.v1 b.v1", "a.v2 b.v1", "new A2: a.v2 b.v1"},
		{"corrected before new", "A1 done a.v1 b.v1; B1 done c.v1", "a.v2 b.v1 c.v1 d.v1", "new A2: a.v2 b.v1; new N1: d.v1"},
		{"unfinished before all", "A1 done a.v1; B1 open b.v1", "a.v2 b.v1 c.v1", "old B1: b.v1; new A2: a.v2; new N1: c.v1"},
		{"unfinished and corrected", "A1 open a.v1", "a.v2", "new A2: a.v2"},
		{"second generation unfinished", "A1 done a.v1; A2 open a.v2", "a.v2", "old A2: a.v2"},
		{"second generation done", "A1 done a.v1; A2 done a.v2", "a.v2", ""},
		{"second generation is compared", "A1 done a.v1; A2 done a.v2", "a.v1", "new A3: a.v1"},
		{"a deleted file changes nothing", "A1 done a.v1 b.v1", "a.v1", ""},
		{"a deleted file keeps its version", "A1 done a.v1 b.v1", "a.v2", "new A2: a.v2 b.v1"},
		{"a deleted file leaves a run that was never done", "A1 open a.v1 b.v1", "b.v1", "new A2: b.v1"},
		{"all its files are deleted", "A1 open a.v1", "b.v1", "new A2: ; new N1: b.v1"},
		{"a deleted file stays in a run that was done", "A1 done a.v1 b.v1; A2 open a.v2 b.v1", "a.v2", "old A2: a.v2 b.v1"},
		{"an empty bucket", "", "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			l := New()
			for _, entry := range strings.Split(x.ledger, "; ") {
				if f := strings.Fields(entry); len(f) > 0 {
					gen := int(f[0][1] - '0')
					ever := l.runs[f[0][:1]] != nil && l.runs[f[0][:1]].Ever || f[1] == "done"
					l.runs[f[0][:1]] = &Run{Done: f[1] == "done", Ever: ever,
						Last: Manifest{Run: f[0][:1], Gen: gen, Sources: map[string][]Input{"s": inputs(f[2:])}}}
				}
			}
			got := l.Due(map[string][]Input{"s": inputs(strings.Fields(x.bucket))}, func() string { return "N" }, "exec").String()
			if got != x.want {
				t.Errorf("due: %q, want %q", got, x.want)
			}
		})
	}
}

func inputs(words []string) []Input {
	list := []Input{}
	for _, w := range words {
		k, v, _ := strings.Cut(w, ".")
		list = append(list, Input{Bucket: "b", Key: k, Version: v})
	}
	return list
}

func (s *Schedule) String() string {
	var out []string
	for i, m := range s.Runs {
		var ins []string
		for _, in := range m.Sources["s"] {
			ins = append(ins, in.Key+"."+in.Version)
		}
		sort.Strings(ins)
		out = append(out, fmt.Sprintf("%s %s%d: %s", map[bool]string{true: "new", false: "old"}[s.Fresh[i]], m.Run,
			m.Gen, strings.Join(ins, " ")))
	}
	return strings.Join(out, "; ")
}

// FuzzLedgerKeys feeds keys of any form to the ledger, which must ignore what is not its own.
func FuzzLedgerKeys(f *testing.F) {
	for _, k := range []string{"_penstock/runs/A/000001.done.json", "_penstock/runs/A/000001.t.copy.json", "x", "", "//", "runs/1.json/"} {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, key string) {
		l := New()
		err := l.Add(key, func() ([]byte, error) { return nil, errors.New("nothing there") })
		if err != nil && !strings.HasSuffix(key, ".json") {
			t.Errorf("%q is taken for a manifest: %v", key, err)
		}
	})
}

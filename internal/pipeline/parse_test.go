package pipeline

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the tests get into their files")

// TestProblems reads testdata/*.txtar: a pipeline.yaml, the files it names, and in "want" every problem that must be reported.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			content := map[string]string{}
			for _, f := range ar.Files {
				content[f.Name] = string(f.Data)
			}
			_, err = Parse(".", content[FileName], func(name string) (string, error) {
				text, ok := content[name]
				if !ok {
					return "", fs.ErrNotExist
				}
				return text, nil
			})
			got := "no problem\n"
			if err != nil {
				got = err.Error() + "\n"
			}
			if *update {
				for i := range ar.Files {
					if ar.Files[i].Name == "want" {
						ar.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(name, txtar.Format(ar), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != content["want"] {
				t.Errorf("got\n%swant\n%s", got, content["want"])
			}
		})
	}
}

func TestExampleIsRight(t *testing.T) {
	spec, err := Load("../../examples/retail")
	if err != nil {
		t.Fatal(err)
	}
	if spec.Name != "retail" || len(spec.Transforms) != 3 || spec.Sources[0].Crawl == nil || spec.Report == nil {
		t.Errorf("read as %+v", spec)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"pipeline", "sources", "transforms", "warehouse"}
	for got, want := range map[string]string{"source": "sources", "trasnforms": "transforms", "warehuose": "warehouse", "x": "", "zebra": ""} {
		if w := Nearest(got, words); w != want {
			t.Errorf("%q: %q, want %q", got, w, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	b, err := os.ReadFile("../../examples/retail/pipeline.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Add("pipeline: [a]\nsources: {a: &x {s3: *x}}\n")
	f.Add("? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := Parse(".", text, func(string) (string, error) { return "SELECT 1", nil })
		if (spec == nil) == (err == nil) {
			t.Errorf("%q gives neither a spec nor a problem", text)
		}
		if err != nil && !strings.HasPrefix(err.Error(), FileName+":") {
			t.Errorf("%q: a problem without a place: %v", text, fmt.Sprintf("%.200s", err))
		}
	})
}

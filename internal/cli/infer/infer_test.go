package infer

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"penstock/internal/classify"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestReports looks at the files of each archive of testdata and compares what is printed, as text and as JSON. The comment's lines are
// options: "json-path P", "row-tag T", "grok P", "as-glue", "combine", "format F", "sample-size 1".
func TestReports(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	must(t, err)
	if len(names) < 4 {
		t.Errorf("only %d archives", len(names))
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { report(t, name) })
	}
}

func report(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	must(t, err)
	dir := filepath.Join(t.TempDir(), "place")
	for _, f := range a.Files {
		if f.Name == "want" || f.Name == "json" {
			continue
		}
		at := filepath.Join(dir, f.Name)
		must(t, os.MkdirAll(filepath.Dir(at), 0o700))
		must(t, os.WriteFile(at, bytes.ReplaceAll(f.Data, []byte(`\xe9`), []byte{0xe9}), 0o600))
	}
	files, err := Local(dir)
	must(t, err)
	r, err := Look(t.Context(), "place", dir, files, options(string(a.Comment)))
	must(t, err)
	var out, text bytes.Buffer
	Print(&out, r, 100)
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	must(t, e.Encode(r))
	got := map[string]string{"want": out.String(), "json": text.String()}
	for i, f := range a.Files {
		shown, asked := strings.ReplaceAll(got[f.Name], dir, "PLACE"), got[f.Name] != ""
		switch {
		case !asked || shown == string(f.Data):
		case *update:
			a.Files[i].Data = []byte(shown)
		default:
			t.Errorf("%s: got\n%swant\n%s", f.Name, shown, f.Data)
		}
	}
	if *update {
		must(t, os.WriteFile(name, txtar.Format(a), 0o644))
	}
}

func options(text string) Options {
	var o Options
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		c := &classify.Classifier{Name: "test"}
		switch word {
		case "json-path":
			c.JSON = &classify.JSONRules{Path: rest}
		case "row-tag":
			c.XML = &classify.XMLRules{Classification: "xml", RowTag: rest}
		case "grok":
			c.Grok = &classify.GrokRules{Classification: "grok", Pattern: rest}
		case "as-glue":
			o.AsGlue = true
			continue
		case "combine":
			o.Combine = true
			continue
		case "format":
			o.Format = rest
			continue
		case "sample-size":
			o.SampleSize = int(rest[0] - '0')
			continue
		default:
			continue
		}
		o.Classifier = c
	}
	return o
}

// TestPlaces: what is no place with files says so.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "_hidden"), []byte("a,b\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600))
	for path, want := range map[string]string{dir: "no file with data", dir + "/none": "there is no file", "/dev/null": "neither a file"} {
		if _, err := Local(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	if _, err := Objects(t.Context(), nil, "s3:///x"); err == nil || !strings.Contains(err.Error(), "names no bucket") {
		t.Error(err)
	}
}

// TestFold: a long type is broken at its commas, and nothing of it is lost.
func TestFold(t *testing.T) {
	const typ = "struct<first:string,second:array<int>,third:string>"
	got := fold(typ, 24, 4)
	long := func(line string) bool { return len(line) > 24 }
	if strings.Join(strings.Fields(got), "") != typ || slices.ContainsFunc(strings.Split(got, "\n"), long) {
		t.Errorf("%s", got)
	}
}

package retail

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"penstock/test/harness"
)

const optionsSpec = `pipeline: opts
buckets: {raw: {versioning: true}, curated: {}}
sources:
  semico: # a German export, by Excel
    s3: raw/semico/
    format: csv
    columns: {name: string, amt: int}
    delimiter: ';'
    quote: "'"
    skip: 1
    encoding: windows-1252
    null: [NA, '-', '']
  tsv: # a Windows program
    s3: raw/tsv/
    format: csv
    columns: {id: int, n: string}
    header: false
    delimiter: \t
    quote: ''
    null: NULL
    encoding: utf-16
  bom:
    s3: raw/bom/
    format: csv
    columns: {id: int, n: string}
    on_bad_file: quarantine
    max_rejected: 1
  named:
    s3: raw/named/
    format: csv
    columns: {amt: int, code: string}
    header: [code, amt]
    delimiter: '|'
transforms:
  t1: {sql: SELECT * FROM STREAM semico, to: curated/t1/}
  t2: {sql: SELECT * FROM STREAM tsv, to: curated/t2/}
  t3: {sql: SELECT * FROM STREAM bom, to: curated/t3/}
  t4: {sql: SELECT * FROM STREAM named, to: curated/t4/}
warehouse:
  w.t1: {from: t1}
  w.t2: {from: t2}
  w.t3: {from: t3}
  w.t4: {from: t4}
`

// TestSourceOptions lands files as other programs write them, each read by the options of its source: the values arrive in the warehouse. A
// bad value is NULL, a bad file is set aside, both are told; past the limit nothing is published.
func TestSourceOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string, b []byte) { writeFile(t, filepath.Join(dir, name), b) }
	file("pipeline.yaml", []byte(optionsSpec))
	file("in/semico/a.csv", []byte("# export of 2026\nname;amt\n'M\xfcller; S\xf6hne';3\nx;-\n;NA\n"))
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune("1\töne\n2\t\n3\tNULL\n")) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	file("in/tsv/a.tsv", wide)
	file("in/bom/a.csv", []byte("\ufeffid,n\n1,a\nzwei,b\n3,c\n"))
	file("in/bom/bad.csv", []byte("id,n\n1,\"open\n"))
	file("in/named/a.txt", []byte("b1|10\nb2|20\n"))
	for _, source := range []string{"semico", "tsv", "bom", "named"} {
		harness.MustRun(t, dir, nil, "land", source, "in/"+source)
	}
	r := harness.MustRun(t, dir, nil, "run")
	wantFigures(t, r, map[string]string{"rows with a bad value": "1", "rows rejected": "0", "files set aside": "1"})
	for _, want := range []string{"(1 with a bad value, 1 file set aside)", `column "id": 1 value is no int, read as NULL`,
		"raw/bom/bad.csv line 2: column \"n\": the quote"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("the run does not say %q:\n%s", want, r.Stderr)
		}
	}
	wantRows := func(sql, want string) {
		t.Helper()
		if r := harness.MustRun(t, dir, nil, "query", "--json", sql); r.Stdout != want {
			t.Errorf("%s gives\n%swant\n%s", sql, r.Stdout, want)
		}
	}
	wantRows("SELECT name, amt FROM w.t1 ORDER BY amt, name",
		`{"name":"Müller; Söhne","amt":3}`+"\n"+`{"name":"x","amt":null}`+"\n"+`{"name":null,"amt":null}`+"\n")
	wantRows("SELECT id, n FROM w.t2 ORDER BY id", `{"id":1,"n":"öne"}`+"\n"+`{"id":2,"n":""}`+"\n"+`{"id":3,"n":null}`+"\n")
	wantRows("SELECT id, n FROM w.t3 ORDER BY n", `{"id":1,"n":"a"}`+"\n"+`{"id":null,"n":"b"}`+"\n"+`{"id":3,"n":"c"}`+"\n")
	wantRows("SELECT code, amt FROM w.t4 ORDER BY code", `{"code":"b1","amt":10}`+"\n"+`{"code":"b2","amt":20}`+"\n")

	file("in/bom/b.csv", []byte("id,n\nvier,d\n5,e\n6,f,g\n"))
	harness.MustRun(t, dir, nil, "land", "bom", filepath.Join(dir, "in/bom"))
	failed := harness.Run(t, dir, nil, "run")
	if failed.Code != 1 || !strings.Contains(failed.Stderr, "bom/b.csv") {
		t.Errorf("past the limit it ends with code %d:\n%s", failed.Code, failed.Stderr)
	}
	wantRows("SELECT count(*) AS n FROM w.t3", `{"n":3}`+"\n")
	harness.MustRun(t, dir, nil, "land", "bom", "--remove", "b.csv")
	harness.MustRun(t, dir, nil, "run")
	wantRows("SELECT count(*) AS n FROM w.t3", `{"n":3}`+"\n")
}

// TestFilesOfAnotherForm lands files that are not what their source says: the run says what they look like and which option reads them.
func TestFilesOfAnotherForm(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "pipeline.yaml"), []byte(`pipeline: guise
buckets: {raw: {versioning: true}, curated: {}}
sources:
  t: {s3: raw/t/, format: csv, columns: {id: int, name: string, amt: double}}
transforms:
  o: {sql: SELECT * FROM STREAM t, to: curated/o/}
warehouse:
  w.o: {from: o}
`))
	for text, want := range map[string]string{
		"1,Ann,2.5\n2,Bob,3\n":           "header: false",
		"id;name;amt\n1;Ann;2\n":         `delimiter: ";"`,
		"{\"id\":1}\n":                   "looks like JSON",
		"\xff\xfei\x00d\x00,\x00n\x00":   "encoding: utf-16",
		"id,name,amt\n1,Bj\xf6rn,2\n":    "windows-1252",
		"id,name,gr\xf6\xdfe\n1,Ann,2\n": "windows-1252",
	} {
		writeFile(t, filepath.Join(dir, "in/a.csv"), []byte(text))
		r := harness.Run(t, dir, nil, "run", "--input", "in")
		if r.Code != 1 || !strings.Contains(r.Stderr, want) || !strings.Contains(r.Stderr, "/t/a.csv") || strings.Contains(r.Stderr, "renamed") {
			t.Errorf("%q: code %d, want %s in\n%s", text, r.Code, want, r.Stderr)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "in/a.csv"), []byte("id,name,amt\n1,Ann,2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	harness.MustRun(t, dir, nil, "run", "--input", "in")
}

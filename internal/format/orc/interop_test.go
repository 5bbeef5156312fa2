package orc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/column/columntest"
	"penstock/internal/format/orc"
	"penstock/internal/schema"
	"penstock/internal/testcorpus"
)

// python runs testdata/interop.py with the Python that has pyarrow.
func python(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(os.Getenv("PENSTOCK_LAKE_VENV"), "bin", "python")
	_, err := os.Stat(path)
	testcorpus.NeedTool(t, os.Getenv("PENSTOCK_LAKE_VENV") != "" && err == nil, "a Python with pyarrow (PENSTOCK_LAKE_VENV)")
	cmd := exec.Command(path, append([]string{"testdata/interop.py"}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("interop.py: %v\n%s", err, out)
	}
	return string(out)
}

// expected is the JSON file beside an ORC file; see interop.py.
type expected struct {
	Types []string            `json:"types"`
	Rows  [][]json.RawMessage `json:"rows"`
}

func fieldsOf(t testing.TB, types []string) []schema.Field {
	t.Helper()
	var fields []schema.Field
	for i, s := range types {
		typ, err := schema.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, schema.Field{Name: "c" + strconv.Itoa(i), Type: typ})
	}
	return fields
}

// canonical makes two JSON texts of the same value equal.
func canonical(t *testing.T, text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// compare reads a file and compares each value.
func compare(t *testing.T, name string, data []byte, want expected) {
	t.Helper()
	fields := fieldsOf(t, want.Types)
	r, err := orc.NewReader(bytes.NewReader(data), int64(len(data)), orc.Options{Columns: fields})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	row := 0
	b := column.NewBatch(fields)
	for {
		b.Reset()
		if err := r.Next(b); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%s, row %d: %v", name, row, err)
		}
		if err := b.Check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i := range b.Rows() {
			for c, v := range b.Columns {
				got := columntest.AppendExact(nil, v, i)
				if !bytes.Equal(got, want.Rows[row][c]) && canonical(t, got) != canonical(t, want.Rows[row][c]) {
					t.Fatalf("%s, row %d, column %d, %s: %s, not %s", name, row, c, v.Type, got, want.Rows[row][c])
				}
			}
			row++
		}
	}
	if row != len(want.Rows) || r.Rows() != int64(row) {
		t.Errorf("%s: %d rows, not %d", name, row, len(want.Rows))
	}
}

// readAll reads a file into one batch.
func readAll(t testing.TB, data []byte, opts orc.Options) *column.Batch {
	t.Helper()
	r, err := orc.NewReader(bytes.NewReader(data), int64(len(data)), opts)
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(r.Columns())
	for {
		if err := r.Next(b); err == io.EOF {
			return b
		} else if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(); err != nil {
			t.Fatal(err)
		}
	}
}

// write writes batches into a file in memory.
func write(t testing.TB, columns []schema.Field, opts orc.WriterOptions, batches ...*column.Batch) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := orc.NewWriter(&out, columns, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// load reads an ORC file of interop.py and its values.
func load(t *testing.T, name string) (data, text []byte, want expected) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(strings.TrimSuffix(name, "orc") + "json"); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	return data, text, want
}

// TestPyarrow reads what pyarrow writes, in files of all types, codecs, encodings, stripes and nestings, writes the same values again, with
// each codec, and compares what pyarrow and the reader find there.
func TestPyarrow(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	python(t, "write", from)
	names, err := filepath.Glob(filepath.Join(from, "*.orc"))
	if err != nil || len(names) < 60 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	codecs, seen := []string{"none", "zlib", "snappy", "lz4", "zstd"}, map[string]int{}
	for i, name := range names {
		data, text, want := load(t, name)
		compare(t, filepath.Base(name), data, want)
		info, err := orc.Inspect(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		seen[info.Codec]++
		for i, f := range info.Columns {
			if f.Name != fmt.Sprintf("c%d", i) || f.Type.String() != want.Types[i] {
				t.Errorf("%s: column %d is %s %s, not %s", name, i, f.Name, f.Type, want.Types[i])
			}
		}
		fields := fieldsOf(t, want.Types)
		opts := orc.WriterOptions{Codec: codecs[i/2%5], BlockSize: []int{1024, 0, 70_000}[i%3], StripeSize: []int{0, 30_000}[i%2]}
		again := write(t, fields, opts, readAll(t, data, orc.Options{Columns: fields}))
		compare(t, "again "+filepath.Base(name), again, want)
		base := filepath.Join(to, filepath.Base(name))
		if err := os.WriteFile(base, again, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(strings.TrimSuffix(base, "orc")+"json", text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 5 {
		t.Errorf("codecs: %v", seen)
	}
	t.Log(python(t, "check", to))
}

package parquetfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/column/columntest"
	"penstock/internal/convert"
	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
	"penstock/internal/testcorpus"
)

func fields(b *column.Batch) (out []schema.Field) {
	for i, c := range b.Columns {
		out = append(out, schema.Field{Name: b.Names[i], Type: c.Type})
	}
	return out
}

func write(t testing.TB, opts parquetfile.WriterOptions, batches ...*column.Batch) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := parquetfile.NewWriter(&out, fields(batches[0]), opts)
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

// TestPyarrowReads has pyarrow compare files of all types, codecs, sizes and nestings, and their statistics, with what was written.
func TestPyarrowReads(t *testing.T) {
	python := filepath.Join(os.Getenv("PENSTOCK_LAKE_VENV"), "bin", "python")
	_, err := os.Stat(python)
	testcorpus.NeedTool(t, os.Getenv("PENSTOCK_LAKE_VENV") != "" && err == nil, "a Python with pyarrow (PENSTOCK_LAKE_VENV)")
	dir, r := t.TempDir(), rand.New(rand.NewPCG(20261130, 9))
	codecs := []string{"", "none", "snappy", "gzip", "zstd", "lz4"}
	for n := range 48 {
		types, rows := columntest.Scalars(), []int{0, 1, 7, 600, 9000}[r.IntN(5)]
		if n%3 > 0 {
			types, rows = nil, []int{1, 100, 2500}[r.IntN(3)]
			for range 4 {
				types = append(types, columntest.RandomType(r, 3))
			}
		}
		b := columntest.Batch(r, rows, types...)
		data := write(t, parquetfile.WriterOptions{Codec: codecs[n%len(codecs)], RowGroup: []int{0, 20_000}[n/2%2]}, b)
		file, err := parquetfile.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		got, want := schema.StructOf(file.Columns...).String(), schema.StructOf(fields(b)...).String()
		if got != want || file.Rows != int64(rows) {
			t.Errorf("file %d has %d rows of %s, not %d of %s", n, file.Rows, got, rows, want)
		}
		name := filepath.Join(dir, fmt.Sprintf("t%02d", n))
		for ending, data := range map[string][]byte{".parquet": data, ".json": columntest.AppendExpected(nil, b)} {
			if err := os.WriteFile(name+ending, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.Command(python, "testdata/check.py", dir)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("check.py: %v\n%s", err, out)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(out))); err != nil || n < 150 {
		t.Errorf("statistics of %s columns were compared", out)
	}
}

func ints(values ...int64) *column.Batch {
	b := column.NewBatch([]schema.Field{{Name: "n", Type: schema.Of(schema.SmallInt)}})
	for _, v := range values {
		b.Columns[0].AppendInt(v)
	}
	b.EndRows(len(values))
	return b
}

// TestWriterRefuses names the column and the value.
func TestWriterRefuses(t *testing.T) {
	text := column.NewBatch([]schema.Field{{Name: "s", Type: schema.Of(schema.String)}})
	text.Columns[0].AppendBytes([]byte("a\xffb"))
	text.EndRows(1)
	wide := column.NewBatch([]schema.Field{{Name: "d", Type: schema.DecimalOf(5, 2)}})
	wide.Columns[0].AppendDecimal(convert.FromInt64(100_000))
	wide.EndRows(1)
	keyed := column.NewBatch([]schema.Field{{Name: "m", Type: schema.MapOf(schema.Of(schema.String), schema.Of(schema.Int))}})
	keyed.Columns[0].Parts[0].AppendNull()
	keyed.Columns[0].Parts[1].AppendInt(1)
	keyed.Columns[0].AppendNested()
	keyed.EndRows(1)
	for want, b := range map[string]*column.Batch{
		"parquet: column n: 40000 does not fit in smallint":         ints(1, 40_000),
		`parquet: column s: a text is not in UTF-8: "a\xffb"`:       text,
		"parquet: column d: 1000.00 does not fit in decimal(5,2)":   wide,
		"parquet: column m.key_value.key: the key of a map is null": keyed,
	} {
		w, err := parquetfile.NewWriter(io.Discard, fields(b), parquetfile.WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(b); err == nil || err.Error() != want {
			t.Errorf("%v, not %s", err, want)
		}
		if err := w.Close(); err == nil {
			t.Error("a file with a refused value is closed")
		}
	}
	for want, f := range map[string]schema.Field{
		"parquet: column u: a Parquet file cannot hold values of type unknown":           {Name: "u", Type: schema.Of(schema.Unknown)},
		"parquet: column e is a struct without fields, which a Parquet file cannot hold": {Name: "e", Type: schema.StructOf()},
	} {
		if _, err := parquetfile.NewWriter(io.Discard, []schema.Field{f}, parquetfile.WriterOptions{}); err == nil || err.Error() != want {
			t.Errorf("%v, not %s", err, want)
		}
	}
	if _, err := parquetfile.NewWriter(io.Discard, fields(text), parquetfile.WriterOptions{Codec: "lzo"}); err == nil ||
		!strings.Contains(err.Error(), `"lzo"`) {
		t.Error(err)
	}
}

// A fullDisk takes so many bytes.
type fullDisk int

var errFull = errors.New("the disk is full")

func (d *fullDisk) Write(p []byte) (int, error) {
	if *d -= fullDisk(len(p)); *d < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestWriterTellsOfAFullDisk wherever it becomes full.
func TestWriterTellsOfAFullDisk(t *testing.T) {
	b := ints(slices.Repeat([]int64{1, 2, 3}, 10_000)...)
	size := len(write(t, parquetfile.WriterOptions{RowGroup: 1000}, b))
	for room := 0; room < size; room += 1 + size/50 {
		disk := fullDisk(room)
		w, err := parquetfile.NewWriter(&disk, fields(b), parquetfile.WriterOptions{RowGroup: 1000})
		if err == nil {
			if err = w.Write(b); err == nil {
				err = w.Close()
			}
		}
		if !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: %v", room, size, err)
		}
	}
}

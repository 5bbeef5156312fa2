package serde_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/column/columntest"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

func fieldsOf(b *column.Batch) (out []schema.Field) {
	for i, c := range b.Columns {
		out = append(out, schema.Field{Name: b.Names[i], Type: c.Type})
	}
	return out
}

const (
	lazy    = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	openCSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
	openX   = "org.openx.data.jsonserde.JsonSerDe"
	hiveJSN = "org.apache.hive.hcatalog.data.JsonSerDe"
	orcSerD = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
)

type pairs = map[string]string

// writable are tables whose files are written and read back.
var writable = map[string]serde.Table{
	"hive":      {Library: lazy},
	"escaped":   {Library: lazy, Properties: pairs{"field.delim": ",", "escape.delim": `\`}},
	"null word": {Library: lazy, Properties: pairs{"field.delim": "|", "escape.delim": `\`, "serialization.null.format": "-"}},
	"csv":       {Library: lazy, Properties: pairs{"field.delim": ","}, Parameters: pairs{"classification": "csv"}},
	"csv, header": {Library: lazy, Properties: pairs{"field.delim": ","},
		Parameters: pairs{"classification": "csv", "skip.header.line.count": "1"}},
	"opencsv":    {Library: openCSV},
	"json":       {Library: openX, Parameters: pairs{"compressionType": "gzip"}},
	"zstd":       {Library: openX, Parameters: pairs{"compressionType": "zstd"}},
	"orc":        {Library: orcSerD, Parameters: pairs{"orc.compress": "ZLIB"}},
	"orc, names": {Library: orcSerD, Properties: pairs{"orc.schema.resolution": "name"}},
}

func endings(name string) string {
	return map[string]string{"hive": ".csv", "json": ".json.gz", "zstd": ".json.zst", "orc": ".zlib.orc", "orc, names": ".snappy.orc"}[name]
}

// written is a file of the rows, in pieces as a partitioned result comes.
func written(t *testing.T, f *serde.Form, parameters pairs, b *column.Batch) ([]byte, *serde.Output, error) {
	t.Helper()
	o, err := f.Output(parameters)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := o.Open(&out, fieldsOf(b))
	if err != nil {
		t.Fatal(err)
	}
	half := b.Rows() / 2
	err = errors.Join(w.WriteRows(b, 0, half), w.WriteRows(b, half, b.Rows()))
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), o, err
}

func readBack(t *testing.T, f *serde.Form, name string, data []byte, want []schema.Field) *column.Batch {
	t.Helper()
	r, err := f.Open(serde.Object{Name: name, Size: int64(len(data)), Data: bytes.NewReader(data)}, want,
		serde.Options{Bad: func(bad column.Finding) error { return errors.New(bad.String()) }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := column.NewBatch(want)
	for {
		if err := r.Next(b); err == io.EOF {
			return b
		} else if err != nil {
			t.Fatalf("%v in\n%.2000q", err, data)
		}
	}
}

// exact is a row with all its digits. OpenCSVSerde has no NULL for text.
func exact(b *column.Batch, i int, noNulls bool) string {
	var dst []byte
	for c, v := range b.Columns {
		if noNulls && v.Type.Kind.Text() && v.Null[i] {
			dst = append(dst, `""`...)
		} else {
			dst = columntest.AppendExact(dst, v, i)
		}
		dst = append(dst, " in "+b.Names[c]+"\n"...)
	}
	return string(dst)
}

// TestWrittenFilesComeBack writes rows of all types that a format holds and reads the same values.
func TestWrittenFilesComeBack(t *testing.T) {
	for name, table := range writable {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(9, 20261130))
			text := table.Library == lazy || table.Library == openCSV
			for n := range 12 {
				types := columntest.Scalars()
				if !text && n%2 > 0 {
					types = []schema.Type{columntest.RandomType(r, 3), columntest.RandomType(r, 2), columntest.RandomType(r, 1)}
				}
				if text {
					types = slices.DeleteFunc(types, func(t schema.Type) bool { return t.Kind == schema.Binary })
				}
				b := columntest.Batch(r, []int{1, 50, 3000}[n%3], types...)
				table := table
				table.Name, table.Columns = "table db.t", fieldsOf(b)
				f, err := serde.Of(table)
				if err != nil {
					t.Fatal(err)
				}
				data, o, err := written(t, f, table.Parameters, b)
				if err != nil {
					t.Fatal(err)
				}
				if want := endings(name); want != "" && o.Ending != want {
					t.Errorf("the file ends in %s, not %s", o.Ending, want)
				}
				got := readBack(t, f, "f"+o.Ending, data, fieldsOf(b))
				if got.Rows() != b.Rows() {
					t.Fatalf("%d rows, not %d", got.Rows(), b.Rows())
				}
				for i := range b.Rows() {
					if got, want := exact(got, i, false), exact(b, i, table.Library == openCSV); got != want {
						t.Fatalf("row %d is\n%s, not\n%s", i, got, want)
					}
				}
			}
		})
	}
}

// FuzzText writes texts that are hard to keep apart: either they come back, or the writing says why not.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", `\N`, "-", "a,b|c", `"`, `""`, `\`, `\"`, "n", "a\nb", "a\r", " x ", "\x01", "é,\"", "NULL"} {
		f.Add(s, s+"x")
	}
	f.Fuzz(func(t *testing.T, x, y string) {
		if strings.ToValidUTF8(x, "") != x || strings.ToValidUTF8(y, "") != y {
			return
		}
		for name, table := range writable {
			if table.Library != lazy && table.Library != openCSV {
				continue
			}
			b := column.NewBatch([]schema.Field{{Name: "x", Type: schema.Of(schema.String)}, {Name: "y", Type: schema.Of(schema.String)}})
			b.Columns[0].AppendBytes([]byte(x))
			b.Columns[1].AppendBytes([]byte(y))
			b.Columns[0].AppendNull()
			b.Columns[1].AppendBytes([]byte("end"))
			b.EndRows(2)
			table.Name, table.Columns = "table db.t", fieldsOf(b)
			form, err := serde.Of(table)
			if err != nil {
				t.Fatal(err)
			}
			data, _, err := written(t, form, table.Parameters, b)
			if err != nil {
				if name == "escaped" || name != "hive" && !strings.ContainsAny(x+y, "\r\n") && name != "null word" {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			got := readBack(t, form, "f.csv", data, fieldsOf(b))
			for i := range b.Rows() {
				if i >= got.Rows() || exact(got, i, false) != exact(b, i, table.Library == openCSV) {
					t.Errorf("%s: %q and %q do not come back from %q", name, x, y, data)
				}
			}
		}
	})
}

// TestNotWritten names what cannot be written.
func TestNotWritten(t *testing.T) {
	columns := []schema.Field{{Name: "a", Type: schema.ArrayOf(schema.Of(schema.Int))}, {Name: "b", Type: schema.Of(schema.Binary)}}
	for want, table := range map[string]serde.Table{
		"Penstock has no codec \"lzo\" for it": {Library: orcSerD, Parameters: pairs{"orc.compress": "LZO"}},
		"compressionType: writing bzip2":       {Library: openX, Parameters: pairs{"compressionType": "bzip2"}},
		"Penstock writes Parquet, ORC, JSON": {Library: "com.amazonaws.glue.serde.GrokSerDe",
			Properties: pairs{"input.format": "%{WORD:a}"}},
		"it passes over lines":                          {Library: lazy, Parameters: pairs{"skip.footer.line.count": "1"}},
		"its text is not in UTF-8":                      {Library: lazy, Properties: pairs{"serialization.encoding": "windows-1252"}},
		"column a is array<int>, and nested values are": {Library: lazy},
		"column b is binary, and bytes are written":     {Library: openCSV, Columns: columns[1:]},
		"Penstock writes JSON for org.openx":            {Library: hiveJSN},
	} {
		if table.Name = "table db.t"; table.Columns == nil {
			table.Columns = columns
		}
		f, err := serde.Of(table)
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		o, err := f.Output(table.Parameters)
		if err == nil {
			_, err = o.Open(io.Discard, table.Columns)
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "table db.t is ") {
			t.Errorf("%v, not %s", err, want)
		}
	}
}

package serde_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// The libraries by short names, with what each must have.
var libraries = []serde.Table{
	{Library: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Properties: map[string]string{"field.delim": ","}},
	{Library: "org.apache.hadoop.hive.serde2.OpenCSVSerde"},
	{Library: "org.openx.data.jsonserde.JsonSerDe"},
	{Library: "org.openx.data.jsonserde.JsonSerDe", Parameters: map[string]string{"classification": "json"}},
	{Library: "org.apache.hive.hcatalog.data.JsonSerDe"},
	{Library: "org.apache.hadoop.hive.ql.io.orc.OrcSerde"},
	{Library: "org.apache.hadoop.hive.serde2.avro.AvroSerDe"},
	{Library: "com.amazonaws.glue.serde.GrokSerDe", Properties: map[string]string{"input.format": "%{INT:id} %{WORD:name}"}},
	{Library: "org.apache.hadoop.hive.serde2.RegexSerDe", Properties: map[string]string{"input.regex": `(\d+) (\w+).*`}},
	{Parameters: map[string]string{"classification": "xml"}, Properties: map[string]string{"rowTag": "r"}},
}

func wanted(t testing.TB) []schema.Field {
	t.Helper()
	typ, err := schema.Parse("struct<id:int,name:string,d:decimal(10,2),at:timestamp,tags:array<string>,m:map<string,int>," +
		"s:struct<x:int,y:array<int>>>")
	if err != nil {
		t.Fatal(err)
	}
	return typ.Fields
}

// flat leaves out nested columns, which OpenCSVSerde has not.
func flat(columns []schema.Field) (list []schema.Field) {
	for _, c := range columns {
		if !c.Type.Kind.Nested() {
			list = append(list, c)
		}
	}
	return list
}

// drain reads an object to its end and checks each batch; it gives the rows, the lost records and the error, nil at the end.
func drain(t testing.TB, table serde.Table, o serde.Object, opts serde.Options) (rows int, lost int64, err error) {
	t.Helper()
	if strings.HasSuffix(table.Library, "OpenCSVSerde") {
		table.Columns = flat(table.Columns)
	}
	f, err := serde.Of(table)
	if err != nil {
		return 0, 0, err
	}
	opts.Bad = func(f column.Finding) error {
		lost += f.Lost
		if f.Problem == "" || len(f.Text) > column.FindingText {
			t.Errorf("a finding without words, or with too many: %+v", f)
		}
		return nil
	}
	r, err := f.Open(o, table.Columns, opts)
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	b := column.NewBatch(table.Columns)
	last := int64(0)
	for {
		b.Reset()
		err := r.Next(b)
		if broken := b.Check(); broken != nil {
			t.Fatalf("%s: %v", table.Library, broken)
		}
		at := r.AppendPositions(nil)
		if len(at) != b.Rows() {
			t.Fatalf("%s: %d positions of %d rows, %v", table.Library, len(at), b.Rows(), err)
		}
		for _, n := range at {
			if n < last || n <= 0 {
				t.Fatalf("%s: position %d after %d", table.Library, n, last)
			}
			last = n
		}
		rows += b.Rows()
		if errors.Is(err, io.EOF) {
			return rows, lost, nil
		}
		if err != nil {
			return rows, lost, err
		}
	}
}

func object(name string, body []byte) serde.Object {
	return serde.Object{Name: name, Size: int64(len(body)), Data: bytes.NewReader(body)}
}

// FuzzOpen reads any bytes by any SerDe: rows, findings or an error with words, and never a panic or a batch that contradicts itself.
func FuzzOpen(f *testing.F) {
	for i, body := range []string{"1,a,2.5,2020-01-01 00:00:00,x\x02y,k\x031,5\x026\n,\"",
		"1,\"a\"\"b\",\"x\n\"\n", `{"id":1,"tags":["x"],"m":{"k":1},"s":{"x":1,"y":[2]}}` + "\n{",
		"[{\"id\":1},\n{\"s\":[1]}]", "{\"id\":1}\n[]", "ORC\x00\x00", "Obj\x01\x00", "1 a\nx", "1 a\n",
		"<d><r><id>1</id><tags>a</tags></r><r>"} {
		f.Add(i, i, "a", []byte(body), uint8(i))
	}
	columns := wanted(f)
	f.Fuzz(func(t *testing.T, library, other int, name string, body []byte, how uint8) {
		table := libraries[uint(library)%uint(len(libraries))]
		table.Name, table.Columns = "table d.x", columns
		if how&1 != 0 {
			own := append([]schema.Field{}, columns...)
			n := uint(other) % uint(len(own))
			own[n], own[0] = own[0], own[n]
			table.Whole, table.Columns = columns, own[:1+n]
		}
		want := table
		if table.Whole != nil {
			want.Whole, want.Columns = columns, table.Columns
		}
		form, err := serde.Of(want)
		if err != nil {
			t.Fatal(err)
		}
		asked := columns
		if strings.HasSuffix(table.Library, "OpenCSVSerde") {
			asked = flat(columns)
		}
		r, err := form.Open(object(name, body), asked, serde.Options{Lenient: how&2 != 0, Fill: how&4 != 0,
			Header: serde.HeaderRule(how >> 3 % 3), Bad: func(column.Finding) error { return nil }})
		for b := column.NewBatch(asked); err == nil; b.Reset() {
			err = r.Next(b)
			if broken := b.Check(); broken != nil {
				t.Fatal(broken)
			}
		}
		if r != nil {
			r.Close()
		}
		if err.Error() == "" {
			t.Error("an error without words")
		}
	})
}

// A long is a file of one text again and again, which nobody holds.
type long struct {
	head, unit string
	size, at   int64
}

func (l *long) Read(p []byte) (int, error) {
	n, head := 0, int64(len(l.head))
	for n < len(p) && l.at < l.size {
		text := l.unit
		if l.at < head {
			text = l.head[l.at:]
		} else {
			text = text[(l.at-head)%int64(len(text)):]
		}
		k := copy(p[n:], text[:min(int64(len(text)), l.size-l.at)])
		n += k
		l.at += int64(k)
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (l *long) ReadAt([]byte, int64) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestLongLinesTakeBoundedMemory reads a line, record or nesting of 160 MiB by each SerDe of text.
func TestLongLinesTakeBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads gigabytes")
	}
	const size = 160 << 20
	columns := wanted(t)
	for _, x := range []struct {
		library    int
		head, unit string
	}{{0, "", "x"}, {0, "1,", "a\x02"}, {1, "1,\"", "x\n"}, {2, `{"name":"`, "x"}, {2, "", "["}, {3, "", "["},
		{3, `{"name":`, `{"a":`}, {4, `{"m":{`, `"k":1,`},
		{7, "", "1 a "}, {8, "", "1 a "}, {9, "<d><r><name>", "x"}, {9, "<d>", "<r>"}} {
		table := libraries[x.library]
		table.Name, table.Columns = "table d.x", columns
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		data := &long{head: x.head, unit: strings.Repeat(x.unit, 1<<12), size: size}
		rows, lost, err := drain(t, table, serde.Object{Name: "a", Size: size, Data: data}, serde.Options{Lenient: true})
		runtime.ReadMemStats(&after)
		if held := int64(after.HeapSys) - int64(before.HeapSys); held > 220<<20 {
			t.Errorf("%s with %q: %d MiB", table.Library, x.head+x.unit, held>>20)
		}
		if rows > 1 && x.unit != "[" {
			t.Errorf("%s with %q: %d rows, %d lost, %v", table.Library, x.head+x.unit, rows, lost, err)
		}
	}
}

// TestBombs: what unpacks beyond all measure ends as a bad file.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks gigabytes")
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	zeros := bytes.Repeat([]byte("{\"id\":1}\n"), 1<<17)
	for range 1030 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	table := libraries[2]
	table.Name, table.Columns = "table d.x", wanted(t)[:1]
	rows, _, err := drain(t, table, object("a.gz", b.Bytes()), serde.Options{})
	var file *serde.FileError
	if !errors.As(err, &file) || rows == 0 {
		t.Errorf("%d rows of a bomb of %d bytes, %v", rows, b.Len(), err)
	}
}

package classify

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// endless is a file of many bytes that are not there.
type endless struct {
	head string
	fill string
	size int64
}

// ReadAt implements io.ReaderAt.
func (e *endless) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) && at < e.size {
		if at < int64(len(e.head)) {
			c := copy(p[n:], e.head[at:])
			n, at = n+c, at+int64(c)
			continue
		}
		c := copy(p[n:], e.fill[(at-int64(len(e.head)))%int64(len(e.fill)):])
		n, at = n+c, at+int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// bomb packs n bytes of one kind.
func bomb(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	chunk := bytes.Repeat([]byte("a"), 1<<20)
	for range n >> 20 {
		_, err := w.Write(chunk)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// TestHostile: whatever a file is, the reading ends, with a clear word and in bounded memory.
func TestHostile(t *testing.T) {
	const gb = 1 << 30
	text := func(s string) *endless { return &endless{head: s, fill: "x", size: int64(len(s))} }
	long := func(head, fill string) *endless {
		return &endless{head: head, fill: strings.Repeat(fill, 64<<10), size: gb}
	}
	packed := bomb(t, 64<<20)
	twice := bytes.Buffer{}
	w := gzip.NewWriter(&twice)
	_, err := w.Write(packed)
	must(t, err)
	must(t, w.Close())
	deep := strings.Repeat("[", 10_000)
	for _, c := range []struct {
		name string
		src  *endless
		note string // a part of it
		know bool
	}{
		{"a line of 1 GB", long("", "x,"), "first line of more than", false},
		{"a second line of 1 GB", long("a,b\n1,2\n", "x"), "", true},
		{"a cell of 1 GB in quotes", long("a,b\n1,2\n3,\"", "x\n"), "most of its lines", false},
		{"a cell of 1 GB in quotes behind rows", long("a,b\n"+strings.Repeat("1,2\n", 990)+"3,\"", "x\n"), "damaged", true},
		{"commas of 1 GB", long("", ","), "first line of more than", false},
		{"lines of 1 GB that are empty", long("", "\n"), "is empty", false},
		{"quotes of 1 GB", long("a,b\n", "\""), "", false},
		{"quotes in lines of 1 GB", long("a,b\n1,2\n", "\",\n"), "", true},
		{"NULs of 1 GB", long("", "\x00"), "no text", false},
		{"a text of JSON of 1 GB", long(`{"a":"`, "x"), "", false},
		{"an array of 1 GB", long(`{"a":[`, "1,"), "", false},
		{"objects of 1 GB", long(`{"a":1}`, `{"a":`), "malformed", true},
		{"nesting of 10,000 in JSON", text(`{"a":` + deep + strings.Repeat("]", 10_000) + "}\n{\"a\":1}\n"), "malformed", true},
		{"an array of arrays, 10,000 deep", text(deep + strings.Repeat("]", 10_000)), "", false},
		{"nesting of 10,000 in XML", text("<r>" + strings.Repeat("<a>", 10_000) + strings.Repeat("</a>", 10_000) + "</r>"), "XML", false},
		{"XML of 1 GB that is never closed", long("<r><a>", "x"), "XML", false},
		{"tags of 1 GB", long("<r>", "<a>"), "XML", false},
		{"a line of a log of 1 GB", long(`10.0.0.1 - - [30/Nov/2026:10:11:12 +0000] "GET /`, "x"), "", false},
		{"an entity of an entity", text(`<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "&b;">]><a><r>&b;</r><r>1</r></a>`), "", true},
		{"a bomb", &endless{head: string(packed), fill: "x", size: int64(len(packed))}, "first line of more than", false},
		{"a bomb in a bomb", &endless{head: twice.String(), fill: "x", size: int64(twice.Len())}, "is gzip inside gzip", false},
		{"Parquet cut off", text("PAR1\x15\x04\x15\x10" + strings.Repeat("x", 1000)), "cannot be read as parquet", false},
		{"Parquet whose footer lies", text("PAR1\x15\x00" + strings.Repeat("x", 100) + "\xff\xff\xff\x7fPAR1"),
			"cannot be read as parquet", false},
		{"ORC cut off", text("ORC\x0a\x00" + strings.Repeat("\x01", 100)), "cannot be read as orc", false},
		{"ORC whose tail lies", text("ORC\x0a\x00" + strings.Repeat("\x01", 100) + "\x08\xff\xff\xff\xff\x0f\xff"),
			"cannot be read as orc", false},
		{"Avro cut off", text("Obj\x01\x02\x16avro.schema"), "cannot be read as avro", false},
		{"Avro whose lengths lie", text("Obj\x01\x02\x16avro.schema\xfe\xff\xff\xff\x0f" + strings.Repeat("x", 50)),
			"cannot be read as avro", false},
		{"zstd that is none", text("\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff"), "broken zstd", false},
		{"20,000 columns and more", text(strings.Repeat("a,", 30_000) + "b\n" + strings.Repeat("1,", 30_000) + "2\n"),
			"30001 columns", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var r Reader
			s, err := r.Read(&File{URL: "f", Name: "f", Size: c.src.size, Src: c.src})
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if s.Known() != c.know || !strings.Contains(s.Note, c.note) || !c.know && s.Note == "" {
				t.Errorf("%s of %d columns, note %q", s.Form.Class, len(s.Names), s.Note)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 400<<20 {
				t.Errorf("%d MB were allocated", got>>20)
			}
		})
	}
}

// TestDamagedFiles: files of the formats with a schema of their own, cut off at every length or with a byte changed, are told or read.
func TestDamagedFiles(t *testing.T) {
	for _, c := range [...]struct{ class, pattern string }{
		{Parquet, "../format/parquetfile/testdata/*.parquet"}, {ORC, "../format/orc/testdata/*.orc"},
		{Avro, "../format/avro/testdata/*.avro"},
	} {
		names, err := filepath.Glob(c.pattern)
		must(t, err)
		for _, name := range names[:min(len(names), 3)] {
			data, err := os.ReadFile(name)
			must(t, err)
			data = data[:min(len(data), 64<<10)]
			for i := 0; i < len(data); i += max(1, len(data)/200) {
				var r Reader
				cut := data[:i]
				if _, err := r.Read(&File{URL: name, Size: int64(i), Src: bytes.NewReader(cut)}); err != nil && i > 0 {
					t.Errorf("%s cut at %d: %v", name, i, err)
				}
				bad := bytes.Clone(data)
				bad[i] ^= 0xff
				_, _ = r.Read(&File{URL: name, Size: int64(len(bad)), Src: bytes.NewReader(bad)}) // must come back
			}
		}
	}
}

// FuzzCustom runs classifiers of a user's own over anything.
func FuzzCustom(f *testing.F) {
	yes := true
	var custom []*Custom
	for _, c := range []Classifier{
		{Name: "j", JSON: &JSONRules{Path: "$.a[*]"}},
		{Name: "x", XML: &XMLRules{Classification: "xml", RowTag: "r"}},
		{Name: "g", Grok: &GrokRules{Classification: "g", Pattern: "^%{WORD:a} %{GREEDYDATA:b}$"}},
		{Name: "h", CSV: &CSVRules{Delimiter: ";", Quote: "'", Header: []string{"a", "b", "c"}, ContainsHeader: HeaderPresent,
			TypesConfigured: &yes, Types: []string{"INT", "DECIMAL"}}},
		{Name: "c", CSV: &CSVRules{AllowSingleColumn: &yes, SerDe: SerDeOpenCSV}},
	} {
		ready, err := Compile(c)
		if err != nil {
			f.Fatal(err)
		}
		custom = append(custom, ready)
	}
	for _, s := range []string{`{"a":[{"b":1}]}`, "<a><r>1</r></a>", "GET x\nPUT y\n", "1;'2;3';4\n5;6;7\n", "a\nb\n",
		"\xff\xfea\x00,\x00", "a,\"b\n"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, headers bool) {
		r := Reader{Custom: custom, Headers: headers}
		s, err := r.Read(&File{URL: "f", Size: int64(len(data)), Src: bytes.NewReader(data)})
		if err != nil {
			return
		}
		if s.Known() {
			if len(s.Names) != len(s.Types) || s.Seen != nil && len(s.Seen) != len(s.Names) {
				t.Fatal(fmt.Sprint(s.Names, s.Types, s.Seen))
			}
			ProfileOf([]*Sample{s})
		} else if s.Note == "" {
			t.Fatal("a file is not known, and no word says why")
		}
	})
}

package reading

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/format/orc"
	"penstock/internal/schema"
)

// The SerDes beside lazy and openCSV.
const (
	openX    = "org.openx.data.jsonserde.JsonSerDe"
	hiveJSON = "org.apache.hive.hcatalog.data.JsonSerDe"
	orcSerDe = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
	avroLib  = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
	grokLib  = "com.amazonaws.glue.serde.GrokSerDe"
	regexLib = "org.apache.hadoop.hive.serde2.RegexSerDe"
	parquet  = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
)

// taskColumns reads "a int; b struct<x:int>".
func taskColumns(text string) (list []task.Column) {
	for c := range strings.SplitSeq(text, "; ") {
		if name, typ, ok := strings.Cut(c, " "); ok {
			list = append(list, task.Column{Name: name, Type: typ})
		}
	}
	return list
}

// A lake is files on disk, by key.
type lake struct {
	dir   string
	files []task.File
}

func (l *lake) put(t testing.TB, key string, body []byte) {
	t.Helper()
	if l.dir == "" {
		l.dir = t.TempDir()
	}
	path := filepath.Join(l.dir, strings.ReplaceAll(key, "/", "_"))
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	l.files = append(l.files, task.File{Bucket: "b", Key: key, Path: path, Size: int64(len(body))})
}

// An outcome is what a reading gives: rows as JSON, a line each, and findings, or an error.
type outcome struct {
	rows, bad  string
	count, out int64
}

// read reads a table's files as a step does.
func (l *lake) read(t testing.TB, table task.Table, set func(*Source)) outcome {
	t.Helper()
	s, err := NewSource(table)
	if err != nil {
		return outcome{rows: "error: " + err.Error()}
	}
	if set != nil {
		set(s)
	}
	parts, err := s.Parts(l.files, nil)
	if err != nil {
		return outcome{rows: "error: " + err.Error()}
	}
	e, err := engine.Open(t.Context(), engine.Options{AllowedPaths: Paths(parts), Threads: 2, MemoryLimit: 512 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	have, _, err := s.ParquetColumns(t.Context(), e, parts)
	if err != nil {
		return outcome{rows: "error: " + err.Error()}
	}
	var o outcome
	if s.Loads(parts) {
		got, err := Load(t.Context(), e, "src", s, parts, 2)
		if err != nil {
			return outcome{rows: "error: " + err.Error()}
		}
		o.count, o.out = got.Rows(), got.Rejected()
		for _, v := range got.Values() {
			o.bad += v.Message(parts) + "\n"
		}
	}
	var names []string
	for i, c := range s.Columns {
		if s.unused[i] {
			continue
		}
		names = append(names, engine.Ident(c.Name))
	}
	order := "ALL"
	if s.Located(parts) {
		order = FileColumn + ", " + LineColumn
	}
	list := strings.Join(names, ", ")
	o.rows = text(t, e, "SELECT to_json(r) FROM (SELECT {"+strings.Join(structOf(names), ", ")+"} AS r FROM "+
		s.Relation("src", parts, have)+" ORDER BY "+strings.ReplaceAll(order, "ALL", list)+")")
	return o
}

func structOf(names []string) (list []string) {
	for _, n := range names {
		list = append(list, n+": "+n)
	}
	return list
}

// avroFile is a container file with one block of rows, without compression.
func avroFile(schemaText string, rows ...[]byte) []byte {
	long := func(n int64) []byte { return binary.AppendVarint(nil, n) }
	text := func(s string) []byte { return append(long(int64(len(s))), s...) }
	var b bytes.Buffer
	b.WriteString("Obj\x01")
	b.Write(long(1))
	b.Write(text("avro.schema"))
	b.Write(text(schemaText))
	b.Write(long(0))
	sync := []byte("0123456789abcdef")
	b.Write(sync)
	all := bytes.Join(rows, nil)
	b.Write(long(int64(len(rows))))
	b.Write(long(int64(len(all))))
	b.Write(all)
	b.Write(sync)
	return b.Bytes()
}

// avroRow is a row of a long and a text.
func avroRow(id int64, name string) []byte {
	row := binary.AppendVarint(nil, id)
	return append(binary.AppendVarint(row, int64(len(name))), name...)
}

// orcFile has the columns id int, name string, tags array<string>, at struct<x:int,y:double>.
func orcFile(t testing.TB, columns string, fill func(b *column.Batch)) []byte {
	t.Helper()
	typ, err := schema.Parse("struct<" + columns + ">")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := orc.NewWriter(&out, typ.Fields, orc.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(typ.Fields)
	fill(b)
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const avroSchema = `{"type":"record","name":"r","fields":[{"name":"id","type":"long"},{"name":"name","type":"string"}]}`

// TestEveryFormat reads a file of each SerDe, with its own rules for damaged records.
func TestEveryFormat(t *testing.T) {
	for _, x := range []struct {
		name, serde, props, params, columns string
		body                                []byte
		lenient                             bool
		rows, bad                           string
	}{
		{"openx", openX, "", "", "id int; name string; tags array<string>; at struct<x:int,y:double>; m map<string,int>", []byte(
			`{"ID":1,"name":"a","tags":["x","y"],"at":{"x":3,"y":2.5},"m":{"k":7}}` + "\n" +
				`{"id":"two","at":{"x":"q"}}` + "\n\n" + `{"id":4}`), false,
			`{"id":1,"name":"a","tags":["x","y"],"at":{"x":3,"y":2.5},"m":{"k":7}}` + "\n" +
				`{"id":null,"name":null,"tags":null,"at":{"x":null,"y":null},"m":null}` + "\n" +
				`{"id":null,"name":null,"tags":null,"at":null,"m":null}` + "\n" + `{"id":4,"name":null,"tags":null,"at":null,"m":null}` + "\n",
			`s3://b/x/a line 2, column "id": not a number: "two"` + "\n" + `s3://b/x/a line 2, column "at.x": not a number: "q"` + "\n" +
				"s3://b/x/a line 3, the line is blank: a row of nulls, as the OpenX SerDe makes it\n"},
		{"openx stops", openX, "", "", "id int", []byte("{\"id\":1}\n{\"id\":\n{\"id\":3}\n"), false, "error: line 2: malformed JSON: ", ""},
		{"openx ignores", openX, "ignore.malformed.json=true", "", "id int", []byte("{\"id\":1}\n{\"id\":\n{\"id\":3}\n"), false,
			"{\"id\":1}\n{\"id\":null}\n{\"id\":3}\n", "*"},
		{"openx lenient", openX, "", "", "id int", []byte("{\"id\":1}\n{\"id\":\n{\"id\":3}\n"), true, "{\"id\":1}\n{\"id\":3}\n", "*"},
		{"hive", hiveJSON, "", "", "id int; s string", []byte("{\"id\":1,\"S\":\"x\"}\n{\"id\":2}\n"), false,
			"{\"id\":1,\"s\":\"x\"}\n{\"id\":2,\"s\":null}\n", ""},
		{"json path", openX, "", "classification=json;jsonPath=$.Records[*]", "id int", []byte("{\"Records\":[{\"id\":1},\n{\"id\":2}]}"), false,
			"{\"id\":1}\n{\"id\":2}\n", ""},
		{"pretty json", openX, "", "classification=json", "id int", []byte("[\n {\n  \"id\": 1\n },\n {\"id\":\n2}\n]\n"), false,
			"{\"id\":1}\n{\"id\":2}\n", ""},
		{"json array", openX, "", "classification=json", "array array<struct<id:int>>", []byte("[{\"id\":1},\n{\"id\":2}]"), false,
			"{\"array\":[{\"id\":1},{\"id\":2}]}\n", ""},
		{"a wrong path", openX, "", "jsonPath=x[", "id int", nil, false, "error: table d.x: ", ""},
		{"grok", grokLib, "input.format=%{IP:client} %{WORD:verb} %{NUMBER:bytes:int}", "", "client string; verb string; bytes int",
			[]byte("10.0.0.1 GET 17\nbroken\n10.0.0.2 PUT 18\n"), false, `{"client":"10.0.0.1","verb":"GET","bytes":17}` + "\n" +
				`{"client":null,"verb":null,"bytes":null}` + "\n" + `{"client":"10.0.0.2","verb":"PUT","bytes":18}` + "\n",
			`s3://b/x/a line 2, the line does not match the pattern: "broken"` + "\n"},
		{"grok behind a title", grokLib, "input.format=%{WORD:a}", "skip.header.line.count=1", "a string", []byte("title line\nx\n  \n"), false,
			"{\"a\":\"x\"}\n{\"a\":null}\n", "s3://b/x/a line 3, the line does not match the pattern: \"  \"\n"},
		{"regex", regexLib, `input.regex=^(?!#)(\S+)\s+(\d+)$`, "", "a string; n int; extra string", []byte("x 1\n#c 2\ny 3\n"), false,
			`{"a":"x","n":1,"extra":null}` + "\n" + `{"a":null,"n":null,"extra":null}` + "\n" + `{"a":"y","n":3,"extra":null}` + "\n",
			"s3://b/x/a line 2, the line does not match the pattern: \"#c 2\"\n"},
		{"xml", "", "rowTag=row", "classification=xml", "_id int; name string; tags struct<tag:array<string>>", []byte(
			`<rows><row id="1"><name>a</name><tags><tag>x</tag><tag>y</tag></tags></row><row id="z"><name>b</name></row></rows>`), false,
			`{"_id":1,"name":"a","tags":{"tag":["x","y"]}}` + "\n" + `{"_id":null,"name":"b","tags":null}` + "\n",
			`s3://b/x/a line 1, column "_id": not a number: "z"` + "\n"},
		{"xml damaged", "", "rowTag=row", "classification=xml", "a int",
			[]byte("<r><row><a>1</a></row>\n<row><a>2</b></row>\n<row><a>3</a></row></r>"), true, "{\"a\":1}\n{\"a\":3}\n", "*"},
		{"xml stops", "", "rowTag=row", "classification=xml", "a int", []byte("<r><row><a>1</a></row>\n<row><a>2</b></row></r>"), false,
			"error: line 2: ", ""},
		{"avro", avroLib, "", "", "name string; id bigint; none int", avroFile(avroSchema, avroRow(1, "a"), avroRow(2, "b")), false,
			`{"name":"a","id":1,"none":null}` + "\n" + `{"name":"b","id":2,"none":null}` + "\n", ""},
		{"avro narrower", avroLib, "", "", "id tinyint; name string", avroFile(avroSchema, avroRow(300, "a"), avroRow(2, "\xff")), false,
			`{"id":null,"name":"a"}` + "\n" + "{\"id\":2,\"name\":\"\ufffd\"}\n", "*"},
		{"avro cut", avroLib, "", "", "id bigint", avroFile(avroSchema, avroRow(1, "a"))[:150], false, "error: ", ""},
		{"lazy nested", lazy, `field.delim=|;collection.delim=,;mapkey.delim=:;escape.delim=\`, "",
			"id int; tags array<string>; m map<string,int>; s struct<x:int,y:string>; deep array<struct<a:int,b:array<int>>>; bin binary",
			[]byte("1|a,b\\,c,\\N|k:1,l:x,k:5|7,q|1:2\x043,4|aGk=\n2|||\\N||hi!\n"), false,
			`{"id":1,"tags":["a","b,c",null],"m":{"k":1,"l":null},"s":{"x":7,"y":"q"},` +
				`"deep":[{"a":1,"b":[2,3]},{"a":4,"b":null}],"bin":"hi"}` + "\n" +
				`{"id":2,"tags":[],"m":{},"s":null,"deep":[],"bin":"hi!"}` + "\n",
			`s3://b/x/a line 1, column "m": "x" is no int` + "\n"},
		{"lazy gzip", lazy, "field.delim=,", "", "id int; t string", zipped(t, "1,a\n2,b\n"), false,
			`{"id":1,"t":"a"}` + "\n" + `{"id":2,"t":"b"}` + "\n", ""},
		{"lines json gzip", openX, "", "", "id int", zipped(t, "{\"id\":1}\n"), false, "{\"id\":1}\n", ""},
		{"gzip cut", openX, "", "", "id int", zipped(t, "{\"id\":1}\n")[:20], false, "error: ", ""},
		{"unknown", "com.example.MySerDe", "", "", "id int", nil, false, "error: table d.x is read by com.example.MySerDe", ""},
		{"iceberg", parquet, "", "table_type=ICEBERG", "id int", nil, false, "error: table d.x: its parameter table_type is ICEBERG", ""},
		{"no pattern", grokLib, "", "", "a string", nil, false, "error: table d.x: its SerDe has no property input.format", ""},
		{"no row tag", "", "", "classification=xml", "a string", nil, false, "error: table d.x: it is XML and has no property rowTag", ""},
		{"bad orc access", orcSerDe, "orc.column.index.access=maybe", "", "a string", nil, false,
			"error: table d.x: orc.column.index.access", ""},
		{"no orc", orcSerDe, "", "", "a string", []byte("ORC, or not"), false, "error: ", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			var l lake
			l.put(t, "x/a", x.body)
			got := l.read(t, task.Table{Database: "d", Name: "x", Location: "s3://b/x/", SerDe: x.serde, SerDeParams: pairs(x.props),
				Parameters: pairs(x.params), Columns: taskColumns(x.columns)}, func(s *Source) { s.Lenient = x.lenient })
			if got.rows != x.rows && !(strings.HasPrefix(x.rows, "error: ") && strings.HasPrefix(got.rows, x.rows)) {
				t.Errorf("rows\n%s\nwant\n%s", got.rows, x.rows)
			}
			if x.bad == "*" && got.bad == "" || x.bad != "*" && got.bad != x.bad {
				t.Errorf("findings\n%s\nwant\n%s", got.bad, x.bad)
			}
		})
	}
}

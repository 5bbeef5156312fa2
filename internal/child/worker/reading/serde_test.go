package reading

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"penstock/internal/child/task"
	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/serde"
)

const (
	lazy    = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	openCSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
)

// serdeCase is a table of the columns id bigint and t string, with properties of its SerDe and parameters of its own.
type serdeCase struct {
	name, serde, props, params, body string
	want                             string // the rows, or "error: ..."
}

func pairs(s string) map[string]string {
	m := map[string]string{}
	for item := range strings.SplitSeq(s, ";") {
		if k, v, ok := strings.Cut(item, "="); ok {
			m[k] = v
		}
	}
	return m
}

func (x serdeCase) read(t *testing.T) string {
	t.Helper()
	table := task.Table{Database: "d", Name: "x", Location: "s3://b/x/", SerDe: x.serde, SerDeParams: pairs(x.props),
		Parameters: pairs(x.params), Columns: []task.Column{{Name: "id", Type: "bigint"}, {Name: "t", Type: "string"}}}
	s, err := NewSource(table)
	if err != nil {
		return "error: " + err.Error()
	}
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte(x.body), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	file := task.File{Path: path, Size: int64(len(x.body)), Bucket: "b", Key: "x/a"}
	got, err := Load(t.Context(), e, "src", s, []Part{{File: file, Form: s.Form}}, 1)
	if err != nil {
		return "error: " + err.Error()
	}
	out := text(t, e, "SELECT coalesce(CAST(id AS VARCHAR), 'NULL'), coalesce(t, 'NULL') FROM src ORDER BY _penstock_line")
	for _, v := range got.values {
		out += "bad: " + serde.Clip(string(v.Text)) + "\n"
	}
	return out
}

func inUTF16(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// TestSerDeProperties: what a property of a SerDe or a parameter of a table asks for is done, or refused by its name. The rules are those
// of Hive's LazySimpleSerDe and OpenCSVSerde (opencsv 2.3), and of Glue's reader of CSV where the table has classification csv.
func TestSerDeProperties(t *testing.T) {
	const h = "skip.header.line.count=1"
	const csv = ";classification=csv"
	for _, x := range []serdeCase{
		{"opencsv escapes", openCSV, `separatorChar=,;quoteChar=";escapeChar=\`, h + csv, "id,t\n2,\"c\\\\d\"\n", `2|c\d` + "\n"},
		{"opencsv escapes by default", openCSV, "", "", "2,\"a\\\"b\"\n3,c:\\d\n", "2|a\"b\n3|c:d\n"},
		{"Glue's csv has no escape by default", openCSV, "separatorChar=,", "x=1" + csv, "2,\"c:\\d\"\n", `2|c:\d` + "\n"},
		{"opencsv has no null", openCSV, "", "", "2,\n,-\n", "2|\nNULL|-\n"},
		{"lazy escape", lazy, `field.delim=,;escape.delim=\`, h, "id,t\n1,a\\,b\n2,x\\ny\n", "1|a,b\n2|x\ny\n"},
		{`lazy \N`, lazy, "field.delim=,", h, "id,t\n\\N,\\N\n1,x\n2,\n", "NULL|NULL\n1|x\n2|\n"},
		{`lazy \N beside an escape`, lazy, `field.delim=,;escape.delim=\`, "", "1,\\N\n2,\\\\N\n", "1|NULL\n2|\\N\n"},
		{"null format", lazy, "field.delim=,;serialization.null.format=NA", "", "NA,NA\n1,\\N\n", "NULL|NULL\n1|\\N\n"},
		{"null format of csv", lazy, "field.delim=,;serialization.null.format=NA", "a=b" + csv, "NA,\"NA\"\n1,\n", "NULL|NA\n1|NULL\n"},
		{"several nulls", openCSV, "", `penstock.null=["NA","-"]` + csv, "NA,-\n1,\n", "NULL|NULL\n1|\n"},
		{"several nulls, no list", openCSV, "", "penstock.null=NA" + csv, "",
			`error: table d.x: penstock.null is "NA"; it is a JSON list of texts`},
		{"Hive's default delimiter", lazy, "serialization.format=1", "", "1\x01a\n", "1|a\n"},
		{"a delimiter by its number", lazy, "field.delim=9", "", "1\ta\n", "1|a\n"},
		{"a long delimiter", lazy, "field.delim=||", "", "", `error: table d.x: field.delim is "||"; a single character of ASCII is supported`},
		{"quotes", lazy, "field.delim=,", "x=y" + csv, "1,\"a,b\"\n2,\"\"\n", "1|a,b\n2|\n"},
		{"no quotes", lazy, "field.delim=,", "", "1,\"a\"\n", "1|\"a\"\n"},
		{"skip three", lazy, "field.delim=,", "skip.header.line.count=3", "report\n\"of,\nid,t\n1,a\n", "1|a\n"},
		{"skip two and a header", lazy, "field.delim=,", "skip.header.line.count=3;penstock.header=true" + csv,
			"report\n\"of\nid,t\n1,a\n", "1|a\n"},
		{"skip and another header", lazy, "field.delim=,", "skip.header.line.count=2;penstock.header=true" + csv, "report\nid,u\n1,a\n",
			`error: line 2, column "u": `},
		{"no header", lazy, "field.delim=,", "skip.header.line.count=1;penstock.header=false" + csv, "x,y\n1,a\n", "1|a\n"},
		{"a header in no line", lazy, "", "penstock.header=true", "",
			"error: table d.x: penstock.header is true and skip.header.line.count is 0"},
		{"footer", lazy, "field.delim=,", h + ";skip.footer.line.count=2" + csv, "id,t\n1,a\n2,b\n--\n2 rows", "1|a\n2|b\n"},
		{"too much to skip", lazy, "", "skip.footer.line.count=101", "",
			`error: table d.x: skip.footer.line.count is "101"; 0 to 100 are supported`},
		{"no number", lazy, "", "skip.header.line.count=yes", "", `error: table d.x: skip.header.line.count is "yes"`},
		{"windows-1252", lazy, "field.delim=,;serialization.encoding=windows-1252", h + csv, "id,t\n1,caf\xe9 \x80\n", "1|caf\u00e9 \u20ac\n"},
		{"UTF-16", lazy, "field.delim=,;serialization.encoding=UTF-16", h + csv, inUTF16("id,t\r\n1,caf\u00e9\r\n"), "1|caf\u00e9\n"},
		{"no UTF-16", lazy, "field.delim=,;serialization.encoding=UTF-16LE", h, "id,t\n1,xx",
			"error: line 1: an odd number of bytes: the file is not UTF-16"},
		{"a mark", lazy, "field.delim=,", h + csv, "\xef\xbb\xbfid,t\n1,a\n", "1|a\n"},
		{"no UTF-8", lazy, "field.delim=,", "", "1,caf\xe9\n", "1|NULL\nbad: caf?\n"},
		{"another encoding", lazy, "serialization.encoding=EBCDIC", "", "",
			`error: table d.x: serialization.encoding: encoding "EBCDIC" is not supported by Penstock yet`},
		{"lines end", lazy, "field.delim=,;line.delim=\n", "", "1,a\r\n2,b\n", "1|a\n2|b\n"},
		{"lines end otherwise", lazy, "line.delim=|", "", "", `error: table d.x: line.delim is "|"; lines end with LF or CRLF, as in Hive`},
		{"rest", lazy, "serialization.last.column.takes.rest=true", "", "",
			`error: table d.x: the property serialization.last.column.takes.rest = "true" of LazySimpleSerDe is not supported by Penstock yet`},
		{"no rest", lazy, "field.delim=,;serialization.last.column.takes.rest=false;timestamp.formats=", "", "1,a\n", "1|a\n"},
		{"formats", lazy, "timestamp.formats=yyyy", "", "", `error: table d.x: the property timestamp.formats = "yyyy" of LazySimpleSerDe`},
		{"the other's escape", lazy, `escapeChar=\`, "", "", "error: table d.x: escapeChar = "},
		{"the other's escape too", openCSV, `escape.delim=\`, "", "", "error: table d.x: escape.delim = "},
		{"bad number", lazy, "field.delim=,", "", " 1,a\n1.0,b\n,c\n\"\",d\n", "NULL|a\nNULL|b\nNULL|c\nNULL|d\nbad:  1\nbad: 1.0\nbad: \"\"\n"},
		{"an empty quoted number", openCSV, "", "", "\"\",d\n", "NULL|d\n"},
		{"parquet's index", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", "parquet.column.index.access=true", "", "",
			"error: table d.x: the property parquet.column.index.access"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := x.read(t); got != x.want && !(strings.HasPrefix(x.want, "error: ") && strings.HasPrefix(got, x.want)) {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// FuzzSerDe reads any bytes by any properties: rows or an error that names a line, and never a panic.
func FuzzSerDe(f *testing.F) {
	f.Add("field.delim=,;escape.delim=\\", "skip.footer.line.count=1;classification=csv", []byte("1,a\\\n2,\"b"))
	f.Add("serialization.encoding=UTF-16", "penstock.null=[\"x\"]", []byte(inUTF16("1,x\n")))
	f.Fuzz(func(t *testing.T, props, params string, body []byte) {
		m := pairs(params)
		maps.DeleteFunc(m, func(k, _ string) bool { return k == "" })
		for _, library := range []string{lazy, openCSV} {
			s, err := NewSource(task.Table{Database: "d", Name: "x", SerDe: library, SerDeParams: pairs(props), Parameters: m,
				Columns: []task.Column{{Name: "id", Type: "bigint"}, {Name: "t", Type: "string"}}})
			if err != nil {
				continue
			}
			r, err := s.Form.Open(object(body), s.Columns, serde.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for b := column.NewBatch(s.Columns); err == nil; b.Reset() {
				err = r.Next(b)
			}
			if err.Error() == "" {
				t.Errorf("an error without words")
			}
		}
	})
}

func object(body []byte) serde.Object {
	return serde.Object{Size: int64(len(body)), Data: bytes.NewReader(body)}
}

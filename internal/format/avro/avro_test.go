package avro_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	lib "github.com/twmb/avro"
	"github.com/twmb/avro/ocf"

	"penstock/internal/column"
	"penstock/internal/format/avro"
	"penstock/internal/schema"
)

// file writes rows with the library.
func file(t testing.TB, text string, rows []any, opts ...ocf.WriterOpt) []byte {
	t.Helper()
	s, err := lib.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := ocf.NewWriter(&b, s, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func record(fields ...string) string {
	return `{"type":"record","name":"row","fields":[` + strings.Join(fields, ",") + `]}`
}

func field(name, typ string) string { return fmt.Sprintf(`{"name":%q,"type":%s}`, name, typ) }

// columnsOf are columns as "a:int,b:string"; "" are the file's own.
func columnsOf(t testing.TB, src []byte, text string) []schema.Field {
	t.Helper()
	if text == "" {
		h, err := avro.ReadHeader(bytes.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		fields, err := h.Columns()
		if err != nil {
			t.Fatal(err)
		}
		return fields
	}
	typ, err := schema.Parse("struct<" + text + ">")
	if err != nil {
		t.Fatal(err)
	}
	return typ.Fields
}

func read(t testing.TB, src []byte, columns, table string) (rows, found []string, err error) {
	t.Helper()
	fields := columnsOf(t, src, columns)
	r, err := avro.NewReader(bytes.NewReader(src), fields, avro.Options{Rows: 3, Schema: table, Bad: func(f column.Finding) error {
		s := fmt.Sprintf("row %d: %s", f.Row, f.Problem)
		if f.Column != "" {
			s = fmt.Sprintf("row %d %s: %s: %s", f.Row, f.Column, f.Problem, f.Text)
		}
		found = append(found, s)
		return nil
	}})
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	b := column.NewBatch(fields)
	for {
		b.Reset()
		err := r.Next(b)
		if check := b.Check(); check != nil {
			t.Fatal(check)
		}
		for i := range b.Rows() {
			rows = append(rows, string(b.AppendJSON(nil, i)))
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return rows, found, err
		}
		if b.Rows() == 0 || b.Rows() > 3 {
			t.Fatalf("a batch of %d rows", b.Rows())
		}
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n%s\nnot\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const all = `{"type":"record","name":"all","namespace":"x.y","fields":[
 {"name":"bo","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"f","type":"float"},
 {"name":"d","type":"double"},
 {"name":"by","type":"bytes"},{"name":"s","type":"string"},{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
 {"name":"fx","type":{"type":"fixed","name":"F","size":3}},
 {"name":"dec","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":3}},
 {"name":"decf","type":{"type":"fixed","name":"D","size":16,"logicalType":"decimal","precision":38,"scale":0}},
 {"name":"da","type":{"type":"int","logicalType":"date"}},{"name":"tm","type":{"type":"int","logicalType":"time-millis"}},
 {"name":"tu","type":{"type":"long","logicalType":"time-micros"}},
 {"name":"ts","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"tz","type":{"type":"long","logicalType":"timestamp-micros"}},
 {"name":"lt","type":{"type":"long","logicalType":"local-timestamp-millis"}},
 {"name":"lu","type":{"type":"long","logicalType":"local-timestamp-micros"}},
 {"name":"u","type":{"type":"string","logicalType":"uuid"}},
 {"name":"n","type":["null","string"]},{"name":"m","type":{"type":"map","values":["null","int"]}},
 {"name":"a","type":{"type":"array","items":{"type":"record","name":"P","fields":[
   {"name":"x","type":"int"},{"name":"y","type":["string","null"]}]}}},
 {"name":"p","type":["null",{"type":"P","doc":"again"}]},
 {"name":"il","type":["null","int","long"]},{"name":"mix","type":["null","string","int",{"type":"array","items":"long"}]},
 {"name":"no","type":"null"}]}`

func allRows() []any {
	base := map[string]any{"bo": true, "i": int32(-5), "l": int64(math.MinInt64), "f": float32(0.1), "d": 1e300, "by": []byte{0, 255},
		"s": "häß", "e": "B", "fx": []byte("abc"), "dec": []byte{0xff, 0x85}, "decf": append([]byte{0x4b}, make([]byte, 15)...),
		"da": int32(-1), "tm": time.Millisecond, "tu": time.Microsecond * 5, "ts": int64(-1), "tz": int64(1_500_000), "lt": int64(1000),
		"lu": int64(7), "u": "8c7fa1c2-3c4b-4d5e-9f00-112233445566", "n": "here", "m": map[string]any{"k": int32(5)},
		"a": []any{map[string]any{"x": int32(1), "y": "one"}, map[string]any{"x": int32(2), "y": nil}},
		"p": map[string]any{"x": int32(9), "y": nil}, "il": int64(1 << 40), "mix": "text", "no": nil}
	second := map[string]any{}
	for k, v := range base {
		second[k] = v
	}
	second["n"], second["m"], second["a"] = nil, map[string]any{"z": nil}, []any{}
	second["p"], second["il"], second["mix"] = nil, int32(3), []any{int64(8)}
	third := map[string]any{}
	for k, v := range second {
		third[k] = v
	}
	third["mix"], third["il"] = nil, nil
	return []any{base, second, third}
}

func TestEveryType(t *testing.T) {
	const columns = "bo:boolean,i:int,l:bigint,f:float,d:double,by:binary,s:string,e:string,fx:binary,dec:decimal(20,3),decf:decimal(38,0)," +
		"da:date,tm:int,tu:bigint,ts:timestamp,tz:timestamp,lt:timestamp,lu:timestamp,u:string,n:string,m:map<string,int>," +
		"a:array<struct<x:int,y:string>>,p:struct<x:int,y:string>,il:bigint," +
		"mix:struct<member0:string,member1:int,member2:array<bigint>>,no:unknown"
	head := `{"bo":true,"i":-5,"l":-9223372036854775808,"f":0.1,"d":1.0E300,"by":"00ff","s":"häß","e":"B","fx":"616263","dec":-0.123,` +
		`"decf":99692099683868690467785529521025843200,"da":"1969-12-31","tm":1,"tu":5,"ts":"1969-12-31 23:59:59.999",` +
		`"tz":"1970-01-01 00:00:01.5","lt":"1970-01-01 00:00:01","lu":"1970-01-01 00:00:00.000007",` +
		`"u":"8c7fa1c2-3c4b-4d5e-9f00-112233445566",`
	want := []string{
		head + `"n":"here","m":{"k":5},"a":[{"x":1,"y":"one"},{"x":2,"y":null}],"p":{"x":9,"y":null},"il":1099511627776,` +
			`"mix":{"member0":"text","member1":null,"member2":null},"no":null}`,
		head + `"n":null,"m":{"z":null},"a":[],"p":null,"il":3,"mix":{"member0":null,"member1":null,"member2":[8]},"no":null}`,
		head + `"n":null,"m":{"z":null},"a":[],"p":null,"il":null,"mix":null,"no":null}`}
	zstd := ocf.MustZstdCodec(nil, nil)
	for _, codec := range []ocf.Codec{nil, ocf.DeflateCodec(6), ocf.SnappyCodec(), zstd} {
		src := file(t, all, allRows(), ocf.WithCodec(codec), ocf.WithBlockCount(2))
		if got := schema.StructOf(columnsOf(t, src, "")...).String(); got != "struct<"+columns+">" {
			t.Errorf("the columns are %s", got)
		}
		rows, found, err := read(t, src, "", "")
		if err != nil || len(found) > 0 {
			t.Fatal(err, found)
		}
		same(t, "rows are", rows, want)
		if n, err := avro.Count(bytes.NewReader(src)); n != 3 || err != nil {
			t.Errorf("%d rows are counted, %v", n, err)
		}
	}
}

// A table's columns are found by name; what the file does not have is null, what does not fit is a finding or refused.
func TestColumnsOfATable(t *testing.T) {
	src := file(t, record(field("A", `"int"`), field("b", `"long"`),
		field("c", `{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}`),
		field("s", `"string"`), field("n", `{"type":"record","name":"N","fields":[{"name":"p","type":"int"},{"name":"q","type":"float"}]}`),
		field("skip", `{"type":"array","items":["null","string",{"type":"map","values":"double"}]}`), field("z", `"int"`)),
		[]any{map[string]any{"A": int32(300), "b": int64(1 << 40), "c": []byte{0x30, 0x39}, "s": "abcdef",
			"n": map[string]any{"p": int32(1), "q": float32(0.5)}, "skip": []any{nil, "x", map[string]any{"k": 1.5}}, "z": int32(7)},
			map[string]any{"A": int32(-3), "b": int64(4), "c": []byte{0xff}, "s": "é\xff", "n": map[string]any{"p": int32(1), "q": float32(0.5)},
				"skip": []any{}, "z": int32(8)}})
	rows, found, err := read(t, src, "z:bigint,a:tinyint,B:int,c:decimal(6,3),s:varchar(2),n:struct<q:double,r:int>,gone:date", "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "rows are", rows, []string{
		`{"z":7,"a":null,"B":null,"c":123.450,"s":"ab","n":{"q":0.5,"r":null},"gone":null}`,
		`{"z":8,"a":-3,"B":4,"c":-0.010,"s":"é�","n":{"q":0.5,"r":null},"gone":null}`})
	same(t, "found is", found, []string{"row 1 A: too large for tinyint: 300", "row 1 b: too large for int: 1099511627776"})
	for columns, want := range map[string]string{
		"s:int":             "column s is int in the table and string in the file",
		"a:string":          "column A is string in the table and int in the file",
		"c:decimal(5,1)":    "column c is decimal(5,1) in the table and bytes (decimal) in the file",
		"n:string":          "column n is string in the table and record in the file",
		"n:struct<p:date>":  "column n.p is date in the table and int in the file",
		"skip:array<int>":   "column skip.element is int in the table and union in the file",
		"skip:map<int,int>": "column skip is map<int,int> in the table and array in the file",
		"b:timestamp":       "column b is timestamp in the table and long in the file",
	} {
		if _, _, err := read(t, src, columns, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %q", columns, err, want)
		}
	}
	_, found, err = read(t, src, "c:decimal(3,2)", "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a decimal with too many digits", found, []string{"row 1 c: too large for decimal(3,2): 3039"})
}

func TestSchemaResolution(t *testing.T) {
	src := file(t, record(field("old", `"int"`), field("i", `"int"`), field("f", `"float"`), field("s", `"string"`), field("gone", `"string"`),
		field("e", `{"type":"enum","name":"E","symbols":["A","B","C"]}`), field("u", `["null","int"]`)),
		[]any{map[string]any{"old": int32(1), "i": int32(2), "f": float32(1.5), "s": "t", "gone": "x", "e": "C", "u": int32(4)},
			map[string]any{"old": int32(1), "i": int32(2), "f": float32(1.5), "s": "t", "gone": "x", "e": "B", "u": nil}})
	table := record(`{"name":"new","aliases":["old"],"type":"long"}`, field("i", `"double"`), field("f", `["null","double"]`),
		field("s", `"bytes"`), field("e", `{"type":"enum","name":"E","symbols":["A","B","X"],"default":"X"}`),
		field("u", `["null","long","string"]`),
		`{"name":"d1","type":"int","default":42}`, `{"name":"d2","type":["null","string"],"default":null}`,
		`{"name":"d3","type":{"type":"array","items":"string"},"default":["a","b"]}`,
		`{"name":"d4","type":{"type":"record","name":"R","fields":[{"name":"x","type":"int"},`+
			`{"name":"y","type":["string","null"],"default":"q"}]},"default":{"x":7}}`,
		`{"name":"d5","type":{"type":"map","values":"long"},"default":{"k":1,"j":2}}`,
		`{"name":"d6","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2},"default":"\u0001"}`,
		`{"name":"d7","type":{"type":"int","logicalType":"date"},"default":1}`, `{"name":"d8","type":["string","int"],"default":"w"}`)
	fields, err := avro.Columns(table)
	if err != nil {
		t.Fatal(err)
	}
	want := "new:bigint,i:double,f:double,s:binary,e:string,u:struct<member0:bigint,member1:string>,d1:int,d2:string,d3:array<string>," +
		"d4:struct<x:int,y:string>,d5:map<string,bigint>,d6:decimal(4,2),d7:date,d8:struct<member0:string,member1:int>"
	if got := schema.StructOf(fields...).String(); got != "struct<"+want+">" {
		t.Fatalf("the table has %s", got)
	}
	rows, found, err := read(t, src, want, table)
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	tail := `"d1":42,"d2":null,"d3":["a","b"],"d4":{"x":7,"y":"q"},"d5":{"j":2,"k":1},"d6":0.01,"d7":"1970-01-02",` +
		`"d8":{"member0":"w","member1":null}}`
	same(t, "rows are", rows, []string{`{"new":1,"i":2.0,"f":1.5,"s":"74","e":"X","u":{"member0":4,"member1":null},` + tail,
		`{"new":1,"i":2.0,"f":1.5,"s":"74","e":"B","u":null,` + tail})

	for _, c := range []struct{ table, want string }{
		{record(field("i", `"string"`)), "does not fit the table's"},
		{record(field("missing", `"int"`)), "does not fit the table's"},
		{`"int"`, "rows are records"},
		{`{`, "avro.schema.literal"},
	} {
		if _, _, err := read(t, src, "i:string", c.table); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.table, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ fields, want string }{
		{field("next", `["null","row"]`), "contains itself"},
		{field("d", `{"type":"bytes","logicalType":"decimal","precision":39,"scale":0}`), "precision is 1 to 38"},
	} {
		src := file(t, record(c.fields), nil)
		h, err := avro.ReadHeader(bytes.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Columns(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.fields, err)
		}
	}
	good := file(t, record(field("a", `"int"`)), []any{map[string]any{"a": int32(1)}})
	xz := file(t, record(field("a", `"int"`)), nil, ocf.WithCodec(ocf.SnappyCodec()))
	xz = bytes.Replace(xz, []byte("\x0csnappy"), []byte("\x04xz"), 1)
	if _, _, err := read(t, xz, "a:int", ""); err == nil || !strings.Contains(err.Error(), `packed with "xz"`) {
		t.Errorf("a codec of no name: %v", err)
	}
	for n := range good[:len(good)-1] {
		_, err := avro.ReadHeader(bytes.NewReader(good[:n]))
		if h, _ := avro.ReadHeader(bytes.NewReader(good)); int64(n) < h.Size && err == nil {
			t.Errorf("a header of %d bytes is read", n)
		}
	}
}

// blocks makes a file whose blocks the test writes.
func blocks(t testing.TB, text string, parts ...[]byte) []byte {
	t.Helper()
	return append(file(t, text, nil, ocf.WithSyncMarker(marker)), bytes.Join(parts, nil)...)
}

var marker = [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

func part(rows int64, data []byte) []byte {
	b := binary.AppendVarint(nil, rows)
	b = binary.AppendVarint(b, int64(len(data)))
	return append(append(b, data...), marker[:]...)
}

func TestDamage(t *testing.T) {
	text := record(field("a", `"int"`), field("s", `"string"`))
	ok := func(n byte) []byte { return []byte{n * 2, 2, 'a' + n} }
	good := part(2, append(ok(1), ok(2)...))
	const last1 = "; the last 1 rows of the block are left out"
	lost := part(1, ok(5))
	copy(lost[len(lost)-16:], "no sync marker..")
	for name, c := range map[string]struct {
		parts [][]byte
		rows  int
		found string
	}{
		"a value beyond its block": {[][]byte{part(2, append(ok(1), 2, 100, 'x')), good}, 3,
			"row 2: a value of 50 bytes goes on behind the end of its block" + last1},
		"a length below zero":       {[][]byte{part(1, []byte{2, 1}), good}, 2, "row 1: a value of -1 bytes"},
		"an int of 40 bits":         {[][]byte{part(1, binary.AppendVarint(nil, 1<<40)), good}, 2, "row 1: an int is 1099511627776"},
		"an integer without end":    {[][]byte{part(1, bytes.Repeat([]byte{0xff}, 12)), good}, 2, "row 1: an integer has more than 64 bits"},
		"bytes behind the last row": {[][]byte{part(1, append(ok(1), 9, 9)), good}, 3, "row 1: 2 bytes of the block follow its last row"},
		"no sync marker":            {[][]byte{lost, good, good}, 2, "row 1: the block does not end with the file's sync marker" + last1},
		"more rows than there are": {[][]byte{part(1000, ok(1)), good}, 3,
			"row 2: a row goes on behind the end of its block; the last 999 rows of"},
		"a count below zero": {[][]byte{part(-3, ok(1)), good}, 2, "row 1: the block has a negative length"},
		"a block of 4 EiB": {[][]byte{binary.AppendVarint(binary.AppendVarint(nil, 1), 1<<62), marker[:], good}, 2,
			"row 1: the block has 4611686018427387904 bytes"},
		"a cut in the block":  {[][]byte{good, good[:5]}, 2, "row 3: the block is cut off; the last 2 rows of"},
		"a cut in the marker": {[][]byte{good, good[:len(good)-1]}, 2, "row 3: the block is cut off; the last 2 rows of"},
		"a cut in the count":  {[][]byte{good, {0x80}}, 2, "row 3: the block is cut off"},
	} {
		src := blocks(t, text, c.parts...)
		rows, found, err := read(t, src, "", "")
		if err != nil || len(rows) != c.rows || len(found) != 1 || !strings.HasPrefix(found[0], c.found) {
			t.Errorf("%s: %d rows, found %q, %v", name, len(rows), found, err)
		}
		r, err := avro.NewReader(bytes.NewReader(src), columnsOf(t, src, ""), avro.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := column.NewBatch(columnsOf(t, src, ""))
		for err == nil {
			err = r.Next(b)
		}
		if err == io.EOF {
			t.Errorf("%s: without Bad there is no error", name)
		}
		r.Close()
	}
	bad := blocks(t, record(field("e", `{"type":"enum","name":"E","symbols":["A"]}`), field("b", `"boolean"`), field("u", `["null","int"]`)),
		part(1, []byte{2, 0, 0}), part(1, []byte{0, 2, 0}), part(1, []byte{0, 0, 4}), part(1, []byte{0, 1, 2, 2}))
	rows, found, err := read(t, bad, "", "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "rows are", rows, []string{`{"e":"A","b":true,"u":1}`})
	if len(found) != 3 || !strings.Contains(found[0], "symbol 1") || !strings.Contains(found[1], "a boolean is 2") ||
		!strings.Contains(found[2], "no branch 2") {
		t.Errorf("found %q", found)
	}
}

// A few bytes can say that there are 2^60 values that take no bytes.
func TestValuesWithoutBytes(t *testing.T) {
	many := binary.AppendVarint(nil, 1<<60)
	for name, c := range map[string]struct {
		typ  string
		data []byte
		rows int64
	}{
		"an array of nulls":   {`{"type":"array","items":"null"}`, many, 1},
		"an array of records": {`{"type":"array","items":{"type":"record","name":"N","fields":[]}}`, many, 1},
		"an array of fixed":   {`{"type":"array","items":{"type":"fixed","name":"F","size":0}}`, many, 1},
		"rows of nulls":       {`"null"`, nil, 1 << 60},
	} {
		src := blocks(t, record(field("a", c.typ)), part(c.rows, c.data))
		for _, columns := range []string{"", "other:int"} {
			_, found, err := read(t, src, columns, "")
			if err != nil || len(found) != 1 || !strings.Contains(found[0], "have no bytes") {
				t.Errorf("%s, columns %q: %q, %v", name, columns, found, err)
			}
		}
	}
}

func TestBombs(t *testing.T) {
	text := record(field("s", `"bytes"`))
	big := ocf.DeflateCodec(1)
	packed, err := big.Compress(make([]byte, 300<<20))
	if err != nil {
		t.Fatal(err)
	}
	src := append(file(t, text, nil, ocf.WithSyncMarker(marker), ocf.WithCodec(ocf.DeflateCodec(1))), part(1, packed)...)
	_, found, err := read(t, src, "", "")
	if err != nil || len(found) != 1 || !strings.Contains(found[0], "cannot be unpacked") {
		t.Errorf("found %q, %v", found, err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(file(f, all, allRows()))
	f.Add(file(f, all, allRows(), ocf.WithCodec(ocf.SnappyCodec())))
	f.Add(blocks(f, record(field("a", `"int"`), field("s", `"string"`)), part(1, []byte{2, 2, 'a'})))
	f.Fuzz(func(t *testing.T, src []byte) {
		h, err := avro.ReadHeader(bytes.NewReader(src))
		if err != nil {
			return
		}
		if _, err := h.Columns(); err != nil {
			return
		}
		if _, _, err := read(t, src, "", ""); err != nil {
			t.Logf("%v", err)
		}
		avro.Count(bytes.NewReader(src)) //nolint:errcheck // it must come back
	})
}

func BenchmarkRead(b *testing.B) {
	rows := make([]any, 20_000)
	for i := range rows {
		rows[i] = map[string]any{"id": int64(i), "name": "customer " + fmt.Sprint(i), "price": float64(i) / 7, "day": int32(i),
			"note": nil, "tags": []any{"a", "bc"}}
	}
	src := file(b, record(field("id", `"long"`), field("name", `"string"`), field("price", `"double"`),
		field("day", `{"type":"int","logicalType":"date"}`), field("note", `["null","string"]`),
		field("tags", `{"type":"array","items":"string"}`)), rows)
	fields := columnsOf(b, src, "")
	batch := column.NewBatch(fields)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := avro.NewReader(bytes.NewReader(src), fields, avro.Options{})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for err == nil {
			batch.Reset()
			err = r.Next(batch)
			n += batch.Rows()
		}
		if r.Close(); n != len(rows) || err != io.EOF {
			b.Fatal(n, err)
		}
	}
}

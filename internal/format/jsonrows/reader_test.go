package jsonrows_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"penstock/internal/column"
	"penstock/internal/format/jsonrows"
	"penstock/internal/schema"
)

func fields(t testing.TB, columns string) []schema.Field {
	t.Helper()
	typ, err := schema.Parse("struct<" + columns + ">")
	if err != nil {
		t.Fatal(err)
	}
	return typ.Fields
}

// read gives the rows of a text as JSON, a line each, then what was found, after "!", and the error.
func read(t testing.TB, src io.Reader, columns string, o jsonrows.Options) string {
	t.Helper()
	var out, found strings.Builder
	o.Bad = func(f column.Finding) error {
		fmt.Fprintf(&found, "! row %d, offset %d, %s\n", f.Row, f.Offset, f)
		return nil
	}
	cols := fields(t, columns)
	r, err := jsonrows.NewReader(src, cols, o)
	if err != nil {
		return err.Error()
	}
	b := column.NewBatch(cols)
	for {
		b.Reset()
		err := r.Next(b)
		if bad := b.Check(); bad != nil {
			t.Errorf("the batch: %v", bad)
		}
		for i := range b.Rows() {
			out.Write(append(b.AppendJSON(nil, i), '\n'))
		}
		if err != nil {
			if err != io.EOF {
				fmt.Fprintf(&found, "error: %v\n", err)
			}
			return out.String() + found.String()
		}
	}
}

func check(t *testing.T, name, in, columns string, o jsonrows.Options, want string) {
	t.Helper()
	for _, src := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in)),
		iotest.DataErrReader(strings.NewReader(in))} {
		if got := read(t, src, columns, o); got != want {
			t.Errorf("%s: %q (%T): got\n%swant\n%s", name, in, src, got, want)
			return
		}
	}
}

func TestWhereRecordsStand(t *testing.T) {
	anywhere := jsonrows.Options{Anywhere: true, Malformed: jsonrows.LeaveOut}
	text, err := os.ReadFile("testdata/where.txt")
	if err != nil {
		t.Fatal(err)
	}
	tests := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		tests++
		cell := strings.Split(strings.TrimSuffix(line, "\n"), " | ")
		in, err := strconv.Unquote(cell[1])
		want, err2 := strconv.Unquote(cell[2])
		if err != nil || err2 != nil {
			t.Fatal(line, err, err2)
		}
		check(t, cell[0], in, "a:int", anywhere, want)
	}
	if tests < 20 {
		t.Errorf("%d files", tests)
	}
}

func TestPath(t *testing.T) {
	for _, tt := range []struct{ path, in, want string }{
		{"$.Records[*]", `{"x":[{"a":9}],"Records":[{"a":1},{"a":2}],"y":{"Records":[{"a":8}]}}` + "\n" + `{"Records":[{"a":3}]}`, "1 2 3"},
		{"$", `{"a":1}[{"a":2}]`, "1 2"},
		{"$[*]", `[{"a":1},{"a":2}]{"a":3}`, "1 2"},
		{"$[1]", `[{"a":1},{"a":2}]`, "2"},
		{"$[*].b", `[{"b":{"a":1}},{"c":{"a":2}},{"b":{"a":3}}]`, "1 3"},
		{"$.*", `{"x":{"a":1},"y":{"a":2}}`, "1 2"},
		{"$['x y'].b[*]", `{"x y":{"b":[{"a":1}]}}`, "1"},
		{"$.x\u00e9", `{"x\u00e9":{"a":1}}`, "1"},
	} {
		want := ""
		for v := range strings.FieldsSeq(tt.want) {
			want += `{"a":` + v + "}\n"
		}
		check(t, tt.path, tt.in, "a:int", jsonrows.Options{Path: tt.path}, want)
	}
	for path, want := range map[string]string{"a": "begin with $", "$a": "a point or bracket", "$.": "a name is missing",
		"$[": "not closed", "$['a": "not closed",
		"$[x]": "no name, number"} {
		if got := read(t, strings.NewReader(""), "a:int", jsonrows.Options{Path: path}); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// TestOpenX has the SerDe's rules for each type; docs/formats/json.md says where they come from.
func TestOpenX(t *testing.T) {
	text, err := os.ReadFile("testdata/openx.txt")
	if err != nil {
		t.Fatal(err)
	}
	tests := 0
	for line := range strings.Lines(string(text)) {
		cell := strings.Split(strings.TrimSuffix(line, "\n"), " | ")
		if strings.HasPrefix(line, "#") {
			continue
		}
		tests++
		typ, value, found := cell[0], cell[1], ""
		if quoted, ok := strings.CutPrefix(value, "@"); ok {
			if value, err = strconv.Unquote(quoted); err != nil {
				t.Fatal(quoted, err)
			}
		}
		if len(cell) > 3 {
			found = cell[3]
		}
		in, want := `{"c":`+value+"}\n", `{"c":`+cell[2]+"}\n"
		got := read(t, strings.NewReader(in), "c:"+typ, jsonrows.Options{})
		rows, told, _ := strings.Cut(got, "!")
		if rows != want || (found == "") != (told == "") || !strings.Contains(told, ": "+found) && found != "" {
			t.Errorf("%s into %s: got %s want %s and %q", value, typ, got, want, found)
		}
		if again := read(t, iotest.OneByteReader(strings.NewReader(in)), "c:"+typ, jsonrows.Options{}); again != got {
			t.Errorf("%s into %s a byte at a time: %s, not %s", value, typ, again, got)
		}
	}
	if tests < 100 {
		t.Errorf("%d values", tests)
	}
}

func TestOpenXLines(t *testing.T) {
	skip := jsonrows.Options{Malformed: jsonrows.NullRow}
	check(t, "stop", "{\"a\":1}\n{\"a\"\n{\"a\":2}\n", "a:int", jsonrows.Options{}, "{\"a\":1}\n"+
		"! row 2, offset 8, line 2: a colon is missing after a key: \"{\\\"a\\\"\"\n"+
		"error: malformed JSON: line 2: a colon is missing after a key: \"{\\\"a\\\"\"\n")
	check(t, "ignore", "{\"a\":1}\n{\"a\"\n{\"a\":2}", "a:int", skip, "{\"a\":1}\n{\"a\":null}\n{\"a\":2}\n"+
		"! row 2, offset 8, line 2: a colon is missing after a key: \"{\\\"a\\\"\"\n")
	check(t, "pretty", "{\n\"a\":1}\n", "a:int", skip, "{\"a\":null}\n{\"a\":null}\n"+
		"! row 1, offset 0, line 1: a key in quotes is missing: \"{\"\n"+
		"! row 2, offset 2, line 2: the line is no JSON object: a row of nulls, as the OpenX SerDe makes it: \"\\\"a\\\":1}\"\n")
	check(t, "blank and other", "\n {\"a\":1} \r\n7\n", "a:int", skip, "{\"a\":null}\n{\"a\":1}\n{\"a\":null}\n"+
		"! row 1, offset 0, line 1: the line is blank: a row of nulls, as the OpenX SerDe makes it\n"+
		"! row 3, offset 12, line 3: the line is no JSON object: a row of nulls, as the OpenX SerDe makes it: \"7\"\n")
	check(t, "more on the line", "{\"a\":1}{\"a\":2}\n{\"a\":3}", "a:int", skip, "{\"a\":1}\n{\"a\":3}\n"+
		"! row 1, offset 7, line 1: what follows the record on its line is not read: \"{\\\"a\\\":2}\"\n")
	check(t, "array by position", "[1,\"x\",3]\n[]\n", "a:int,b:string", skip, "{\"a\":1,\"b\":\"x\"}\n{\"a\":null,\"b\":null}\n")
	check(t, "twice", "{\"a\":1,\"A\":2}\n{\"x\":1,\"x\":2}\n", "a:int", skip, "{\"a\":null}\n{\"a\":null}\n"+
		"! row 1, offset 0, line 1: the key of column a stands twice in an object: \"{\\\"a\\\":1,\\\"A\\\":2}\"\n")
	check(t, "order of keys", "{\"a\":1,\"b\":\"x\",\"c\":true}\n{\"c\":false,\"a\":2}\n"+
		"{\"b\":\"y\"}\n{\"a\" : 3,\"b\":\"z\", \"c\":null}\n{}\n{\"a\":4,\"c\":true,\"b\":\"w\"}",
		"c:boolean,a:int,b:string", skip, `{"c":true,"a":1,"b":"x"}
{"c":false,"a":2,"b":null}
{"c":null,"a":null,"b":"y"}
{"c":null,"a":3,"b":"z"}
{"c":null,"a":null,"b":null}
{"c":true,"a":4,"b":"w"}
`)
	check(t, "case", "{\"userId\":1,\"userid\":2}\n", "userid:int", jsonrows.Options{Exact: true}, "{\"userid\":2}\n")
	check(t, "mapping", "{\"URL\":\"u\",\"Url\":\"v\",\"url1\":\"no\"}\n", "url1:string,url2:string",
		jsonrows.Options{Exact: true, Mapping: map[string]string{"url1": "URL", "url2": "Url"}}, "{\"url1\":\"u\",\"url2\":\"v\"}\n")
	check(t, "dots", "{\"a.b\":1,\"c\":{\"d.e\":2}}\n{\"a.b\":1,\"a_b\":3}\n{\"a_b\":4,\"A.B\":1}\n", "a_b:int,c:struct<d_e:int>",
		jsonrows.Options{Dots: true},
		"{\"a_b\":1,\"c\":{\"d_e\":2}}\n{\"a_b\":3,\"c\":null}\n{\"a_b\":4,\"c\":null}\n")
	check(t, "formats", "{\"a\":\"02/01/2020 03:04\"}\n{\"a\":\"2020-01-02 03:04:05\"}\n{\"a\":86400000}\n", "a:timestamp",
		jsonrows.Options{TimestampFormats: []string{"dd/MM/yyyy HH:mm", "millis"}},
		"{\"a\":\"2020-01-02 03:04:00\"}\n{\"a\":\"2020-01-02 03:04:05\"}\n{\"a\":\"1970-01-02 00:00:00\"}\n")
}

func TestHive(t *testing.T) {
	o := jsonrows.Options{SerDe: jsonrows.Hive, Malformed: jsonrows.LeaveOut}
	check(t, "strict",
		"{\"a\":1,\"b\":\"x\"}\n{\"a\":\"1\"}\n{\"a\":1.5}\n{\"b\":{}}\n{\"b\":12}\n\n[1]\n{\"a\":3000000000}\n{\"b\":'x'}\n",
		"a:int,b:string", o,
		"{\"a\":1,\"b\":\"x\"}\n{\"a\":1,\"b\":null}\n{\"a\":null,\"b\":\"12\"}\n"+
			"! row 2, offset 16, line 2: column a: a text, not int: \"{\\\"a\\\":\\\"1\\\"}\"\n"+
			"! row 3, offset 31, line 3, column a: the fraction is cut off, as the SerDe does: \"1.5\"\n"+
			"! row 4, offset 36, line 4: column b: an object, not string: \"{\\\"b\\\":{}}\"\n"+
			"! row 6, offset 54, line 6: the line is blank\n"+
			"! row 7, offset 55, line 7: it is no JSON object: \"[1]\"\n"+
			"! row 8, offset 59, line 8: column a: too large for int: \"{\\\"a\\\":3000000000}\"\n"+
			"! row 9, offset 76, line 9: this is no value of JSON: \"{\\\"b\\\":'x'}\"\n")
	check(t, "types", `{"a":[1],"b":{"k":true},"c":"2020-01-02","d":"2020-01-02 03:04:05","e":"xy","f":1.25}`,
		"a:array<int>,b:map<string,boolean>,"+
			"c:date,d:timestamp,e:binary,f:decimal(5,1)", o,
		`{"a":[1],"b":{"k":true},"c":"2020-01-02","d":"2020-01-02 03:04:05","e":"7879","f":1.3}`+"\n")
}

func TestSpark(t *testing.T) {
	o := jsonrows.Options{SerDe: jsonrows.Spark, Anywhere: true, Exact: true, Malformed: jsonrows.NullRow}
	check(t, "values", `{"a":"1","b":1.5,"A":3,"c":{"k":1,"k":2},"t":10,"s":[1, 2]}{"a":7,"a":8,"t":"2020-01-02"}`,
		"a:int,b:int,c:map<string,int>,t:timestamp,s:string", o,
		`{"a":null,"b":null,"c":{"k":1},"t":"1970-01-01 00:00:10","s":"[1,2]"}
{"a":8,"b":null,"c":null,"t":"2020-01-02 00:00:00","s":null}
! row 1, offset 5, line 1, column a: a text, not int: "1"
! row 1, offset 13, line 1, column b: not a number: "1.5"
! row 1, offset 38, line 1, column c: the key stands twice in the map: the first counts: "\"k\""
! row 2, offset 70, line 1, column a: the key stands twice in an object: the last counts
`)
}

func TestBounds(t *testing.T) {
	o := jsonrows.Options{Anywhere: true, Malformed: jsonrows.LeaveOut, MaxRecord: 1000}
	long := "{\"a\":1}\n{\"b\":\"" + strings.Repeat("x", 5000) + "\"}\n{\"a\":2}\n"
	want := "{\"a\":1}\n{\"a\":2}\n! row 2, offset 8, line 2: it is longer than 1000 bytes: " +
		"\"{\\\"b\\\":\\\"" + strings.Repeat("x", 58) + "\"\n"
	if got := read(t, iotest.OneByteReader(strings.NewReader(long)), "a:int", o); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	deep := strings.Repeat("[", 10000)
	for _, in := range []string{`{"b":` + deep, "{\"b\":" + deep + strings.Repeat("]", 10000) + "}"} {
		got := read(t, strings.NewReader("{\"a\":1}\n"+in+"\n{\"a\":2}"), "a:int", o)
		if !strings.HasPrefix(got, "{\"a\":1}\n{\"a\":2}\n! row 2, offset 8, line 2: values nest more than 512 deep") {
			t.Errorf("got %.300s", got)
		}
	}
	if got := read(t, strings.NewReader(`{"a":`+strings.Repeat("[", 500)+strings.Repeat("]", 500)+"}"), "a:string",
		o); strings.Contains(got, "!") {
		t.Errorf("500 deep: %.300s", got)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	long = strings.Repeat("x", 50<<20)
	src := io.MultiReader(strings.NewReader("{\"a\":1}\n{\"b\":\""), strings.NewReader(long), strings.NewReader("\"}\n{\"a\":2}"))
	if got := read(t, src, "a:int", o); !strings.HasPrefix(got, "{\"a\":1}\n{\"a\":2}\n! row 2") {
		t.Errorf("got %.300s", got)
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 52<<20 {
		t.Errorf("a line of 50 MiB takes %d bytes beyond itself", after.TotalAlloc-before.TotalAlloc-50<<20)
	}
	many := `{"a":[` + strings.Repeat(`"x",`, 300) + "1]}"
	got := read(t, strings.NewReader(many), "a:array<int>", jsonrows.Options{})
	if strings.Count(got, "!") != 100 || !strings.Contains(got, "not a number (and 200 more values of this record)") {
		t.Errorf("got %.3000s", got)
	}
	b := column.NewBatch(fields(t, "a:int"))
	r, err := jsonrows.NewReader(&endless{}, fields(t, "a:int"), jsonrows.Options{Anywhere: true})
	if err == nil {
		err = r.Next(b)
	}
	var bad *jsonrows.RecordError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "longer than 16777216 bytes") {
		t.Error(err)
	}
}

// endless is a string that never ends.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	if !e.begun {
		e.begun = true
		copy(p, `{"a":"`)
	}
	return len(p), nil
}

func TestSourceFails(t *testing.T) {
	gone := errors.New("disk gone")
	got := read(t, io.MultiReader(strings.NewReader("{\"a\":1}\n{\"a\":2}\n{\"a\""), iotest.ErrReader(gone)), "a:int", jsonrows.Options{})
	if got != "{\"a\":1}\n{\"a\":2}\nerror: line 3: disk gone\n" {
		t.Error(got)
	}
	half := io.MultiReader(strings.NewReader("{\"a\":1}\n{\"a\":2,\"b\":["), iotest.ErrReader(gone))
	got = read(t, half, "a:int,b:array<int>", jsonrows.Options{})
	if got != "{\"a\":1,\"b\":null}\nerror: line 2: disk gone\n" {
		t.Error(got)
	}
}

func TestManyKeysOfAMap(t *testing.T) {
	var in strings.Builder
	for i := range 300 {
		fmt.Fprintf(&in, `,"k%d":%d`, i%150, i)
	}
	got := read(t, strings.NewReader(`{"m":{`+in.String()[1:]+"}}"), "m:map<string,int>", jsonrows.Options{SerDe: jsonrows.Spark})
	if strings.Count(got, "twice") != 100 || !strings.Contains(got, `"k149":149}`) || !strings.Contains(got, "and 50 more") {
		t.Errorf("%.2000s", got)
	}
}

// FuzzValid holds the scanner against encoding/json: what is valid and which values it has.
func FuzzValid(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":[1,-0.5e+7,"\u00e9\n"],"b":{"c":null}}`, `{"a":"x`, `{"a":01}`, `{"a":1,}`,
		"{\"a\":\"\\ud800\"}", `{"a":tru}`,
		"{\"abcdefgh\":\"12345678\\\"\"}", `{"a" : true , "b":[ ] }`} {
		f.Add([]byte(s))
	}
	cols := fields(f, "a:string,b:array<string>,c:struct<a:string>")
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 || in[0] != '{' || bytes.HasPrefix(in, []byte("\xff\xfe")) {
			return
		}
		var first error
		o := jsonrows.Options{SerDe: jsonrows.Hive, Anywhere: true}
		_ = o
		r, err := jsonrows.NewReader(bytes.NewReader(in), cols, jsonrows.Options{SerDe: jsonrows.Spark, Anywhere: true, Exact: true})
		if err != nil {
			t.Fatal(err)
		}
		b := column.NewBatch(cols)
		first = r.Next(b)
		if err := b.Check(); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(in) {
			return // what else is taken has its own fuzz test
		}
		if first != nil {
			if !strings.Contains(first.Error(), "512 deep") && !strings.Contains(first.Error(), "a key has") {
				t.Fatalf("%q is valid: %v", in, first)
			}
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(in, &want); err != nil {
			t.Fatal(err)
		}
		var text string
		if raw, ok := want["a"]; ok && raw[0] == '"' && json.Unmarshal(raw, &text) == nil && string(b.Columns[0].Text(0)) != text {
			t.Fatalf("%q: a is %q, not %q", in, b.Columns[0].Text(0), text)
		}
	})
}

// FuzzReader reads anything by all rules: no panic, batches that fit together, and the same whatever pieces the file comes in.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"{\"a\":1}\n{\"b\":[1,\"x\"]}", "[{\"a\":1},{\"m\":{\"k\":1,\"k\":2}}]",
		"{'a':NaN,\"s\":{\"x\":\"2020-01-01\"}}", "\xff\xfe{\x00}\x00"} {
		f.Add([]byte(s), "$.a[*]")
	}
	const columns = "a:int,b:array<decimal(5,2)>,m:map<int,double>,s:struct<x:date,y:timestamp,z:array<struct<q:binary>>>,t:string,u:boolean"
	f.Fuzz(func(t *testing.T, in []byte, path string) {
		for _, o := range []jsonrows.Options{{}, {SerDe: jsonrows.Hive, Malformed: jsonrows.LeaveOut}, {Dots: true,
			Malformed: jsonrows.NullRow},
			{SerDe: jsonrows.Spark, Anywhere: true, Malformed: jsonrows.LeaveOut}, {Path: path, Malformed: jsonrows.LeaveOut, MaxRecord: 100}} {
			all := read(t, bytes.NewReader(in), columns, o)
			if byBytes := read(t, iotest.OneByteReader(bytes.NewReader(in)), columns, o); all != byBytes && o.MaxRecord == 0 {
				t.Errorf("%q depends on how it is read (%+v):\n%s\n%s", in, o, all, byBytes)
			}
		}
	})
}

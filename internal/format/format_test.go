package format_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"penstock/internal/column"
	"penstock/internal/format"
	"penstock/internal/schema"
)

func bson(body string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)+5))) + body + "\x00"
}

func TestSniff(t *testing.T) {
	sixteen := func(s string, bom unicode.BOMPolicy, order unicode.Endianness) string {
		out, err := unicode.UTF16(order, bom).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for want, texts := range map[string][]string{
		"avro":    {"Obj\x01\x04\x16avro.schema"},
		"orc":     {"ORC\x0a\x0b\x0a\x03\x00\x00\x00\x12", "ORC\xff\xff\xff\xff\xff"},
		"parquet": {"PAR1\x15\x04\x15\x10\x00"},
		"ion":     {"\xe0\x01\x00\xea\x21\x01", "$ion_1_0 {a:1}", "$ion_1_0"},
		"bson":    {bson(""), bson("\x10a\x00\x01\x00\x00\x00"), bson("\x02name\x00\x02\x00\x00\x00x\x00") + bson("")},
		"json": {`{"a":1}`, " \n{ \"a\" : 1 }\n{}", "{}", "[]", "[1,2]", `[{"a":1}] `, "[[1],[2]]\n[3]", "\xef\xbb\xbf{\"a\":1}", `{"a":1} junk`,
			`{"a": nope}`, `{"a":`, `{"`, `{"cut`, "[", `["a", "b`, strings.Repeat("[", 70_000), "{\n  \"Records\": [", `[{"a": x`,
			sixteen(`{"a":1}`, unicode.UseBOM, unicode.LittleEndian), sixteen(`{"a":1}`, unicode.IgnoreBOM, unicode.BigEndian)},
		"xml": {"<?xml version='1.0'?><a/>", "<a>", "<a/>", " <p:a b='c'>", "<!-- x --><a/>", "<!DOCTYPE a><a/>", "\xef\xbb\xbf<a></a>",
			"<Größe x='1",
			sixteen("<a></a>", unicode.IgnoreBOM, unicode.LittleEndian)},
		"": {"", "a,b\n1,2\n", "ORC,PAR1\n1,2\n", "ORCHARD,TREES\n", "PAR1,b\n1,2", "1\n2\n", `"a","b"`, "[4018] 14 Nov 07:01:22 * x",
			"[2026-11-30 16:00] INFO x", "[1,2] x", "{a:1}", "{'a':1}", `{"a" 1}`, `{"a";1}`, "{1:2}",
			"<34>Oct 11 22:14:15 host su: x", "<html><body>",
			"<!DOCTYPE html><p>", "<?xml version='1.0'?><!DOCTYPE html><HTML>", "< a>", "<a <b>", "<", "x", "$ion_1_0x", "true", "\x05\x00\x00",
			bson("\x10a\x00\x01")[:8], "\x06\x00\x00\x00\x20\x00", "\x00\x00\x00\x00\x00", "Obj", "I, [2026-11-30T16:00:00 #1]  INFO -- : x"},
	} {
		for _, text := range texts {
			if got := format.Sniff([]byte(text), true); got != want {
				t.Errorf("%.40q is %q, not %q", text, got, want)
			}
		}
	}
	if got := format.Sniff([]byte(bson("\x02a\x00"+strings.Repeat("x", 100_000))), false); got != "bson" {
		t.Errorf("the beginning of a large BSON document is %q", got)
	}
	for _, name := range []string{"bson", "ion"} {
		if err := format.Refuse(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := format.Refuse("json"); err != nil {
		t.Error(err)
	}
}

func TestAppendText(t *testing.T) {
	for _, c := range []struct{ typ, text, want, problem string }{
		{"int", " 7 ", "7", ""}, {"int", "1.9", "1", ""}, {"int", "x", "null", "not a number"}, {"int", "", "null", ""},
		{"int", "2147483648", "null", "too large for int"}, {"tinyint", "-128", "-128", ""}, {"tinyint", "128", "null", "too large for tinyint"},
		{"bigint", "9223372036854775807", "9223372036854775807", ""}, {"float", "0.1", "0.1", ""}, {"double", "1e3", "1000.0", ""},
		{"double", "NaN", `"NaN"`, ""}, {"decimal(5,2)", "1.005", "1.01", ""}, {"decimal(3,2)", "10", "null", "too large for decimal(3,2)"},
		{"boolean", "TRUE", "true", ""}, {"boolean", "0", "false", ""}, {"boolean", "maybe", "null", "not true or false"},
		{"date", "2026-01-02", `"2026-01-02"`, ""}, {"date", "2026-13-01", "null", "not a date"},
		{"timestamp", "2026-01-02T03:04:05Z", `"2026-01-02 03:04:05"`, ""}, {"timestamp", "soon", "null", "not a timestamp"},
		{"string", "", `""`, ""}, {"string", "a\xffb\xc3", "\"a\uFFFDb\uFFFD\"", ""},
		{"char(2)", "häß", `"hä"`, ""}, {"varchar(3)", "ab", `"ab"`, ""}, {"binary", "\x00\xff", `"00ff"`, ""},
		{"array<int>", "[1]", "null", "a text, not an array"}, {"struct<a:int>", "x", "null", "a text, not a struct"},
		{"map<int,int>", "", "null", "a text, not a map"},
	} {
		typ, err := schema.Parse(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		v := column.New(typ)
		problem := format.AppendText(v, []byte(c.text))
		if got := string(v.AppendJSON(nil, 0)); got != c.want || problem != c.problem || v.Check() != nil {
			t.Errorf("%q as %s is %s, %q, not %s, %q", c.text, c.typ, got, problem, c.want, c.problem)
		}
	}
	v := column.New(schema.Of(schema.Unknown))
	if problem := format.AppendText(v, []byte("x")); problem != "" || !slices.Equal(v.Null, []bool{true}) {
		t.Errorf("an unknown type has %q, %v", problem, v.Null)
	}
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{`{"a":[1]}`, "[1]", "<a b='c'>", bson("\x10a\x00\x01\x00\x00\x00"), "PAR1\x00"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, head []byte, whole bool) { format.Sniff(head, whole) })
}

func BenchmarkSniff(b *testing.B) {
	head := []byte(strings.Repeat("id,name,price\n1,x,2.50\n", 40_000))
	for b.Loop() {
		format.Sniff(head, false)
	}
}

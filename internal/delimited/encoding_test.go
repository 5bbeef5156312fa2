package delimited

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

func utf16Bytes(s string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestEncodings(t *testing.T) {
	const text = "id,t\n1,caf\u00e9 \U0001F600\n"
	tests := []struct {
		name string
		in   []byte
		want string
	}{
		{"utf-8", []byte(text), text},
		{"UTF-16", append([]byte{0xff, 0xfe}, utf16Bytes(text, binary.LittleEndian)...), text},
		{"UTF-16", append([]byte{0xfe, 0xff}, utf16Bytes(text, binary.BigEndian)...), text},
		{"UTF-16", utf16Bytes(text, binary.BigEndian), text},
		{"UTF-16LE", utf16Bytes(text, binary.LittleEndian), text},
		{"UTF-16LE", append([]byte{0xff, 0xfe}, utf16Bytes(text, binary.LittleEndian)...), text},
		{"utf-16be", utf16Bytes(text, binary.BigEndian), text},
		{"windows-1252", []byte("caf\xe9 \x80\x96"), "caf\u00e9 \u20ac\u2013"},
		{"ISO-8859-1", []byte("caf\xe9"), "caf\u00e9"},
		{"UTF-16LE", []byte("abc"), "error: an odd number of bytes: the file is not UTF-16"},
		{"UTF-16LE", []byte{0x00, 0xd8, 'x', 0}, "error: half of a character: the file is not UTF-16 in this byte order"},
		{"UTF-16LE", []byte{0x00, 0xd8}, "error: half of a character: the file is not UTF-16 in this byte order"},
		{"koi8-r", nil, `error: encoding "koi8-r" is not supported by Penstock yet`},
	}
	for _, tt := range tests {
		e, err := EncodingOf(tt.name)
		got := ""
		if err == nil {
			var b []byte
			b, err = io.ReadAll(e.Reader(iotest.HalfReader(bytes.NewReader(tt.in))))
			got = string(b)
		}
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != tt.want && !(strings.HasPrefix(tt.want, "error: ") && strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s of % x: %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestWithoutLast(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"a\nb\nc\n", 1, "a\nb\n"}, {"a\nb\nc", 1, "a\nb\n"}, {"a\nb\nc\n", 2, "a\n"}, {"a\nb\n", 2, ""}, {"a\n", 5, ""}, {"", 1, ""},
		{"a\n\n", 1, "a\n"}, {"a\nb", 0, "a\nb"}, {strings.Repeat("0123456789\n", 20000) + "total\n", 1, strings.Repeat("0123456789\n", 20000)},
	} {
		for _, src := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in)),
			iotest.DataErrReader(strings.NewReader(tt.in))} {
			if len(tt.in) > 1000 && tt.n > 0 {
				src = strings.NewReader(tt.in)
			}
			got, err := io.ReadAll(WithoutLast(src, tt.n))
			if err != nil || string(got) != tt.want {
				t.Errorf("%.20q without %d: %.40q, %v", tt.in, tt.n, got, err)
			}
		}
	}
}

func TestSkipLine(t *testing.T) {
	for _, in := range []string{"\xef\xbb\xbf\"an open quote\nreport\nid,t\n1,a\n", "x\ny\nid,t\n1,a\n"} {
		r, err := NewReader(iotest.OneByteReader(strings.NewReader(in)), CSV)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := r.SkipLine(); err != nil {
				t.Fatal(err)
			}
		}
		rec, err := r.Next()
		if err != nil || string(rec.Fields[0]) != "id" || rec.Line != 3 {
			t.Errorf("%q: %v %v", in, rec, err)
		}
	}
	r, _ := NewReader(strings.NewReader("one"), CSV)
	if r.SkipLine() != nil || r.SkipLine() != io.EOF {
		t.Error("the last line has no end")
	}
}

// TestDialects has the forms beyond RFC 4180: blanks around quotes, and what each SerDe makes of escapes.
func TestDialects(t *testing.T) {
	blanks := Dialect{Delimiter: ',', Quote: '"', Blanks: true}
	openCSV := Dialect{Delimiter: ',', Quote: '"', Escape: '\\', Escaping: EscapeQuote}
	hive := Dialect{Delimiter: ',', Escape: '\\', Escaping: EscapeHive}
	both := Dialect{Delimiter: ',', Quote: '"', Escape: '\\', Escaping: EscapeHive}
	for _, tt := range []struct {
		d        Dialect
		in, want string
	}{
		{blanks, "1, \"x,y\" ,2\n3,\"zz\" ,4\n5, \"q\",6\n", "1|1|\"x,y\"|2\n2|3|\"zz\"|4\n3|5|\"q\"|6\n"},
		{blanks, " a , b\t,\"c\"  \r\n\"d\"  ", "1| a | b\t|\"c\"\n2|\"d\"\n"},
		{blanks, "1,  \n", "1|1|  \n"},
		{blanks, "\"a\" b,1\n", "error: line 1, field 1: 'b' follows the closing quote\n"},
		{Dialect{Delimiter: '\t', Quote: '"', Blanks: true}, "a\t \"b\"\t\t\n", "1|a|\"b\"||\n"},
		{openCSV, "2,\"c\\\\d\"\n3,\"a\\\"b\"\n4,c:\\temp\n5,\"c:\\temp\"\n", "1|2|\"c\\\\d\"\n2|3|\"a\\\"b\"\n3|4|c:temp\n4|5|\"c:temp\"\n"},
		{openCSV, "\"a\"\"b\",\"x\ny\"\n\"\\",
			"1|\"a\\\"b\"|\"x\\ny\"\nerror: line 3, field 1: the quote that opens this field is never closed\n"},
		{hive, "1,a\\,b\n2,x\\ny\\r\n3,c\\\n4,d\\", "1|1|a,b\n2|2|x\ny\r\n3|3|c\\\n4|4|d\\\n"},
		{hive, "1,a\\\\\r\n2,b\\\r\n", "1|1|a\\\n2|2|b\\\n"},
		{both, "1,\"a\\\"b,\",\\N\n", "1|1|\"a\\\"b,\"|N\n"},
	} {
		if got := dump(strings.NewReader(tt.in), tt.d); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
		if got := dump(iotest.OneByteReader(strings.NewReader(tt.in)), tt.d); got != tt.want {
			t.Errorf("%q by bytes: got %q, want %q", tt.in, got, tt.want)
		}
	}
	r, _ := NewReader(strings.NewReader("\\N,a\\,b,c,\"d\"\"e\"\n"), both)
	rec, err := r.Next()
	if err != nil || string(rec.Raw(0)) != `\N` || string(rec.Raw(1)) != `a\,b` || string(rec.Raw(2)) != "c" || string(rec.Raw(3)) != `d""e` {
		t.Errorf("raw fields: %v, %v", rec, err)
	}
}

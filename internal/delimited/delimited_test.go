package delimited

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"penstock/internal/compression"
	"penstock/internal/testcorpus"
)

// dump prints every record as line|field|field, quoted fields in quotes, and the final error.
func dump(src io.Reader, d Dialect) string {
	var out strings.Builder
	r, err := NewReader(src, d)
	if err != nil {
		return err.Error()
	}
	for {
		rec, err := r.Next()
		if err != nil {
			if err != io.EOF {
				fmt.Fprintf(&out, "error: %v\n", err)
			}
			return out.String()
		}
		fmt.Fprint(&out, rec.Line)
		for i, f := range rec.Fields {
			if rec.Quoted[i] {
				fmt.Fprintf(&out, "|%q", f)
			} else {
				fmt.Fprintf(&out, "|%s", f)
			}
		}
		out.WriteByte('\n')
	}
}

func TestRecords(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "a,b\n1,2\n", "1|a|b\n2|1|2\n"},
		{"no last newline", "a,b\n1,2", "1|a|b\n2|1|2\n"},
		{"crlf", "a,b\r\n\"1\",2\r\n", "1|a|b\n2|\"1\"|2\n"},
		{"mark", "\xef\xbb\xbfa\n", "1|a\n"},
		{"empty fields", ",\n,,\n", "1||\n2|||\n"},
		{"empty and quoted empty", "\"\",\n", "1|\"\"|\n"},
		{"line break in quotes", "a,\"x\ny\"\nb,c\n", "1|a|\"x\\ny\"\n3|b|c\n"},
		{"doubled quotes", "\"a \"\"b\"\"\",\"\"\"\"\n", "1|\"a \\\"b\\\"\"|\"\\\"\"\n"},
		{"quote inside plain", "a\"b,c\n", "1|a\"b|c\n"},
		{"blank line", "a\n\nb\n", "1|a\n2|\n3|b\n"},
		{"quoted at end", "a,\"b\"", "1|a|\"b\"\n"},
		{"text after quote", "a,b\n1,\"2\"x\n", "1|a|b\nerror: line 2, field 2: 'x' follows the closing quote\n"},
		{"unclosed", "a\n\"b\nc\n", "1|a\nerror: line 2, field 1: the quote that opens this field is never closed\n"},
		{"cr inside", "a\rb,c\n", "1|a\rb|c\n"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := dump(strings.NewReader(tt.in), CSV); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
			if got := dump(iotest.OneByteReader(strings.NewReader(tt.in)), CSV); got != tt.want {
				t.Errorf("a byte at a time: got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestEscapes(t *testing.T) {
	d := Dialect{Delimiter: '|', Escape: '\\'}
	in := "a\\|b|c\\\\\nx\\\ny|z\n"
	want := "1|a|b|c\\\n2|x\ny|z\n"
	if got := dump(strings.NewReader(in), d); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := dump(strings.NewReader("a\\"), d); !strings.Contains(got, "ends after an escape") {
		t.Errorf("got %q", got)
	}
}

func TestRecordTooLong(t *testing.T) {
	in := "a,b\n\"" + strings.Repeat("x\n", MaxRecord) + "\"\n"
	got := dump(strings.NewReader(in), CSV)
	if !strings.Contains(got, "error: line 2, field 1: the record is longer than") {
		t.Errorf("got %.200q", got)
	}
}

// TestRealFiles reads the online shop's files and compares every field with the standard library's reader.
func TestRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testcorpus.Dir(t), "data/online-retail/*/*/*/*.gz"))
	if err != nil || len(files) != 305 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	rows := 0
	for _, name := range files {
		rows += compareFile(t, name)
	}
	if rows != 541909+305 {
		t.Errorf("%d records, want 541909 and 305 headers", rows)
	}
}

func compareFile(t *testing.T, name string) (rows int) {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	src, _, err := compression.Open(bytes.NewReader(b), name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(src)
	if err != nil {
		t.Fatal(err)
	}
	want := csv.NewReader(bytes.NewReader(text))
	got, err := NewReader(bytes.NewReader(text), CSV)
	if err != nil {
		t.Fatal(err)
	}
	for {
		w, werr := want.Read()
		g, gerr := got.Next()
		if werr == io.EOF && gerr == io.EOF {
			return rows
		}
		if werr != nil || gerr != nil {
			t.Fatalf("%s: %v, %v", name, werr, gerr)
		}
		line, _ := want.FieldPos(0)
		if !slices.EqualFunc(w, g.Fields, func(a string, b []byte) bool { return a == string(b) }) || int64(line) != g.Line {
			t.Fatalf("%s:%d: %q, want %q", name, line, g.Fields, w)
		}
		rows++
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\"\"b\",c\r\n", "\"", "\xef\xbb\xbf\"x\ny\",\n", "a\\,b\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, d := range []Dialect{CSV, {Delimiter: '|', Escape: '\\'}, {Delimiter: ',', Quote: '"', Blanks: true},
			{Delimiter: ',', Quote: '"', Escape: '\\', Escaping: EscapeQuote}, {Delimiter: ',', Quote: '"', Escape: '\\', Escaping: EscapeHive}} {
			whole := dump(bytes.NewReader(in), d)
			if byBytes := dump(iotest.OneByteReader(bytes.NewReader(in)), d); whole != byBytes {
				t.Errorf("%q depends on how it is read: %q, %q", in, whole, byBytes)
			}
		}
	})
}

// TestSpecial holds the search by eights against one by bytes.
func TestSpecial(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		d := Dialect{Delimiter: []byte(",|\x01\xff\x80\t")[r.IntN(6)], Escape: []byte{0, '\\', 0xfe}[r.IntN(3)]}
		s, b := stopsOf(d), make([]byte, r.IntN(40))
		for i := range b {
			b[i] = []byte{d.Delimiter, '\n', d.Escape, d.Delimiter ^ 1, d.Delimiter ^ 0x80, '\v', 0, 'a', byte(r.Uint32())}[r.IntN(9)]
			if r.IntN(4) > 0 {
				b[i] = 'x'
			}
		}
		from := r.IntN(len(b) + 1)
		want := from
		for want < len(b) && b[want] != d.Delimiter && b[want] != '\n' && (d.Escape == 0 || b[want] != d.Escape) {
			want++
		}
		if got := special(b, from, &s); got != want {
			t.Fatalf("%q from %d with %q and %q: %d, not %d", b, from, d.Delimiter, d.Escape, got, want)
		}
	}
}

func TestReadErrorKeepsCause(t *testing.T) {
	cause := errors.New("disk gone")
	r, err := NewReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(cause)), CSV)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err = r.Next(); err != nil {
			break
		}
	}
	var read *ReadError
	if !errors.As(err, &read) || !errors.Is(err, cause) {
		t.Fatalf("got %v", err)
	}
	if _, again := r.Next(); again == nil || again.Error() != err.Error() {
		t.Errorf("a second call gave %v", again)
	}
}

func BenchmarkReader(b *testing.B) {
	text := []byte(strings.Repeat("536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n",
		10000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(text), CSV)
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}

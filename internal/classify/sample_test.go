package classify

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strconv"
	"strings"
	"testing"
)

func sampleOf(t testing.TB, data []byte) (*Sample, error) {
	t.Helper()
	var r Reader
	return r.Read(&File{URL: "s3://b/f", Size: int64(len(data)), Src: bytes.NewReader(data)})
}

func zip(t testing.TB, text string) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err := w.Write([]byte(text))
	must(t, err)
	must(t, w.Close())
	return z.Bytes()
}

// TestSampleIsBounded: a large file is read as far as the sample goes; its size is estimated from that.
func TestSampleIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,name\n")
	for i := range 50_000 {
		b.WriteString(strconv.Itoa(1e8+i*7919%1e7) + ",some text " + strconv.Itoa(i*i%9973) + "\n")
	}
	for _, data := range [][]byte{[]byte(b.String()), zip(t, b.String())} {
		s, err := sampleOf(t, append(data, "\nthe rest is no CSV and no gzip"...))
		must(t, err)
		if s.Note != "" || len(s.Names) != 2 || s.Records < 35_000 || s.Records > 65_000 {
			t.Errorf("%d bytes: %q, %v, %v records", len(data), s.Note, s.Names, s.Records)
		}
	}
	s, err := sampleOf(t, []byte("a,b\n1,"+strings.Repeat("x", 3<<20)))
	must(t, err)
	if s.Known() {
		t.Errorf("a record of 3 MB: %v", s.Names)
	}
}

// TestLongJSON: a record is read to its end, and where there is none the reading goes on for 10 MB and no further.
func TestLongJSON(t *testing.T) {
	array := "[" + strings.Repeat("{\"a\":1},\n", 300_000) + "{}]"
	bad := strings.Repeat("{\"a\":no}\n", 150_000)
	for _, c := range []struct {
		text, names string
		records     float64
	}{
		{array, "array", 1}, {strings.ReplaceAll(array[:len(array)-1], "\n", ""), "", 0}, {strings.Repeat("{\"a\":1}\n", 300_000), "a", 300_000},
		{bad + strings.Repeat("{\"a\":1}\n", 50_000), "a", 50_000}, {strings.Repeat(bad, 8) + "{\"a\":1}", "", 0},
	} {
		for _, data := range [][]byte{[]byte(c.text), zip(t, c.text)} {
			if len(c.text) > maxJSON && len(data) < len(c.text) {
				continue
			}
			s, err := sampleOf(t, data)
			must(t, err)
			if strings.Join(s.Names, " ") != c.names || s.Known() != (c.names != "") || c.records == 1 && s.Records != 1 {
				t.Errorf("%.20q of %d bytes: %q, %v records, note %q", c.text, len(data), s.Names, s.Records, s.Note)
			}
			if len(data) == len(c.text) && c.records == 300_000 && (s.Records < 299_000 || s.Records > 301_000) {
				t.Errorf("%v records are estimated, not %v", s.Records, c.records)
			}
		}
	}
}

// TestBrokenGzip: what can be read counts, and the log says how far that was. Whoever reads the data refuses the file.
func TestBrokenGzip(t *testing.T) {
	var text strings.Builder
	text.WriteString("a,b\n")
	for i := range 500 {
		text.WriteString(strconv.Itoa(i*i) + ",x" + strconv.Itoa(i*7919) + "\n")
	}
	good := zip(t, text.String())
	cut, err := sampleOf(t, good[:len(good)/2])
	must(t, err)
	if !cut.Known() || !strings.Contains(cut.Note, "cannot be read beyond line ") {
		t.Errorf("%v, note %q", cut.Names, cut.Note)
	}
	stub, err := sampleOf(t, good[:5])
	must(t, err)
	if stub.Known() || !strings.Contains(stub.Note, "broken gzip") {
		t.Errorf("%v, note %q", stub.Names, stub.Note)
	}
}

func TestFormats(t *testing.T) {
	for text, want := range map[string]string{
		"PAR1\x15xxxxxxx": "cannot be read as parquet: the Parquet file is cut off", "ORC\x01": "cannot be read as orc: ",
		"Obj\x01avro":    "cannot be read as avro: ",
		"BZh91AY&SY\x00": "broken bzip2", "PK\x03\x04xxx": "broken zip", "\x28\xb5\x2f\xfdxxxx": "broken zstd",
		"\xfd7zXZ\x00\x01": "is XZ, which", zipped(t, "PAR1\x15xxxxxxx"): "is Parquet inside gzip, which", "{\"a\": nope}": "malformed",
		"{}": "no columns", "  ": "is empty", "\xef\xbb\xbf<?xml version='1.0'?>": "is XML without", zipped(t, "<a></a>"): "is XML without",
	} {
		s, err := sampleOf(t, []byte(text))
		if err != nil || s.Known() || !strings.Contains(s.Note, want) {
			t.Errorf("%q: %v, note %q, want %s", text, err, s.Note, want)
		}
	}
	for text, want := range map[string]string{
		"\xe0\x01\x00\xea\x21\x01": "Ion", "\x05\x00\x00\x00\x00": "BSON",
	} {
		var e *FormatError
		if _, err := sampleOf(t, []byte(text)); !errors.As(err, &e) || e.Format != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func zipped(t testing.TB, text string) string { return string(zip(t, text)) }

func FuzzSample(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a|b;c\n\"x|\ny\"|2\n", "\x1f\x8b\x08", "\"", "a,b\r\n,\r\n",
		"\xef\xbb\xbfa\tb\n1\t2", "a\x01b\n\n\n1\x012", `{"a":1}{"a":[{"b":null}]}`,
		"[1]", "Obj\x01\x02", "PAR1\x00\x00", "BZh9"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := sampleOf(t, data)
		if err != nil {
			var e *FormatError
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			return
		}
		if s.Known() && (len(s.Names) < 1 || s.Form.Class == CSV && len(s.Names) < 2 || len(s.Names) != len(s.Types) || s.Records < 0) {
			t.Fatalf("%q: %v %v %v", data, s.Names, s.Types, s.Records)
		}
		seen := map[string]bool{}
		for _, n := range s.Names {
			if seen[n] {
				t.Fatalf("%q: column %s twice", data, n)
			}
			seen[n] = true
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package crawl

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sampleOf(t testing.TB, data []byte) (*sample, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	must(t, os.WriteFile(path, data, 0o600))
	var r sampler
	return r.read(&file{url: "s3://b/f", size: int64(len(data)), path: path})
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
		b.WriteString(itoa(1e8+i*7919%1e7) + ",some text " + itoa(i*i%9973) + "\n")
	}
	for _, data := range [][]byte{[]byte(b.String()), zip(t, b.String())} {
		s, err := sampleOf(t, append(data, "\nthe rest is no CSV and no gzip"...))
		must(t, err)
		if s.note != "" || len(s.names) != 2 || s.records < 35_000 || s.records > 65_000 {
			t.Errorf("%d bytes: %q, %v, %v records", len(data), s.note, s.names, s.records)
		}
	}
	s, err := sampleOf(t, []byte("a,b\n1,"+strings.Repeat("x", 3<<20)))
	must(t, err)
	if s.known() {
		t.Errorf("a record of 3 MB: %v", s.names)
	}
}

// TestBrokenGzip: what can be read counts, and the log says how far that was. Whoever reads the data refuses the file.
func TestBrokenGzip(t *testing.T) {
	var text strings.Builder
	text.WriteString("a,b\n")
	for i := range 500 {
		text.WriteString(itoa(i*i) + ",x" + itoa(i*7919) + "\n")
	}
	good := zip(t, text.String())
	cut, err := sampleOf(t, good[:len(good)/2])
	must(t, err)
	if !cut.known() || !strings.Contains(cut.note, "cannot be read beyond line ") {
		t.Errorf("%v, note %q", cut.names, cut.note)
	}
	stub, err := sampleOf(t, good[:5])
	must(t, err)
	if stub.known() || !strings.Contains(stub.note, "broken gzip") {
		t.Errorf("%v, note %q", stub.names, stub.note)
	}
}

func TestFormats(t *testing.T) {
	for text, want := range map[string]string{
		"PAR1\x15xxxxxxx": "Parquet", "ORC\x01": "ORC", "Obj\x01avro": "Avro", "BZh91AY&SY\x00": "bzip2", "PK\x03\x04xxx": "a zip archive",
		"{\"a\":1}\n": "JSON", " \n[{\"a\":1}]": "JSON", "\xef\xbb\xbf<?xml version='1.0'?>": "XML", "\x28\xb5\x2f\xfdxxxx": "Zstandard",
	} {
		var e *errFormat
		if _, err := sampleOf(t, []byte(text)); !errors.As(err, &e) || e.format != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if strings.HasPrefix(text, "{") {
			if _, err := sampleOf(t, zip(t, text)); !errors.As(err, &e) {
				t.Errorf("%q gzipped: %v", text, err)
			}
		}
	}
}

func FuzzSample(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a|b;c\n\"x|\ny\"|2\n", "\x1f\x8b\x08", "\"", "a,b\r\n,\r\n",
		"\xef\xbb\xbfa\tb\n1\t2", "a\x01b\n\n\n1\x012"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := sampleOf(t, data)
		if err != nil {
			var e *errFormat
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			return
		}
		if s.known() && (len(s.names) < 2 || len(s.names) != len(s.types) || s.records < 0) {
			t.Fatalf("%q: %v %v %v", data, s.names, s.types, s.records)
		}
		seen := map[string]bool{}
		for _, n := range s.names {
			if seen[n] {
				t.Fatalf("%q: column %s twice", data, n)
			}
			seen[n] = true
		}
	})
}

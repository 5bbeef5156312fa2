package worker

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"penstock/internal/schema"
)

// hint puts in place of a fault in a file's first lines what the file looks like, and which option of a source reads it: that the first column
// was renamed would be a poor guess then.
func (f *fault) hint(s *source, path string) {
	if f.line > int64(s.Skip)+1 {
		return
	}
	if text := s.looks(beginning(path)); text != "" {
		f.what = text
	}
}

// beginning is the first bytes of a file, unpacked, as far as they can be read.
func beginning(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	const most = 4096
	head := make([]byte, most)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	if !bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		return head
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil
	}
	text := make([]byte, most)
	n, _ = io.ReadFull(z, text)
	return text[:n]
}

// looks says what a file looks like that is not what its table says, or "".
func (s *source) looks(head []byte) string {
	option := func(text string) string { return "; the source option that reads it is " + text }
	if s.table.Parameters["UPDATED_BY_CRAWLER"] != "" { // it takes no options
		option = func(string) string { return ", unlike the files that were crawled" }
	}
	encoded := s.table.SerDeParams["serialization.encoding"] != ""
	if name := sixteen(head); name != "" && !encoded {
		return "the file looks like UTF-16" + option("encoding: "+name)
	}
	if name := otherFormat(head); name != "" {
		return "the file looks like " + name + ", and a source is CSV (format: csv)"
	}
	if encoded && sixteen(head) != "" {
		return "" // its text would have to be decoded first
	}
	lines := strings.Split(strings.TrimPrefix(string(head), "\ufeff"), "\n")
	if len(lines) <= s.Skip {
		return ""
	}
	first := strings.TrimRight(lines[s.Skip], "\r")
	if d := s.otherDelimiter(first); d != "" {
		return "the fields look separated by " + d + option("delimiter: "+d)
	}
	if !encoded && !utf8.ValidString(first) && len(lines) > s.Skip+1 {
		return "the file is no UTF-8" + option("encoding: windows-1252, perhaps")
	}
	if s.Header && s.likeData(strings.Split(first, string(s.Dialect.Delimiter))) {
		return fmt.Sprintf("the header, which begins with %q, is missing: the line looks like data", s.columns[0].name) + option("header: false")
	}
	return ""
}

// sixteen names the encoding of a file that begins with a mark of UTF-16 or has a zero in nearly every second byte, as Latin text in it has; else "".
func sixteen(head []byte) string {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return "utf-16"
	}
	zeros := [2]int{}
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(head) * 2 / 5; {
	case len(head) < 8:
	case zeros[1] >= most && zeros[0] == 0:
		return "utf-16le"
	case zeros[0] >= most && zeros[1] == 0:
		return "utf-16be"
	}
	return ""
}

func otherFormat(head []byte) string {
	for _, m := range [...]struct{ magic, name string }{
		{"PAR1", "Parquet"}, {"ORC", "ORC"}, {"Obj\x01", "Avro"}, {"PK\x03\x04", "a zip archive or an Excel file"}, {"BZh", "bzip2"},
		{"\x28\xb5\x2f\xfd", "Zstandard"}, {"<?xml", "XML"}, {"<!DOCTYPE", "a web page"}, {"<html", "a web page"},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.name
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")) {
		return "JSON"
	}
	return ""
}

// otherDelimiter is the delimiter, as a spec writes it, that cuts a line into as many fields as there are columns, when the table's does not.
func (s *source) otherDelimiter(line string) string {
	if s.data < 2 || strings.Count(line, string(s.Dialect.Delimiter)) == s.data-1 {
		return ""
	}
	for _, d := range []string{",", ";", "\t", "|"} {
		if d[0] != s.Dialect.Delimiter && strings.Count(line, d) == s.data-1 {
			if d == "\t" {
				return `\t`
			}
			return fmt.Sprintf("%q", d)
		}
	}
	return ""
}

// likeData reports whether a line has a value for every column, none of which is a column's name, and a number where a number belongs.
func (s *source) likeData(fields []string) bool {
	if len(fields) != s.data {
		return false
	}
	names, number := map[string]bool{}, false
	for _, c := range s.columns[:s.data] {
		names[canonicalName(c.name)] = true
	}
	for i, f := range fields {
		f = strings.Trim(f, `"' `)
		if names[canonicalName(f)] {
			return false
		}
		if k := schema.InferCell(f); k != schema.String && k != schema.Unknown {
			number = true
		} else if !s.columns[i].typ.Kind.Text() && f != "" {
			return false
		}
	}
	return number
}

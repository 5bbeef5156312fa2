package worker

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/serde"
	"penstock/internal/schema"
)

// hint puts in place of a fault in a file's first lines what the file looks like, and which option of a source reads it: that the
// first column was renamed would be a poor guess then.
func (f *fault) hint(s *source, file task.File) {
	if f.line > int64(s.Skip)+1 {
		return
	}
	if text := s.looks(serde.Beginning(file.Path, file.Key)); text != "" {
		f.what = text
	}
}

// looks says what a file looks like that is not what its table says, or "".
func (s *source) looks(head []byte) string {
	option := func(text string) string { return "; the source option that reads it is " + text }
	if s.table.Parameters["UPDATED_BY_CRAWLER"] != "" { // it takes no options
		option = func(string) string { return ", unlike the files that were crawled" }
	}
	encoded := s.table.SerDeParams["serialization.encoding"] != ""
	if name := serde.Sixteen(head); name != "" && !encoded {
		return "the file looks like UTF-16" + option("encoding: "+name)
	}
	if name := serde.OtherFormat(head); name != "" {
		return "the file looks like " + name + ", and a source is CSV (format: csv)"
	}
	if encoded && serde.Sixteen(head) != "" {
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

// otherDelimiter is the delimiter, as a spec writes it, that cuts a line into as many fields as
// there are columns, when the table's does not.
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

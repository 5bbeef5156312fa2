package reading

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"penstock/internal/schema"
	"penstock/internal/serde"
)

// hint puts in place of a fault in a file's first lines what the file looks like, and which option of a source reads it: that the
// first column was renamed would be a poor guess then.
func (s *Source) hint(f *serde.FileError, p Part) {
	if p.Form.Kind != serde.Delimited || f.Line > int64(p.Form.Text.Skip)+1 {
		return
	}
	if text := s.looks(p.Form, beginning(p.File.Path, p.File.Key)); text != "" {
		f.Problem = text
	}
}

// looks says what a file looks like that is not what its table says, or "".
func (s *Source) looks(form *serde.Form, head []byte) string {
	option := func(text string) string { return "; the source option that reads it is " + text }
	if s.Table.Parameters["UPDATED_BY_CRAWLER"] != "" { // it takes no options
		option = func(string) string { return ", unlike the files that were crawled" }
	}
	encoded := s.Table.SerDeParams["serialization.encoding"] != ""
	if name := sixteen(head); name != "" && !encoded {
		return "the file looks like UTF-16" + option("encoding: "+name)
	}
	if name := otherFormat(head); name != "" {
		return "the file looks like " + name + ", and the table's files are CSV"
	}
	if encoded && sixteen(head) != "" {
		return "" // its text would have to be decoded first
	}
	lines := strings.Split(strings.TrimPrefix(string(head), "\ufeff"), "\n")
	if len(lines) <= form.Text.Skip {
		return ""
	}
	first := strings.TrimRight(lines[form.Text.Skip], "\r")
	if d := s.otherDelimiter(form, first); d != "" {
		return "the fields look separated by " + d + option("delimiter: "+d)
	}
	if !encoded && !utf8.ValidString(first) && len(lines) > form.Text.Skip+1 {
		return "the file is no UTF-8" + option("encoding: windows-1252, perhaps")
	}
	if form.Text.Header && s.likeData(strings.Split(first, string(form.Text.Dialect.Delimiter))) {
		return fmt.Sprintf("the header, which begins with %q, is missing: the line looks like data", s.Columns[0].Name) + option("header: false")
	}
	return ""
}

// otherDelimiter is the delimiter, as a spec writes it, that cuts a line into as many fields as
// there are columns, when the table's does not.
func (s *Source) otherDelimiter(form *serde.Form, line string) string {
	if s.Data < 2 || strings.Count(line, string(form.Text.Dialect.Delimiter)) == s.Data-1 {
		return ""
	}
	for _, d := range []string{",", ";", "\t", "|"} {
		if d[0] != form.Text.Dialect.Delimiter && strings.Count(line, d) == s.Data-1 {
			if d == "\t" {
				return `\t`
			}
			return fmt.Sprintf("%q", d)
		}
	}
	return ""
}

// likeData reports whether a line has a value for every column, none of which is a column's name, and a number where a number belongs.
func (s *Source) likeData(fields []string) bool {
	if len(fields) != s.Data {
		return false
	}
	names, number := map[string]bool{}, false
	for _, c := range s.Columns[:s.Data] {
		names[serde.Canonical(c.Name)] = true
	}
	for i, f := range fields {
		f = strings.Trim(f, `"' `)
		if names[serde.Canonical(f)] {
			return false
		}
		if k := schema.InferCell(f); k != schema.String && k != schema.Unknown {
			number = true
		} else if !s.Columns[i].Type.Kind.Text() && f != "" {
			return false
		}
	}
	return number
}

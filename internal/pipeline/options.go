package pipeline

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"penstock/internal/pattern"
)

// Options say how the files of a source are read. The zero value is CSV as RFC 4180 has it, with a header line, in UTF-8; an empty field
// that is not quoted is NULL.
type Options struct {
	NoHeader    bool   // columns go by position
	Delimiter   string // "" is ","
	Quote       *string
	Escape      string
	Null        []string // nil: the default
	Encoding    string   // Java's name; "" is UTF-8
	Skip        int      // lines before the header or the data
	Quarantine  bool     // bad files are set aside and the others read
	MaxRejected string   // rows ("100") or a share ("1%") that stop a run; "" for no limit
}

// encodings are the names that a spec may use, and Java's, which the catalog has.
var encodings = [][2]string{
	{"utf-8", ""}, {"windows-1252", "windows-1252"}, {"iso-8859-1", "ISO-8859-1"},
	{"utf-16", "UTF-16"}, {"utf-16le", "UTF-16LE"}, {"utf-16be", "UTF-16BE"},
}

// optionFields read the options of a source; set notes the keys that a crawled source cannot have, since the crawler finds them out.
func (d *decoder) optionFields(s *Source, set func(n *yaml.Node, key string)) []field {
	o := &s.Options
	char := func(key string, into *string) field {
		return field{key, func(v *yaml.Node) {
			set(v, key)
			*into = d.char(v, key)
		}}
	}
	return []field{
		{"header", func(v *yaml.Node) {
			set(v, "header")
			d.header(v, s)
		}},
		char("delimiter", &o.Delimiter), char("escape", &o.Escape),
		{"quote", func(v *yaml.Node) {
			set(v, "quote")
			none := ""
			if o.Quote = &none; v.Value != "" || v.Kind != yaml.ScalarNode {
				none = d.char(v, "quote")
			}
		}},
		{"null", func(v *yaml.Node) {
			set(v, "null")
			o.Null = d.nulls(v)
		}},
		{"encoding", func(v *yaml.Node) {
			set(v, "encoding")
			o.Encoding = d.encoding(v)
		}},
		{"skip", func(v *yaml.Node) {
			set(v, "skip")
			n, err := strconv.Atoi(v.Value)
			if v.Kind != yaml.ScalarNode || err != nil || n < 0 || n > 1000 {
				d.problem(v, "skip is a number of lines, 0 to 1000, not %s", kind(v))
			}
			o.Skip = n
		}},
		{"multiline", func(v *yaml.Node) {
			if !d.boolean(v) {
				d.problem(v, "multiline: false is not supported yet; a quoted field may hold line breaks")
			}
		}},
		{"on_bad_file", func(v *yaml.Node) { o.Quarantine = d.oneOf(v, "stop", "quarantine") == "quarantine" }},
		{"max_rejected", func(v *yaml.Node) { o.MaxRejected = d.maxRejected(v) }},
	}
}

// nulls reads the spellings of NULL as they are written: NULL, ~ and 0 mean those letters.
func (d *decoder) nulls(n *yaml.Node) (all []string) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		if item = resolve(item); item.Kind != yaml.ScalarNode || item.Value == "" && item.Tag == "!!null" {
			d.problem(item, "null is a text that means NULL ('' for an empty field), or a list of such texts")
		}
		all = append(all, item.Value)
	}
	if len(all) == 0 {
		d.problem(n, "null: [] names no text; leave it out, or write null: ['']")
		all = []string{""}
	}
	return all
}

// header reads true, false or the names of the columns in the order in which the files have them.
func (d *decoder) header(n *yaml.Node, s *Source) {
	if n.Kind == yaml.ScalarNode {
		if s.Options.NoHeader = n.Value == "false"; n.Tag != "!!bool" {
			d.problem(n, "header is true, false or the list of the columns' names, not %q", n.Value)
		}
		return
	}
	s.Options.NoHeader = true
	d.list(n, "header", func(item *yaml.Node) { s.Header = append(s.Header, Column{Name: d.text(item), At: d.pos(item)}) })
}

// ordered puts the columns into the order that header gives.
func (d *decoder) ordered(s *Source) {
	if s.Header == nil {
		return
	}
	var words []string
	for _, c := range s.Columns {
		words = append(words, c.Name)
	}
	var columns []Column
	listed := map[string]bool{}
	for _, h := range s.Header {
		c, ok := s.column(h.Name)
		switch {
		case listed[h.Name]:
			d.problemAt(h.At, "header names %q twice", h.Name)
		case !ok:
			d.problemAt(h.At, "columns: has no %q%s", h.Name, suggest(h.Name, words))
		}
		listed[h.Name] = true
		if ok {
			columns = append(columns, c)
		}
	}
	for _, c := range s.Columns {
		if !listed[c.Name] {
			d.problemAt(c.At, "header: does not name the column %q; it names every column, in the order of the files", c.Name)
		}
	}
	s.Columns = columns
}

// char reads one character of ASCII; \t is a tab.
func (d *decoder) char(n *yaml.Node, key string) string {
	text := d.text(n)
	if text == `\t` || text == "tab" {
		return "\t"
	}
	if len(text) != 1 || text[0] >= 0x80 || text[0] == '\n' || text[0] == '\r' || text[0] == 0 {
		d.problem(n, "%s is one ASCII character, or \\t, not %q", key, text)
		return ""
	}
	return text
}

func (d *decoder) encoding(n *yaml.Node) string {
	text := strings.ToLower(d.text(n))
	var words []string
	for _, e := range encodings {
		if text == e[0] {
			return e[1]
		}
		words = append(words, e[0])
	}
	d.problem(n, "the encoding %q is not supported%s", n.Value, suggest(text, words))
	return ""
}

var limit = pattern.Lazy(`^([0-9]{1,18}|(100(\.0+)?|[0-9]{1,2}(\.[0-9]{1,6})?)%)$`)

// maxRejected reads a number of rows or a share.
func (d *decoder) maxRejected(n *yaml.Node) string {
	if text := d.text(n); !limit().MatchString(text) {
		d.problem(n, "max_rejected is a number of rows (100) or a share of them (1%%), not %q", text)
	}
	return n.Value
}

// options checks what the options of a source mean together.
func (d *decoder) options(s *Source, key *yaml.Node) {
	o := s.Options
	quote, delimiter := `"`, ","
	if o.Quote != nil {
		quote = *o.Quote
	}
	if o.Delimiter != "" {
		delimiter = o.Delimiter
	}
	switch {
	case delimiter == quote:
		d.problem(key, "the source %q has the same delimiter and quote, %q", s.Name, quote)
	case o.Escape != "" && o.Escape == delimiter:
		d.problem(key, "the source %q has the same delimiter and escape, %q", s.Name, delimiter)
	}
	d.ordered(s)
}

func (s *Source) column(name string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

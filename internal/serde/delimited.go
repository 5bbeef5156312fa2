package serde

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/delimited"
)

// A Text is how files of delimited text are read.
type Text struct {
	Dialect  delimited.Dialect
	Encoding delimited.Encoding
	Skip     int      // physical lines that are passed over before anything is read
	Header   bool     // the line after them names the columns
	Footer   int      // physical lines at the end that are no data
	Nulls    []string // unquoted text, before escapes, that stands for NULL
	Nested   []byte   // what parts the elements of nested values, by their depth; nil: the SerDe has no nested values
	Base64   bool     // bytes are in Base64 where they can be
}

// The properties that say nothing about how delimited text is read, or nothing that Penstock could do otherwise.
var inert = []string{"serialization.format", "serialization.lib", "path", "paths", "compressiontype",
	"hive.serialization.extend.nesting.levels", "hive.serialization.extend.additional.nesting.levels",
	"hive.serialization.decode.binary.as.base64", "hive.serialization.use.double.precision", "parquet.compress", "parquet.compression"}

// The properties that are read, of delimited text; to Parquet they say nothing.
var known = []string{"line.delim", "field.delim", "colelction.delim", "collection.delim", "mapkey.delim", "escape.delim", "separatorChar",
	"quoteChar", "escapeChar", "serialization.null.format", "serialization.encoding", "skip.header.line.count", "skip.footer.line.count",
	"penstock.null", "penstock.header"}

// checkSerDe refuses a property that asks for something that nobody here does.
func (f *form) checkSerDe(lib string) error {
	for _, k := range slices.Sorted(maps.Keys(f.Properties)) {
		v := f.Properties[k]
		switch {
		case slices.Contains(known, k), slices.Contains(inert, strings.ToLower(k)), v == "", strings.EqualFold(v, "false"):
		default:
			return f.refuse("the property %s = %q of %s is not supported by Penstock yet", k, v, lib)
		}
	}
	if f.Kind == Parquet {
		return nil
	}
	for _, k := range []string{"textinputformat.record.delimiter", "line.delim"} {
		if v := f.property(k); v != "" && v != "\n" && v != `\n` && v != "10" {
			return f.refuse("%s is %q; lines end with LF or CRLF, as in Hive", k, v)
		}
	}
	return nil
}

// glueCSV says that the table is one that Glue's jobs read with their own reader of CSV, whatever its SerDe: a crawler or a spec calls it
// csv. It has quoted fields, no escape character unless one is named, and empty text that is not quoted is NULL.
func (f *form) glueCSV() bool { return f.Parameters["classification"] == "csv" }

// delimited reads how the table is read out of the parameters of its SerDe and its own.
func (f *form) delimited(lib string) error {
	if err := f.checkSerDe(lib); err != nil {
		return err
	}
	if err := f.separators(lib); err != nil {
		return err
	}
	if err := f.nestedSeparators(lib); err != nil {
		return err
	}
	if err := f.around(); err != nil {
		return err
	}
	return f.nullTexts(lib)
}

// around finds out how the lines of a file of text are read, before anybody takes them apart.
func (f *form) around() error {
	if err := f.lines(); err != nil {
		return err
	}
	var err error
	if f.Text.Encoding, err = delimited.EncodingOf(f.property("serialization.encoding")); err != nil {
		return f.refuse("serialization.encoding: %v", err)
	}
	return nil
}

// nestedSeparators finds what parts nested values: Hive has a separator for each depth, of which two have names; the word of the first is
// misspelt in its older versions.
func (f *form) nestedSeparators(lib string) (err error) {
	if lib != "LazySimpleSerDe" {
		return nil
	}
	f.Text.Base64 = !f.glueCSV()
	f.Text.Nested = []byte{2, 3, 4, 5, 6, 7, 8}
	for i, keys := range [][]string{{"collection.delim", "colelction.delim"}, {"mapkey.delim"}} {
		for _, k := range keys {
			if f.Properties[k] != "" {
				if f.Text.Nested[i], err = f.character(k, true); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// separators finds the characters that part, quote and escape.
func (f *form) separators(lib string) (err error) {
	open := lib == "OpenCSVSerde"
	order := []string{"field.delim", "separatorChar", "serialization.format"}
	f.Text.Dialect = delimited.Dialect{Delimiter: 1}
	if open {
		order = []string{"separatorChar", "field.delim"}
		f.Text.Dialect = delimited.Dialect{Delimiter: ','}
	}
	for _, k := range order {
		if f.Properties[k] != "" {
			if f.Text.Dialect.Delimiter, err = f.character(k, !open); err != nil {
				return err
			}
			break
		}
	}
	if open || f.glueCSV() {
		f.Text.Dialect.Quote = '"'
	}
	if f.Properties["quoteChar"] != "" {
		if f.Text.Dialect.Quote, err = f.character("quoteChar", false); err != nil {
			return err
		}
	}
	if err := f.escapes(open); err != nil {
		return err
	}
	if err := f.Text.Dialect.Check(); err != nil {
		return f.refuse("%v", err)
	}
	return nil
}

// escapes finds the escape character. Hive's OpenCSVSerde takes an escape character that is its quote for the default, which is \;
// Glue's reader takes it for no more than that quotes are doubled.
func (f *form) escapes(open bool) (err error) {
	if !open && f.Properties["escapeChar"] != "" {
		return f.refuse("escapeChar = %q is a property of OpenCSVSerde; LazySimpleSerDe has escape.delim", f.Properties["escapeChar"])
	}
	if open && f.Properties["escape.delim"] != "" {
		return f.refuse("escape.delim = %q is a property of LazySimpleSerDe; OpenCSVSerde has escapeChar", f.Properties["escape.delim"])
	}
	d := &f.Text.Dialect
	switch {
	case !open && f.Properties["escape.delim"] != "":
		d.Escaping = delimited.EscapeHive
		d.Escape, err = f.character("escape.delim", true)
	case open && f.Properties["escapeChar"] != "":
		d.Escaping = delimited.EscapeQuote
		d.Escape, err = f.character("escapeChar", false)
	case open && !f.glueCSV():
		d.Escaping, d.Escape = delimited.EscapeQuote, '\\'
	}
	if d.Escape != 0 && d.Escape == d.Quote {
		if d.Escape = 0; !f.glueCSV() {
			d.Escape = '\\'
		}
	}
	return err
}

// character reads a property that is one character: as itself, as \t, or, where Hive reads numbers so, as its number in decimal.
func (f *form) character(key string, numbers bool) (byte, error) {
	v := f.Properties[key]
	if n, err := strconv.Atoi(v); err == nil && numbers && n >= 0 && n < 128 {
		return byte(n), nil
	}
	switch v {
	case `\t`:
		return '\t', nil
	case `\\`:
		return '\\', nil
	case `\u0001`, `\001`:
		return 1, nil
	case `\0`, `\u0000`:
		return 0, nil
	}
	if len(v) != 1 {
		return 0, f.refuse("%s is %q; a single character of ASCII is supported", key, v)
	}
	return v[0], nil
}

// maxSkip bounds skip.header.line.count and skip.footer.line.count, as Hive does the latter.
const maxSkip = 100

// lines finds what is no data at the beginning and end of a file.
func (f *form) lines() error {
	counts := map[string]int{"skip.header.line.count": 0, "skip.footer.line.count": 0}
	for k := range counts {
		v := f.property(k)
		n, err := strconv.Atoi(v)
		if v != "" && (err != nil || n < 0 || n > maxSkip) {
			return f.refuse("%s is %q; 0 to %d are supported", k, v, maxSkip)
		}
		counts[k] = n
	}
	f.Text.Skip, f.Text.Footer = counts["skip.header.line.count"], counts["skip.footer.line.count"]
	switch v := f.property("penstock.header"); v {
	case "":
		f.Text.Header = f.Text.Skip == 1 // of more lines nothing says that the last is a header
	case "true":
		if f.Text.Header = true; f.Text.Skip == 0 {
			return f.refuse("penstock.header is true and skip.header.line.count is 0: the header is one of the lines to skip")
		}
	case "false":
	default:
		return f.refuse("penstock.header is %q; true and false are supported", v)
	}
	if f.Text.Header {
		f.Text.Skip--
	}
	return nil
}

// nullTexts finds what stands for NULL. An empty field that is no text is NULL everywhere.
func (f *form) nullTexts(lib string) error {
	if v := f.property("penstock.null"); v != "" {
		if err := json.Unmarshal([]byte(v), &f.Text.Nulls); err != nil {
			return f.refuse("penstock.null is %q; it is a JSON list of texts", v)
		}
		return nil
	}
	if f.glueCSV() {
		f.Text.Nulls = append(f.Text.Nulls, "")
	}
	if v, ok := f.Properties["serialization.null.format"]; ok {
		f.Text.Nulls = append(f.Text.Nulls, v)
	} else if lib == "LazySimpleSerDe" {
		f.Text.Nulls = append(f.Text.Nulls, `\N`)
	}
	return nil
}

// records gives the records of an unpacked file.
func (t *Text) records(src io.Reader) (*delimited.Reader, error) {
	return delimited.NewReader(delimited.WithoutLast(t.Encoding.Reader(src), t.Footer), t.Dialect)
}

// null reports whether field k of a record is NULL; text says whether its column holds text, in which an empty field is a value.
func (t *Text) null(rec *delimited.Record, k int, text bool) bool {
	if len(rec.Fields[k]) == 0 && !text {
		return true
	}
	if rec.Quoted[k] {
		return false
	}
	raw := rec.Fields[k]
	if t.Dialect.Escape != 0 {
		raw = rec.Raw(k)
	}
	return t.isNull(raw)
}

// isNull reports whether a text that is neither quoted nor unescaped stands for NULL.
func (t *Text) isNull(raw []byte) bool {
	for _, n := range t.Nulls {
		if string(raw) == n {
			return true
		}
	}
	return false
}

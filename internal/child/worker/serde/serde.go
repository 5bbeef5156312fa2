// Package serde knows how the files of a table are read by what the catalog says: the SerDe's properties and the table's parameters give a
// Reading, a column's type gives a Fitter, which turns a field's text into a value. What nobody here does is refused by its name.
package serde

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/compression"
	"penstock/internal/delimited"
)

// A Reading is how the files of a table are read. All but Parquet is about delimited text.
type Reading struct {
	Parquet bool

	Dialect  delimited.Dialect
	Encoding delimited.Encoding
	Skip     int      // physical lines that are passed over before anything is read
	Header   bool     // the line after them names the columns and is compared with the catalog
	Footer   int      // physical lines at the end that are no data
	Nulls    []string // unquoted text, before escapes, that stands for NULL
}

// table is a Reading in the making.
type table struct {
	task.Table
	Reading
}

// Of returns the reading of a table.
func Of(t task.Table) (Reading, error) {
	s := &table{Table: t}
	lib := t.SerDe[strings.LastIndexByte(t.SerDe, '.')+1:]
	switch lib {
	case "ParquetHiveSerDe":
		s.Parquet = true
		return s.Reading, s.checkSerDe(lib)
	case "LazySimpleSerDe", "OpenCSVSerde":
		err := s.delimited(lib)
		return s.Reading, err
	case "":
		return s.Reading, fmt.Errorf("table %s.%s has no SerDe, so nothing says how its files are read", t.Database, t.Name)
	}
	return s.Reading, fmt.Errorf("table %s.%s is read by %s, which Penstock does not have yet (it has LazySimpleSerDe, "+
		"OpenCSVSerde and ParquetHiveSerDe)", t.Database, t.Name, t.SerDe)
}

// The properties that say nothing about delimited text, or nothing that Penstock could do otherwise: nested and binary columns, which
// they are about, are refused by their types.
var inert = []string{"serialization.format", "serialization.lib", "path", "paths", "compressiontype", "colelction.delim",
	"collection.delim", "mapkey.delim", "hive.serialization.extend.nesting.levels", "hive.serialization.extend.additional.nesting.levels",
	"hive.serialization.decode.binary.as.base64", "hive.serialization.use.double.precision", "parquet.compress", "parquet.compression"}

// The properties that are read, of delimited text; to Parquet they say nothing.
var known = []string{"line.delim", "field.delim", "escape.delim", "separatorChar", "quoteChar", "escapeChar", "serialization.null.format",
	"serialization.encoding", "skip.header.line.count", "skip.footer.line.count", "penstock.null", "penstock.header"}

// checkSerDe refuses a property that asks for something that nobody here does.
func (s *table) checkSerDe(lib string) error {
	for _, k := range slices.Sorted(maps.Keys(s.SerDeParams)) {
		v := s.SerDeParams[k]
		switch {
		case slices.Contains(known, k), slices.Contains(inert, strings.ToLower(k)), v == "", strings.EqualFold(v, "false"):
		default:
			return s.refuse("the property %s = %q of %s is not supported by Penstock yet", k, v, lib)
		}
	}
	if s.Parquet {
		return nil
	}
	for _, k := range []string{"textinputformat.record.delimiter", "line.delim"} {
		if v := s.property(k); v != "" && v != "\n" && v != `\n` && v != "10" {
			return s.refuse("%s is %q; lines end with LF or CRLF, as in Hive", k, v)
		}
	}
	return nil
}

func (s *table) refuse(format string, args ...any) error {
	return fmt.Errorf("table %s.%s: %s", s.Database, s.Name, fmt.Sprintf(format, args...))
}

// property looks for a property of the SerDe, then of the table.
func (s *table) property(key string) string {
	if v := s.SerDeParams[key]; v != "" {
		return v
	}
	return s.Parameters[key]
}

// glueCSV says that the table is one that Glue's jobs read with their own reader of CSV, whatever its SerDe: a crawler or a spec calls it
// csv. It has quoted fields, no escape character unless one is named, and empty text that is not quoted is NULL.
func (s *table) glueCSV() bool { return s.Parameters["classification"] == "csv" }

// delimited reads how the table is read out of the parameters of its SerDe and its own.
func (s *table) delimited(lib string) error {
	if err := s.checkSerDe(lib); err != nil {
		return err
	}
	if err := s.separators(lib); err != nil {
		return err
	}
	if err := s.lines(); err != nil {
		return err
	}
	var err error
	if s.Encoding, err = delimited.EncodingOf(s.property("serialization.encoding")); err != nil {
		return s.refuse("serialization.encoding: %v", err)
	}
	return s.nullTexts(lib)
}

// separators finds the characters that part, quote and escape.
func (s *table) separators(lib string) (err error) {
	open := lib == "OpenCSVSerde"
	order := []string{"field.delim", "separatorChar", "serialization.format"}
	s.Dialect = delimited.Dialect{Delimiter: 1}
	if open {
		order = []string{"separatorChar", "field.delim"}
		s.Dialect = delimited.Dialect{Delimiter: ','}
	}
	for _, k := range order {
		if s.SerDeParams[k] != "" {
			if s.Dialect.Delimiter, err = s.character(k, !open); err != nil {
				return err
			}
			break
		}
	}
	if open || s.glueCSV() {
		s.Dialect.Quote = '"'
	}
	if s.SerDeParams["quoteChar"] != "" {
		if s.Dialect.Quote, err = s.character("quoteChar", false); err != nil {
			return err
		}
	}
	if err := s.escapes(open); err != nil {
		return err
	}
	if err := s.Dialect.Check(); err != nil {
		return s.refuse("%v", err)
	}
	return nil
}

// escapes finds the escape character. Hive's OpenCSVSerde takes an escape character that is its quote for the default, which is \;
// Glue's reader takes it for no more than that quotes are doubled.
func (s *table) escapes(open bool) (err error) {
	if !open && s.SerDeParams["escapeChar"] != "" {
		return s.refuse("escapeChar = %q is a property of OpenCSVSerde; LazySimpleSerDe has escape.delim", s.SerDeParams["escapeChar"])
	}
	if open && s.SerDeParams["escape.delim"] != "" {
		return s.refuse("escape.delim = %q is a property of LazySimpleSerDe; OpenCSVSerde has escapeChar", s.SerDeParams["escape.delim"])
	}
	d := &s.Dialect
	switch {
	case !open && s.SerDeParams["escape.delim"] != "":
		d.Escaping = delimited.EscapeHive
		d.Escape, err = s.character("escape.delim", true)
	case open && s.SerDeParams["escapeChar"] != "":
		d.Escaping = delimited.EscapeQuote
		d.Escape, err = s.character("escapeChar", false)
	case open && !s.glueCSV():
		d.Escaping, d.Escape = delimited.EscapeQuote, '\\'
	}
	if d.Escape != 0 && d.Escape == d.Quote {
		if d.Escape = 0; !s.glueCSV() {
			d.Escape = '\\'
		}
	}
	return err
}

// character reads a property that is one character: as itself, as \t, or, where Hive reads numbers so, as its number in decimal.
func (s *table) character(key string, numbers bool) (byte, error) {
	v := s.SerDeParams[key]
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
		return 0, s.refuse("%s is %q; a single character of ASCII is supported", key, v)
	}
	return v[0], nil
}

// maxSkip bounds skip.header.line.count and skip.footer.line.count, as Hive does the latter.
const maxSkip = 100

// lines finds what is no data at the beginning and end of a file.
func (s *table) lines() error {
	counts := map[string]int{"skip.header.line.count": 0, "skip.footer.line.count": 0}
	for k := range counts {
		v := s.property(k)
		n, err := strconv.Atoi(v)
		if v != "" && (err != nil || n < 0 || n > maxSkip) {
			return s.refuse("%s is %q; 0 to %d are supported", k, v, maxSkip)
		}
		counts[k] = n
	}
	s.Skip, s.Footer = counts["skip.header.line.count"], counts["skip.footer.line.count"]
	switch v := s.property("penstock.header"); v {
	case "":
		s.Header = s.Skip == 1 // of more lines nothing says that the last is a header
	case "true":
		if s.Header = true; s.Skip == 0 {
			return s.refuse("penstock.header is true and skip.header.line.count is 0: the header is one of the lines to skip")
		}
	case "false":
	default:
		return s.refuse("penstock.header is %q; true and false are supported", v)
	}
	if s.Header {
		s.Skip--
	}
	return nil
}

// nullTexts finds what stands for NULL. An empty field that is no text is NULL everywhere.
func (s *table) nullTexts(lib string) error {
	if v := s.property("penstock.null"); v != "" {
		if err := json.Unmarshal([]byte(v), &s.Nulls); err != nil {
			return s.refuse("penstock.null is %q; it is a JSON list of texts", v)
		}
		return nil
	}
	if s.glueCSV() {
		s.Nulls = append(s.Nulls, "")
	}
	if v, ok := s.SerDeParams["serialization.null.format"]; ok {
		s.Nulls = append(s.Nulls, v)
	} else if lib == "LazySimpleSerDe" {
		s.Nulls = append(s.Nulls, `\N`)
	}
	return nil
}

// Reader undoes compression and encoding of a file, whose name tells a compression that has no bytes of its own.
func (r *Reading) Reader(f io.Reader, name string) (*delimited.Reader, error) {
	src, _, err := compression.Open(f, name)
	if err != nil {
		return nil, err
	}
	return delimited.NewReader(delimited.WithoutLast(r.Encoding.Reader(src), r.Footer), r.Dialect)
}

// Null reports whether field k of a record is NULL; text says whether its column holds text, in which an empty field is a value.
func (r *Reading) Null(rec *delimited.Record, k int, text bool) bool {
	if len(rec.Fields[k]) == 0 && !text {
		return true
	}
	if rec.Quoted[k] {
		return false
	}
	raw := rec.Fields[k]
	if r.Dialect.Escape != 0 {
		raw = rec.Raw(k)
	}
	for _, n := range r.Nulls {
		if string(raw) == n {
			return true
		}
	}
	return false
}

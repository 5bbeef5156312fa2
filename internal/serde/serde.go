// Package serde reads the files of catalog tables: the SerDe that a table or partition names, its properties and the table's parameters
// make a Form, which opens a file as a Reader of column batches by that SerDe's rules. What a property asks for and nobody here does is
// refused by its name. docs/formats/tables.md has the rules, with whose they are.
//
// The formats themselves are packages below format, and delimited; this one knows which of them a table means. It knows no catalog and no
// engine, opens no files and evaluates no SQL. Parquet has a Form and no Reader here: the engine reads it itself.
package serde

import (
	"fmt"
	"strings"

	"penstock/internal/format/avro"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/xmlrows"
	"penstock/internal/schema"
)

// A Kind is a format of files.
type Kind uint8

// The kinds.
const (
	Delimited Kind = iota // LazySimpleSerDe, OpenCSVSerde
	JSON
	ORC
	Avro
	Grok
	Regex
	XML
	Parquet // read by the engine
)

var kindNames = [...]string{"delimited text", "JSON", "ORC", "Avro", "text by a grok pattern", "text by a regular expression", "XML",
	"Parquet"}

// String is the kind in words.
func (k Kind) String() string { return kindNames[k] }

// Word is the kind as pipelines have it: csv, json, orc, avro, grok, regex, xml, parquet.
func (k Kind) Word() string {
	return [...]string{"csv", "json", "orc", "avro", "grok", "regex", "xml", "parquet"}[k]
}

// A Table is what the catalog says of a table, or of one of its partitions.
type Table struct {
	Name        string            // how messages call it: "table shop.orders"
	Library     string            // class name of the SerDe
	InputFormat string            // class name; "" is the SerDe's usual one
	Properties  map[string]string // the SerDe's
	Parameters  map[string]string // the table's
	Columns     []schema.Field    // of the data, in the catalog's order
	// Whole are the columns of the table that a partition belongs to; nil: the partition's own, or it is a table.
	Whole []schema.Field
}

// A Form is how the files of a table or partition are read.
type Form struct {
	Kind Kind
	Text Text // of Delimited

	name    string
	files   []schema.Field // as the files have them
	columns []schema.Field // as the table has them
	json    jsonrows.Options
	byName  bool // ORC
	avro    string
	grok    [2]string // expression and custom patterns
	regex   string
	rowTag  string
	xml     xmlrows.Options
}

// form is a Form in the making.
type form struct {
	Table
	Form
}

// Of returns the form of a table's files.
func Of(t Table) (*Form, error) {
	f := &form{Table: t}
	f.name, f.files, f.columns = t.Name, t.Columns, t.Whole
	if f.columns == nil {
		f.columns = t.Columns
	}
	if err := f.managed(); err != nil {
		return nil, err
	}
	if err := f.input(); err != nil {
		return nil, err
	}
	if err := f.library(); err != nil {
		return nil, err
	}
	return &f.Form, nil
}

// managed refuses tables whose files only the reader of their own format may choose.
func (f *form) managed() error {
	for _, key := range []string{"table_type", "spark.sql.sources.provider"} {
		switch v := strings.ToUpper(f.Parameters[key]); v {
		case "ICEBERG", "DELTA", "HUDI":
			return f.refuse("its parameter %s is %s: Spark jobs read such tables, Penstock does not support them elsewhere yet", key, v)
		}
	}
	return nil
}

// inputs are the input formats whose files are the table's rows and nothing else.
var inputs = []string{"", "TextInputFormat", "MapredParquetInputFormat", "OrcInputFormat", "OrcNewInputFormat", "AvroContainerInputFormat",
	"XmlInputFormat"}

func (f *form) input() error {
	short := afterDot(f.InputFormat)
	for _, known := range inputs {
		if short == known {
			return nil
		}
	}
	return f.refuse("its input format %s is not supported by Penstock yet", f.InputFormat)
}

func afterDot(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// library chooses by the SerDe's class, whatever package Hive had it in.
func (f *form) library() error {
	lib := afterDot(f.Library)
	if o, ok, err := jsonrows.Of(f.Library, f.Properties); ok {
		f.Kind, f.json = JSON, o
		f.json.Path = f.Parameters["jsonPath"] // of a classifier: Glue's jobs read its rows, which are no lines
		if err != nil {
			return f.wrap(err)
		}
		return f.records()
	}
	switch lib {
	case "ParquetHiveSerDe":
		f.Kind = Parquet
		return f.checkSerDe(lib)
	case "LazySimpleSerDe", "OpenCSVSerde":
		return f.delimited(lib)
	case "OrcSerde":
		f.Kind = ORC
		return f.orc()
	case "AvroSerDe":
		f.Kind = Avro
		return f.avroSchema()
	case "GrokSerDe":
		f.Kind = Grok
		return f.grokPatterns()
	case "RegexSerDe":
		f.Kind = Regex
		return f.regular()
	}
	if strings.EqualFold(f.Parameters["classification"], "xml") || f.property("rowTag") != "" {
		f.Kind = XML
		return f.xmlTag()
	}
	if lib == "" {
		return fmt.Errorf("%s has no SerDe, so nothing says how its files are read", f.Name)
	}
	return fmt.Errorf("%s is read by %s, which Penstock does not have (it has LazySimpleSerDe, OpenCSVSerde, the JsonSerDe of OpenX and of "+
		"Hive, ParquetHiveSerDe, OrcSerde, AvroSerDe, GrokSerDe and RegexSerDe, and XML by its rowTag)", f.Name, f.Library)
}

// records settles where the records of JSON stand: each on a line, as the SerDes have it, or, in a table that Glue calls json,
// wherever Glue's own reader finds them: over several lines, in arrays, where a classifier's path leads.
func (f *form) records() error {
	if err := f.around(); err != nil {
		return err
	}
	f.headless()
	f.json.Path = f.property("jsonPath")
	f.json.Anywhere = f.json.SerDe == jsonrows.OpenX && f.Parameters["classification"] == "json"
	f.json.ArrayColumn = f.json.Anywhere && f.json.Path == "" && len(f.columns) == 1 && strings.EqualFold(f.columns[0].Name, "array") &&
		f.columns[0].Type.Kind == schema.Array
	_, err := jsonrows.NewReader(strings.NewReader(""), nil, f.json)
	return f.wrap(err)
}

func (f *form) refuse(format string, args ...any) error {
	return fmt.Errorf("%s: %s", f.Name, fmt.Sprintf(format, args...))
}

func (f *form) wrap(err error) error {
	if err == nil {
		return nil
	}
	return f.refuse("%v", err)
}

// property looks for a property of the SerDe, then of the table.
func (f *form) property(key string) string {
	if v := f.Properties[key]; v != "" {
		return v
	}
	return f.Parameters[key]
}

// orc settles how columns are found: by position, as Athena and Hive do, unless the SerDe says otherwise; Redshift has a word of its own.
func (f *form) orc() error {
	switch v := strings.ToLower(f.property("orc.column.index.access")); v {
	case "", "true":
	case "false":
		f.byName = true
	default:
		return f.refuse("orc.column.index.access is %q; true and false are supported", v)
	}
	switch v := strings.ToLower(f.property("orc.schema.resolution")); v {
	case "", "position":
	case "name":
		f.byName = true
	default:
		return f.refuse("orc.schema.resolution is %q; name and position are supported", v)
	}
	return nil
}

func (f *form) avroSchema() error {
	if url := f.property("avro.schema.url"); url != "" {
		return f.refuse("avro.schema.url = %q is not supported by Penstock; avro.schema.literal holds the schema itself", url)
	}
	if f.avro = f.property("avro.schema.literal"); f.avro == "" {
		return nil
	}
	if _, err := avro.Columns(f.avro); err != nil {
		return f.refuse("avro.schema.literal: %v", err)
	}
	return nil
}

func (f *form) xmlTag() error {
	if f.rowTag = f.property("rowTag"); f.rowTag == "" {
		f.rowTag = f.property("rowtag")
	}
	if f.rowTag == "" {
		return f.refuse("it is XML and has no property rowTag, so nothing says which elements are rows")
	}
	return f.wrap(xmlrows.CheckRowTag(f.rowTag))
}

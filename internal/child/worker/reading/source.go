// Package reading puts the rows of catalog tables into an engine: a Source is a table, checked; its parts are the files with the values of
// their partitions; Load reads them by their SerDe (package serde) into a table of the engine, and Relation is the query that gives the
// catalog's columns. Parquet the engine reads itself. What is wrong with rows and files is counted and located.
//
// It does not find files, judges nothing and knows no steps: that is the worker's.
package reading

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/column"
	"penstock/internal/s3uri"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// A Source is a table's description, checked and in the worker's terms.
type Source struct {
	Table   task.Table
	Columns []schema.Field // the catalog's columns, then the partition keys
	Data    int            // how many of them are data, not partition keys
	Form    *serde.Form    // of the table; a partition may have its own
	Whole   bool           // values that nobody asks for are read too, and checked: of delimited text they always are

	Limit      *Limit // nil: none
	Lenient    bool   // a record that cannot be taken apart is rejected; otherwise its file is bad
	Quarantine bool   // a bad file is set aside; otherwise it ends the step
	Evolve     bool   // files may have fewer columns than the table, in another order; otherwise their headers are the table's

	unused map[int]bool  // data columns that no SQL names
	forms  []*serde.Form // of the partitions, by task.Partition.Form; the first is the table's
}

// NewSource checks a table.
func NewSource(t task.Table) (*Source, error) {
	s := &Source{Table: t, Data: len(t.Columns)}
	var err error
	if s.Columns, err = fields(s.title(), append(slices.Clone(t.Columns), t.PartitionKeys...)); err != nil {
		return nil, err
	}
	s.Form, err = serde.Of(serde.Table{Name: s.title(), Library: t.SerDe, InputFormat: t.InputFormat, Properties: t.SerDeParams,
		Parameters: t.Parameters, Columns: s.Columns[:s.Data:s.Data]})
	if err != nil {
		return nil, err
	}
	s.forms = make([]*serde.Form, len(t.Forms)+1)
	s.forms[0] = s.Form
	return s, nil
}

func (s *Source) title() string { return fmt.Sprintf("table %s.%s", s.Table.Database, s.Table.Name) }

// fields parses the types of columns.
func fields(title string, columns []task.Column) ([]schema.Field, error) {
	var list []schema.Field
	for _, c := range columns {
		typ, err := schema.Parse(c.Type)
		if err != nil {
			return nil, fmt.Errorf("%s, column %s: %w", title, c.Name, err)
		}
		list = append(list, schema.Field{Name: strings.ToLower(c.Name), Type: typ})
	}
	return list, nil
}

// form is how the files of a partition are read, when they are read at all: a partition that nobody reads may be of any form.
func (s *Source) form(p task.Partition) (*serde.Form, error) {
	if p.Form < 0 || p.Form >= len(s.forms) {
		return nil, fmt.Errorf("%s: the partition %v has the form %d of %d", s.title(), p.Values, p.Form, len(s.forms))
	}
	if s.forms[p.Form] != nil {
		return s.forms[p.Form], nil
	}
	own := s.Table.Forms[p.Form-1]
	title := fmt.Sprintf("%s, partition %s", s.title(), strings.Join(p.Values, "/"))
	t := serde.Table{Name: title, Library: own.SerDe, InputFormat: own.InputFormat, Properties: own.SerDeParams,
		Parameters: s.Table.Parameters, Columns: s.Columns[:s.Data:s.Data], Whole: s.Columns[:s.Data:s.Data]}
	if own.SerDe == "" {
		t.Library, t.InputFormat, t.Properties = s.Table.SerDe, s.Table.InputFormat, s.Table.SerDeParams
	}
	var err error
	if len(own.Columns) > 0 {
		if t.Columns, err = fields(title, own.Columns); err != nil {
			return nil, err
		}
	}
	s.forms[p.Form], err = serde.Of(t)
	return s.forms[p.Form], err
}

// A Part is a file of a source with the values of its partition keys.
type Part struct {
	File   task.File
	Values []string
	Form   *serde.Form
}

// URI is the object's address, as messages show it.
func (p Part) URI() string { return "s3://" + p.File.Bucket + "/" + p.File.Key }

// Word is what the positions of the part's rows are: "line" or "row".
func (p Part) Word() string {
	if p.Form.Lines() {
		return "line"
	}
	return "row"
}

func (p Part) parquet() bool { return p.Form.Kind == serde.Parquet }

// NullPartition is Hive's name for the partition of NULL.
const NullPartition = "__HIVE_DEFAULT_PARTITION__"

// Parts pairs files with the values of their partitions. In a partitioned table only files below a registered partition count, and those
// that listed names, which may be nil: what a run works on counts though a crawl that began before it landed has not registered it yet.
// The folders of such a file are read as values.
func (s *Source) Parts(files []task.File, listed func(task.File) bool) ([]Part, error) {
	if len(s.Table.PartitionKeys) == 0 {
		list := make([]Part, len(files))
		for i, f := range files {
			list[i] = Part{File: f, Form: s.Form}
		}
		return list, nil
	}
	byFolder := map[string]int{}
	for i, p := range s.Table.Partitions {
		byFolder[strings.TrimSuffix(p.Location, "/")] = i
	}
	var list []Part
	for _, f := range files {
		uri := "s3://" + f.Bucket + "/" + f.Key
		part := Part{File: f, Form: s.Form}
		var err error
		if i := partitionOf(byFolder, uri); i >= 0 {
			part.Values = s.Table.Partitions[i].Values
			part.Form, err = s.form(s.Table.Partitions[i])
		} else if listed != nil && listed(f) {
			if part.Values, err = s.folders(uri); err != nil {
				err = fmt.Errorf("%w\n%s", err, s.Without(f.Key))
			}
		}
		if err != nil {
			return nil, err
		}
		if part.Values != nil {
			list = append(list, part)
		}
	}
	return list, s.checkKeys(list)
}

// checkKeys holds the values of partition keys against the keys' types: they come from the names of folders.
func (s *Source) checkKeys(list []Part) error {
	for k, key := range s.Columns[s.Data:] {
		if key.Type.Kind.Text() {
			continue
		}
		fit, err := serde.FitterOf(key.Type)
		if err != nil {
			return fmt.Errorf("%s, partition key %s: %w", s.title(), key.Name, err)
		}
		value := column.New(key.Type)
		known := map[string]bool{NullPartition: true}
		for _, p := range list {
			v := p.Values[k]
			value.Truncate(0)
			if !known[v] && !fit(value, []byte(v)) {
				return fmt.Errorf("%s: the value %q of its partition's key %q is no %s", p.URI(), serde.Clip(v), key.Name, key.Type)
			}
			known[v] = true
		}
	}
	return nil
}

// partitionOf finds the partition whose folder holds the object, however deep, or -1.
func partitionOf(byFolder map[string]int, uri string) int {
	for i := strings.LastIndexByte(uri, '/'); i > len("s3://"); i = strings.LastIndexByte(uri[:i], '/') {
		if at, ok := byFolder[uri[:i]]; ok {
			return at
		}
	}
	return -1
}

// folders reads the values of a partition that is not registered from the folders below the table: key=value, or the bare value.
func (s *Source) folders(uri string) ([]string, error) {
	rest, ok := strings.CutPrefix(uri, strings.TrimSuffix(s.Table.Location, "/")+"/")
	names := strings.Split(rest, "/")
	keys := s.Table.PartitionKeys
	if !ok || len(names)-1 < len(keys) {
		return nil, fmt.Errorf("%s lies in no partition of %s, whose keys are %d folders deep below %s", uri, s.title(), len(keys),
			s.Table.Location)
	}
	values := make([]string, len(keys))
	for i, k := range keys {
		values[i] = strings.TrimPrefix(names[i], k.Name+"=")
	}
	return values, nil
}

// Visible leaves out what is no data of files below a location: hidden files, and objects without bytes, which have no rows in any format.
func (s *Source) Visible(files []task.File, location string) []task.File {
	_, prefix, _ := s3uri.Parse(strings.TrimSuffix(location, "/") + "/")
	return slices.DeleteFunc(files, func(f task.File) bool {
		return f.Size == 0 || schema.Hidden(strings.TrimPrefix(f.Key, prefix))
	})
}

// Elsewhere are the places of partitions that do not lie below their table, each with a slash at its end.
func (s *Source) Elsewhere() (list []string) {
	seen := map[string]bool{}
	for _, p := range s.Table.Partitions {
		at := strings.TrimSuffix(p.Location, "/") + "/"
		if p.Location != "" && !seen[at] && !strings.HasPrefix(at, strings.TrimSuffix(s.Table.Location, "/")+"/") {
			seen[at] = true
			list = append(list, at)
		}
	}
	return list
}

// Without says how to take a file of the table away.
func (s *Source) Without(key string) string {
	_, prefix, _ := s3uri.Parse(strings.TrimSuffix(s.Table.Location, "/") + "/")
	return fmt.Sprintf("to go on without this file: penstock land %s --remove %s", s.Table.Name, shellWord(strings.TrimPrefix(key, prefix)))
}

// shellWord quotes a word for a command line.
func shellWord(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("_-./=:,+@%", c)
	}) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

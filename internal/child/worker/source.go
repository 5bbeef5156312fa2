package worker

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/serde"
	"penstock/internal/engine"
	"penstock/internal/pattern"
	"penstock/internal/schema"
)

// A format is how a table's files are read.
type format string

const (
	csvFormat     format = "csv"
	parquetFormat format = "parquet"
)

// A source is a table's description, checked and in the worker's terms.
type source struct {
	table   task.Table
	format  format
	columns []column // the catalog's columns, then the partition keys
	data    int      // how many of them are data, not partition keys
	serde.Reading
	unused map[int]bool // data columns that no SQL names: their text is checked, their values are not kept

	limit      *limit // nil: none
	lenient    bool   // a line with another number of values than the table has columns is rejected; otherwise its file is bad
	quarantine bool   // a bad file is set aside; otherwise it ends the step
	evolve     bool   // files may have fewer columns than the table, in another order; otherwise their headers are the table's
}

type column struct {
	name string
	typ  schema.Type
}

// runColumn is the writer's own column: the run that a row came from. SQL over a table does not see it.
const runColumn = "_run"

func newSource(t task.Table) (*source, error) {
	s := &source{table: t}
	for _, c := range append(slices.Clone(t.Columns), t.PartitionKeys...) {
		typ, err := schema.Parse(c.Type)
		if err != nil {
			return nil, fmt.Errorf("table %s.%s, column %s: %w", t.Database, t.Name, c.Name, err)
		}
		s.columns = append(s.columns, column{strings.ToLower(c.Name), typ})
	}
	s.data = len(t.Columns)
	var err error
	if s.Reading, err = serde.Of(t); err != nil {
		return nil, err
	}
	s.format = csvFormat
	if s.Parquet {
		s.format = parquetFormat
	}
	return s, nil
}

// A part is a file of a source with the values of its partition keys.
type part struct {
	file   task.File
	values []string
}

// uri is the object's address, as messages show it.
func (p part) uri() string { return "s3://" + p.file.Bucket + "/" + p.file.Key }

// parts pairs files with the values of their partitions. In a partitioned table only files below a registered partition count, and those
// that listed names, which may be nil: what a run works on counts though a crawl that began before it landed has not registered it yet.
// The folders of such a file are read as values.
func (s *source) parts(files []task.File, listed func(task.File) bool) ([]part, error) {
	if len(s.table.PartitionKeys) == 0 {
		list := make([]part, len(files))
		for i, f := range files {
			list[i] = part{file: f}
		}
		return list, nil
	}
	byFolder := map[string][]string{}
	for _, p := range s.table.Partitions {
		byFolder[strings.TrimSuffix(p.Location, "/")] = p.Values
	}
	var list []part
	for _, f := range files {
		uri := "s3://" + f.Bucket + "/" + f.Key
		values := partitionOf(byFolder, uri)
		if values == nil && listed != nil && listed(f) {
			var err error
			if values, err = s.folders(uri); err != nil {
				return nil, fmt.Errorf("%w\n%s", err, s.without(f.Key))
			}
		}
		if values != nil {
			list = append(list, part{f, values})
		}
	}
	return list, s.checkKeys(list)
}

// checkKeys holds the values of partition keys against the keys' types: they come from the names of folders.
func (s *source) checkKeys(list []part) error {
	nowhere := engine.Discard()
	for k, key := range s.columns[s.data:] {
		if key.typ.Kind.Text() {
			continue
		}
		fit, err := serde.FitterOf(key.typ)
		if err != nil {
			return fmt.Errorf("table %s.%s, partition key %s: %w", s.table.Database, s.table.Name, key.name, err)
		}
		known := map[string]bool{nullPartition: true}
		for _, p := range list {
			v := p.values[k]
			if !known[v] && !fit(nowhere, 0, []byte(v)) {
				return fmt.Errorf("%s: the value %q of its partition's key %q is no %s", p.uri(), clip(v), key.name, key.typ)
			}
			known[v] = true
		}
	}
	return nil
}

// partitionOf finds the partition whose folder holds the object, however deep.
func partitionOf(byFolder map[string][]string, uri string) []string {
	for i := strings.LastIndexByte(uri, '/'); i > len("s3://"); i = strings.LastIndexByte(uri[:i], '/') {
		if v, ok := byFolder[uri[:i]]; ok {
			return v
		}
	}
	return nil
}

// folders reads the values of a partition that is not registered from the folders below the table: key=value, or the bare value.
func (s *source) folders(uri string) ([]string, error) {
	rest, ok := strings.CutPrefix(uri, strings.TrimSuffix(s.table.Location, "/")+"/")
	names := strings.Split(rest, "/")
	keys := s.table.PartitionKeys
	if !ok || len(names)-1 < len(keys) {
		return nil, fmt.Errorf("%s lies in no partition of table %s.%s, whose keys are %d folders deep below %s", uri, s.table.Database,
			s.table.Name, len(keys), s.table.Location)
	}
	values := make([]string, len(keys))
	for i, k := range keys {
		values[i] = strings.TrimPrefix(names[i], k.Name+"=")
	}
	return values, nil
}

// selectStar is a star that stands for columns: after a comma or a point, or one of the words that begin a list of columns. Other stars
// multiply or count.
var selectStar = pattern.Lazy(`(?:[,.]|\bselect|\bdistinct|\ball|\*/)\s*\*`)

var lineComment = pattern.Lazy(`--[^\n]*`)

// use says which texts the source's columns will be asked by; a column that none of them can name need not be kept. A text can name a
// column only by writing its name, by a star, or by a natural join; what merely looks like a name costs nothing but memory.
func (s *source) use(texts ...string) {
	words, all := map[string]bool{}, false
	for _, text := range texts {
		text = strings.ToLower(text)
		all = all || selectStar().MatchString(lineComment().ReplaceAllString(text, " ")) || strings.Contains(text, "natural")
		for _, w := range strings.FieldsFunc(text, func(r rune) bool {
			return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
		}) {
			words[w] = true
		}
	}
	s.unused = map[int]bool{}
	for i, c := range s.columns[:s.data] {
		if !all && !words[c.name] && canonicalName(c.name) == c.name {
			s.unused[i] = true
		}
	}
}

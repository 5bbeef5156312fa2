// Package pipeline is the declared pipeline: it reads pipeline.yaml and the SQL files that it names into a Spec, with every mistake
// reported at once by file, line and column. It resolves no column and makes no resource: package compile does.
//
// The form is described in docs/spec.md.
package pipeline

// A Spec is one pipeline.yaml, complete and consistent in its names.
type Spec struct {
	Dir        string // the folder of the file
	Name       string
	Notify     []Endpoint
	Buckets    []Bucket
	Sources    []Source
	Transforms []Transform
	Tables     []Table // the warehouse section
	Report     *SQL    // nil: no report
	Freshness  []Freshness
	Targets    []Target
}

// A Pos is a place in a file, both from 1.
type Pos struct {
	File      string
	Line, Col int
}

// SQL is text with the place where it begins. Its further lines are indented in the file by Indent more than in Text.
type SQL struct {
	Text   string
	At     Pos
	Indent int
}

// An Endpoint is told of failed runs.
type Endpoint struct {
	Protocol, Address string // "http" or "https", and the URL
	At                Pos
}

// A Bucket is one of the pipeline's buckets; its real name is <account>-<region>-<pipeline>-<key> unless Name is set.
type Bucket struct {
	Key        string
	Name       string
	Versioning bool
	At         Pos
}

// A Place is a prefix in one of the pipeline's buckets: "raw/orders/".
type Place struct {
	Bucket string // key of the bucket
	Prefix string // ends in "/"
	At     Pos
}

// A Source is data that others land in a bucket.
type Source struct {
	Name      string
	At        Pos
	To        Place
	Format    string         // "csv", "json", "parquet", "orc", "avro", "xml" or "grok"
	FormatArg string         // the row tag of xml, the pattern of grok
	Crawl     map[string]any // nil: the columns are declared; otherwise further properties of AWS::Glue::Crawler
	Evolve    bool           // new columns of crawled files are taken; otherwise they stop the run
	Columns   []Column
	Header    []Column // as header: names them, the types left out
	Options   Options
	Quality   []Rule
	Sample    string // a folder beside the file, landed once in the pipeline's life when nothing else has been
	SampleAt  Pos
}

// A Column is a declared column of a source.
type Column struct {
	Name, Type string
	At         Pos
}

// A Rule is one DQDL rule.
type Rule struct {
	Text string
	At   Pos
}

// A Transform makes a table of the lake, by SQL or by a script.
type Transform struct {
	Name        string
	At          Pos
	SQL         SQL
	Script      *Script // nil: SQL
	To          Place
	PartitionBy []string
	Format      string // "parquet", "orc", "json" or "csv"
	Compression string // one of the words for the format, never ""
	Quality     []Rule
	Properties  map[string]any // of AWS::Glue::Job, PascalCase
	Retry       any            // States Language, nil for the default
}

// A Table is a table or view of the warehouse.
type Table struct {
	Schema, Name string
	At           Pos
	From         string // the transform that is loaded, or ""
	SQL          *SQL   // the view's query, or nil
	Dist         string
	Sort         []string
	OnChange     string // on_schema_change: "append_new_columns", "sync_all_columns" or "fail"
}

// FullName is schema.name.
func (t Table) FullName() string { return t.Schema + "." + t.Name }

// Freshness is a limit on the age of a table; it is refused until freshness alarms exist.
type Freshness struct {
	Table, Limit string
	At           Pos
}

// Embedded is the name of the target that is the embedded runtime, and usualRegion where that runs when nothing else is said.
const (
	Embedded    = "dev"
	usualRegion = "us-east-1"
)

// A Target is where the pipeline runs.
type Target struct {
	Name      string
	Default   bool
	Region    string
	Workgroup string
	At        Pos
}

// Region is the region of the embedded runtime that the pipeline is for; "" is the runtime's first one.
func (s *Spec) Region() string {
	for _, t := range s.Targets {
		if t.Name == Embedded {
			return t.Region
		}
	}
	return ""
}

// Bucket finds a bucket by its key.
func (s *Spec) Bucket(key string) (Bucket, bool) {
	for _, b := range s.Buckets {
		if b.Key == key {
			return b, true
		}
	}
	return Bucket{}, false
}

// Source finds a source by name.
func (s *Spec) Source(name string) (Source, bool) {
	for _, x := range s.Sources {
		if x.Name == name {
			return x, true
		}
	}
	return Source{}, false
}

// Transform finds a transform by name.
func (s *Spec) Transform(name string) (Transform, bool) {
	for _, x := range s.Transforms {
		if x.Name == name {
			return x, true
		}
	}
	return Transform{}, false
}

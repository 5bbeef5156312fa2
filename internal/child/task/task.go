// Package task is what the control process and a worker say to each other: what to do, which files a table has, what is to be
// published, what came of it. It is plain data; package job is the one end of the talk, child/worker the other.
package task

import (
	"encoding/json"
	"time"
)

// The paths of the calls.
const (
	RunPath     = "/run"     // parent to worker: Task to Answer
	TablePath   = "/table"   // worker to parent: TableRequest to Table
	ResolvePath = "/resolve" // ResolveRequest to Files
	PublishPath = "/publish" // Publish to Published
	PutPath     = "/put"     // Put to PutAnswer
	LogPath     = "/log"     // Log to nothing
)

// A Task is one job run, seen by the worker.
type Task struct {
	JobName  string            `json:"jobName"`
	JobRunID string            `json:"jobRunId"`
	Args     map[string]string `json:"args"` // merged, with their leading "--"
	Memory   int64             `json:"memory"`
	Threads  int               `json:"threads"`
}

// An Answer is how a task ended: Error is empty when it did what it was asked to.
type Answer struct {
	Result Result `json:"result"`
	Error  string `json:"error,omitempty"`
}

// A Result is what a step did. Bad values are those whose raw text does not fit the catalog's type: they are NULL, their rows are kept.
// Rejected rows could not be taken apart and were left out; filtered rows were left out by the SQL's own WHERE.
type Result struct {
	Step         string      `json:"step"`            // manifest, check, sql
	Run          string      `json:"run,omitempty"`   // the pipeline's run
	Table        string      `json:"table,omitempty"` // of a check the source, of sql the target
	RowsRead     int64       `json:"rows_read"`
	RowsWritten  int64       `json:"rows_written"`
	RowsRejected int64       `json:"rows_rejected"`
	RowsFiltered int64       `json:"rows_filtered"`
	BadValues    int64       `json:"bad_values"` // rows with at least one, each counted once
	BadColumns   []BadColumn `json:"bad_columns,omitempty"`
	Files        int64       `json:"files"`
	Quarantined  int64       `json:"quarantined,omitempty"` // files that were set aside whole
	BadFiles     []BadFile   `json:"bad_files,omitempty"`   // the first of those, or the one that stopped the step
	Bytes        int64       `json:"bytes"`
	Seconds      float64     `json:"seconds"`
	Runs         int64       `json:"runs,omitempty"` // of a manifest: how many the plan holds
	Rules        []Rule      `json:"rules,omitempty"`
}

// A BadColumn says how many values of a column do not fit its type.
type BadColumn struct {
	Source string `json:"source"`
	Column string `json:"column"`
	Type   string `json:"type"`
	Count  int64  `json:"count"`
}

// A BadFile is a file that cannot be read as what its table says.
type BadFile struct {
	URI    string `json:"uri"`
	Line   int64  `json:"line"` // 0 of a file without lines
	Reason string `json:"reason"`
}

// A Rule is the verdict of one data quality rule.
type Rule struct {
	Rule    string            `json:"rule"`
	Result  string            `json:"result"` // PASS, FAIL, ERROR
	Message string            `json:"message,omitempty"`
	Metrics map[string]string `json:"metrics,omitempty"`
}

// A TableRequest names a table of the catalog.
type TableRequest struct {
	Database string `json:"database"`
	Name     string `json:"name"`
}

// A Table is a table of the catalog with all its partitions.
type Table struct {
	Database      string            `json:"database"`
	Name          string            `json:"name"`
	Columns       []Column          `json:"columns"`
	PartitionKeys []Column          `json:"partitionKeys"`
	Location      string            `json:"location"`
	SerDe         string            `json:"serde"`       // class name
	InputFormat   string            `json:"inputFormat"` // class name
	SerDeParams   map[string]string `json:"serdeParams"`
	Parameters    map[string]string `json:"parameters"`
	Partitions    []Partition       `json:"partitions"`
	Forms         []Form            `json:"forms,omitempty"` // of partitions that are not read as the table is
}

// A Form is how a partition's files are read where it differs from the table.
type Form struct {
	Columns     []Column          `json:"columns"`
	SerDe       string            `json:"serde"`
	InputFormat string            `json:"inputFormat"`
	SerDeParams map[string]string `json:"serdeParams"`
}

// A Column has its type in Hive's words.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// A Partition says where the files of one set of values lie.
type Partition struct {
	Values   []string `json:"values"`
	Location string   `json:"location"`
	Form     int      `json:"form,omitempty"` // 0 is the table's, n is Forms[n-1] of the table
}

// A ResolveRequest asks for the files of a prefix, or of named versions of keys, at one instant. The files stay until the worker ends,
// whatever happens to the objects meanwhile.
type ResolveRequest struct {
	Bucket string       `json:"bucket"`
	Prefix string       `json:"prefix,omitempty"`
	Keys   []KeyVersion `json:"keys,omitempty"` // instead of Prefix
}

// A KeyVersion names a version of an object; Version "" is the current one.
type KeyVersion struct {
	Key     string `json:"key"`
	Version string `json:"version,omitempty"`
}

// Files are resolved objects.
type Files struct {
	Files []File `json:"files"`
}

// A File is an object and where its bytes lie.
type File struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Version string `json:"version,omitempty"`
	ETag    string `json:"etag"`
	Size    int64  `json:"size"`
	Path    string `json:"path"`
}

// A Publish offers finished files of the worker's staging folder as the rows of one run, or of several at once.
type Publish struct {
	JobRunID   string  `json:"jobRunId"`
	Database   string  `json:"database"`
	Table      string  `json:"table"`
	Replace    Replace `json:"replace"`
	Runs       []Given `json:"runs"`
	Result     Result  `json:"result"`
	Partitions bool    `json:"partitions"` // create the partitions of the files that are missing
}

// Given is what a run gives to a table.
type Given struct {
	Run     string   `json:"run"`
	Files   []Output `json:"files"`
	CopyKey string   `json:"copyKey,omitempty"` // "s3://bucket/key" for Redshift's manifest of the files; "" for none
}

// Replace says which objects of the table the new ones take the place of.
type Replace string

// The units of replacement: what the runs gave before, or all of the table.
const (
	ReplaceRun   Replace = "run"
	ReplaceTable Replace = "table"
)

// An Output is one file to publish.
type Output struct {
	Name   string   `json:"name"`   // below the staging folder
	Key    string   `json:"key"`    // in the bucket of the table's location
	Values []string `json:"values"` // of its partition
	Rows   int64    `json:"rows"`
}

// Published answers a Publish.
type Published struct {
	Bytes   int64 `json:"bytes"`
	Deleted int   `json:"deleted"`
	// Again is set when this job run had published before: nothing was done, and this is what the first publish did.
	Again bool `json:"again,omitempty"`
}

// A Put writes one small object.
type Put struct {
	URI         string          `json:"uri"` // s3://bucket/key
	Body        json.RawMessage `json:"body,omitempty"`
	Text        string          `json:"text,omitempty"` // instead of Body
	IfNoneMatch bool            `json:"ifNoneMatch"`
}

// PutAnswer says whether the object was written; it was not if IfNoneMatch is set and one exists.
type PutAnswer struct {
	Written bool `json:"written"`
}

// A Log is lines for the job's output stream.
type Log struct {
	Lines []Line `json:"lines"`
}

// A Line is one log event.
type Line struct {
	Time time.Time `json:"time"`
	Text string    `json:"text"`
}

// Nothing is an empty answer.
type Nothing struct{}

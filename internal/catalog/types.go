package catalog

import "time"

// A Database is a named set of tables.
type Database struct {
	Name        string            `json:"-"`
	Description *string           `json:"description,omitempty"`
	LocationURI *string           `json:"locationUri,omitempty"`
	Parameters  map[string]string `json:"parameters,omitempty"`
	Created     time.Time         `json:"-"`
}

// A Column is a column of a table, or a partition key. Type is in Hive's language; package schema reads it.
type Column struct {
	Name       string            `json:"name"`
	Type       string            `json:"type,omitempty"`
	Comment    *string           `json:"comment,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

// A SerDe says which program reads and writes the records of a file.
type SerDe struct {
	Name       *string           `json:"name,omitempty"`
	Library    *string           `json:"library,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

// An Order is one column of a sort order; SortOrder is 1 for ascending, 0 for descending.
type Order struct {
	Column    string `json:"column"`
	SortOrder int32  `json:"sortOrder"`
}

// A Storage says where the data of a table or a partition lies and in which form (Glue's StorageDescriptor).
type Storage struct {
	Columns         []Column          `json:"columns,omitempty"`
	Location        string            `json:"location,omitempty"` // "s3://bucket/prefix/"
	InputFormat     string            `json:"inputFormat,omitempty"`
	OutputFormat    string            `json:"outputFormat,omitempty"`
	Compressed      bool              `json:"compressed,omitempty"`
	NumberOfBuckets int32             `json:"numberOfBuckets,omitempty"`
	SerDe           *SerDe            `json:"serde,omitempty"`
	BucketColumns   []string          `json:"bucketColumns,omitempty"`
	SortColumns     []Order           `json:"sortColumns,omitempty"`
	Parameters      map[string]string `json:"parameters,omitempty"`
	SubDirectories  bool              `json:"subDirectories,omitempty"`
	Skewed          *Skewed           `json:"skewed,omitempty"`
}

// A Skewed names values that appear very often and where they lie (Glue's SkewedInfo).
type Skewed struct {
	Columns   []string          `json:"columns,omitempty"`
	Values    []string          `json:"values,omitempty"`
	Locations map[string]string `json:"locations,omitempty"`
}

// A Table is a table or a view.
type Table struct {
	Database         string            `json:"-"`
	Name             string            `json:"-"`
	Description      *string           `json:"description,omitempty"`
	Owner            *string           `json:"owner,omitempty"`
	Retention        int32             `json:"retention,omitempty"`
	Type             *string           `json:"type,omitempty"` // EXTERNAL_TABLE, VIRTUAL_VIEW, ...
	PartitionKeys    []Column          `json:"partitionKeys,omitempty"`
	Parameters       map[string]string `json:"parameters,omitempty"`
	Storage          *Storage          `json:"storage,omitempty"` // nil when the table was made without
	ViewOriginalText *string           `json:"viewOriginalText,omitempty"`
	ViewExpandedText *string           `json:"viewExpandedText,omitempty"`
	LastAccess       *time.Time        `json:"lastAccess,omitempty"`
	LastAnalyzed     *time.Time        `json:"lastAnalyzed,omitempty"`
	CreatedBy        string            `json:"createdBy,omitempty"` // ARN of the principal
	Created          time.Time         `json:"-"`
	Updated          time.Time         `json:"-"`
	VersionID        string            `json:"-"` // "0", "1", ...
}

// Columns are the table's columns without the partition keys.
func (t *Table) Columns() []Column {
	if t.Storage == nil {
		return nil
	}
	return t.Storage.Columns
}

// Location is where the table's data lies, or "".
func (t *Table) Location() string {
	if t.Storage == nil {
		return ""
	}
	return t.Storage.Location
}

// SerDeLibrary is the class that reads the table's files, or "".
func (t *Table) SerDeLibrary() string {
	if t.Storage == nil || t.Storage.SerDe == nil || t.Storage.SerDe.Library == nil {
		return ""
	}
	return *t.Storage.SerDe.Library
}

// A Partition is a part of a table that has one value for each partition key.
type Partition struct {
	Values       []string          `json:"-"` // in the order of the table's PartitionKeys
	Parameters   map[string]string `json:"parameters,omitempty"`
	Storage      *Storage          `json:"storage,omitempty"`
	LastAccess   *time.Time        `json:"lastAccess,omitempty"`
	LastAnalyzed *time.Time        `json:"lastAnalyzed,omitempty"`
	Created      time.Time         `json:"-"`
}

// Location is where the partition's data lies, or "".
func (p *Partition) Location() string {
	if p.Storage == nil {
		return ""
	}
	return p.Storage.Location
}

// NullValue stands for a null in a partition's Values.
const NullValue = "__HIVE_DEFAULT_PARTITION__"

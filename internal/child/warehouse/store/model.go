package store

import (
	"slices"

	"penstock/internal/sql/typed"
)

// Internal is the schema of Penstock's own tables. Users share it (the pipeline's load ledger is penstock.loads); the tables here
// begin with an underscore and are out of their reach.
const Internal = "penstock"

// A Schema is a named group of tables.
type Schema struct {
	OID         int64
	Name, Owner string
}

// Kinds of tables.
const (
	KindTable = "r"
	KindView  = "v"
)

// A Table is a table or view as Redshift knows it.
type Table struct {
	OID          int64
	Schema, Name string
	Kind         string
	Columns      []Column
	DistStyle    string // auto, even, key, all
	SortStyle    string // "", compound, interleaved, auto
	PrimaryKey   []string
	Text         string // a view's query as written
	LateBinding  bool
	Owner        string
	Comment      string
	Depends      []int64 // OIDs of what a view reads
	Temp         bool
}

// A Column is a column of a Table.
type Column struct {
	Name     string
	Type     typed.Type
	NotNull  bool
	Default  string    // as the engine has it; "" for none
	Shown    string    // the default as the catalog shows it
	Identity *Identity // nil for none
	Encode   string
	DistKey  bool
	SortKey  int // place in the sort key from 1, 0 outside; negative for interleaved
	Comment  string
	Trimmed  bool // text of which no value ends in a blank: it can be compared and grouped as it is
}

// Column finds a column by name; nil if there is none.
func (t *Table) Column(name string) *Column {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

// Clone copies the table, so that it can be changed.
func (t *Table) Clone() *Table {
	c := *t
	c.Columns, c.PrimaryKey, c.Depends = slices.Clone(t.Columns), slices.Clone(t.PrimaryKey), slices.Clone(t.Depends)
	return &c
}

// A Catalog is all schemas and tables at one moment. It is never changed once others see it.
type Catalog struct {
	Schemas map[string]Schema
	Tables  map[string]map[string]*Table // schema -> name -> table
}

// Table finds a table.
func (c *Catalog) Table(schema, name string) (*Table, bool) {
	t, ok := c.Tables[schema][name]
	return t, ok
}

// Dependents lists the views that read the table directly.
func (c *Catalog) Dependents(oid int64) []*Table {
	var out []*Table
	for _, ts := range c.Tables {
		for _, t := range ts {
			if slices.Contains(t.Depends, oid) {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Table) int { return int(a.OID - b.OID) })
	return out
}

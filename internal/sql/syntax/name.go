package syntax

import "strings"

// Ident is one identifier. Name is folded as the dialect folds it.
type Ident struct {
	Name    string
	Written string // before it was folded, where that differs
	Quoted  bool
	Pos     Pos
}

// AsWritten is the name before it was folded.
func (id Ident) AsWritten() string {
	if id.Written != "" {
		return id.Written
	}
	return id.Name
}

// Name is a possibly qualified name: schema.table, a.b.c.
type Name []Ident

// Position is the place of the first part.
func (n Name) Position() Pos {
	if len(n) == 0 {
		return Pos{}
	}
	return n[0].Pos
}

// Strings returns the parts as plain strings.
func (n Name) Strings() []string {
	parts := make([]string, len(n))
	for i, id := range n {
		parts[i] = id.Name
	}
	return parts
}

func (n Name) String() string { return strings.Join(n.Strings(), ".") }

// Last is the last part, the empty identifier when there is none.
func (n Name) Last() Ident {
	if len(n) == 0 {
		return Ident{}
	}
	return n[len(n)-1]
}

// TypeName is a type as written: varchar(10), timestamp with time zone, decimal(12,2).
type TypeName struct {
	Name string // lower case, one word or a few: "double precision", "timestamp with time zone"
	Args []int  // length, or precision and scale; MAX is written as -1
	Text string // as written, of a type with parts: array<...>
	Pos  Pos
}

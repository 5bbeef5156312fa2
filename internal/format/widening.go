package format

import "penstock/internal/schema"

// A Widening is a value that forced a column to a wider type than the values before it had: what an inference tells beside the type.
type Widening struct {
	Path      string // the column, a dot before each field of a struct, [] behind an array
	From, To  schema.Kind
	Row, Line int64
	Text      []byte // how the value begins; of an XML array, its second element's
}

// Package xmlrows reads the rows of an XML file: each element of a name, the row tag, is a row, its attributes, child elements and text
// are the columns, as Glue's XML classifier and reader have it, and spark-xml, from which Glue's options are.
//
// It knows no tables and resolves no names from elsewhere: a document type is passed over, so there are no entities but XML's five and
// characters by number. A record, its elements and their nesting are bounded; a record that is damaged is told and left out, and the
// reading goes on with the next one.
package xmlrows

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"penstock/internal/column"
)

// The bounds of a record.
const (
	MaxRecord   = 16 << 20 // bytes
	MaxDepth    = 200      // elements within elements
	maxElements = 1 << 19
)

// Options are those of Glue's format "xml", and of readers.
type Options struct {
	AttributePrefix string // before the name of an attribute's column; "" is "_"
	ValueTag        string // the column of an element's text that has attributes or children beside it; "" is "_VALUE"
	NoAttributes    bool   // leave attributes out (excludeAttribute)
	EmptyAsNull     bool   // an empty text is a null and not "" (treatEmptyValuesAsNulls)
	Trim            bool   // blanks round a text are no part of it (ignoreSurroundingSpaces)

	Rows int // rows of a batch; 0: 8192
	// Bad is told of each damaged record, which is left out, and each value that a column does not hold, which is null. What it returns ends
	// the reading. Without it the first damaged record does.
	Bad func(column.Finding) error
}

func (o *Options) defaults() {
	if o.AttributePrefix == "" {
		o.AttributePrefix = "_"
	}
	if o.ValueTag == "" {
		o.ValueTag = "_VALUE"
	}
	if o.Rows == 0 {
		o.Rows = 8192
	}
}

// CheckRowTag reports what is wrong with a name of a row tag, or nil.
func CheckRowTag(tag string) error {
	if tag == "" {
		return errors.New("the row tag is empty")
	}
	for i, r := range tag {
		letter := r == '_' || r == ':' || unicode.IsLetter(r)
		if !letter && (i == 0 || r != '-' && r != '.' && r != '·' && !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return fmt.Errorf("the row tag %q is no name of an XML element; it is written without angle brackets", clip(tag))
		}
	}
	return nil
}

func clip(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "..."
	}
	return s
}

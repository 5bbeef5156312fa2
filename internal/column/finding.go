package column

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Finding is one thing that a reader found wrong in a file: a damaged record, or a value that its column cannot hold. A position that is
// not known, or that the format does not have, is zero.
type Finding struct {
	Row     int64  // the record, counted from 1 in the file
	Line    int64  // the line on which the record or value begins, counted from 1
	Offset  int64  // the byte of the uncompressed file at which it begins, counted from 0
	Column  string // the column, with a dot before each nested field; empty when it is the whole record
	Text    []byte // how the record or value begins, at most FindingText bytes; a copy that the receiver may keep
	Lost    int64  // how many records are left out for it; 0: none, it is about a value, or about a row that is kept
	Problem string // what is wrong, in a few words without a position: "not a number", "an object is not closed"
}

// FindingText is the most bytes of a damaged record or value that a Finding keeps.
const FindingText = 64

// Excerpt returns a copy of how text begins, for Finding.Text. It is not cut within a UTF-8 sequence.
func Excerpt(text []byte) []byte {
	if len(text) <= FindingText {
		return append([]byte(nil), text...)
	}
	end := FindingText
	for end > FindingText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return append([]byte(nil), text[:end]...)
}

// String says where and what, such as `line 3, column price: not a number: "n/a"`.
func (f Finding) String() string {
	var where []string
	switch {
	case f.Line > 0:
		where = append(where, fmt.Sprintf("line %d", f.Line))
	case f.Row > 0:
		where = append(where, fmt.Sprintf("row %d", f.Row))
	case f.Offset > 0:
		where = append(where, fmt.Sprintf("byte %d", f.Offset))
	}
	if f.Column != "" {
		where = append(where, "column "+f.Column)
	}
	s := f.Problem
	if len(where) > 0 {
		s = strings.Join(where, ", ") + ": " + s
	}
	if len(f.Text) > 0 {
		s += ": " + strconv.Quote(string(f.Text))
	}
	return s
}

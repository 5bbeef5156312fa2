package classify

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"penstock/internal/delimited"
)

// delimiters are the ones that the CSV classifier tries.
const delimiters = ",|\t;\x01"

// whyNoTable says what keeps a text from being a table.
func whyNoTable(text []byte) string {
	const rule = "; a crawler takes CSV of at least 2 columns and 2 rows, of which nine in ten have as many fields as the first"
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	delimiter, most := byte(0), 0
	for _, d := range []byte(delimiters) {
		if n := bytes.Count(line, []byte{d}); n > most {
			delimiter, most = d, n
		}
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return "is empty" + rule
	case delimiter == 0:
		return "has no comma, semicolon, tab or | in its first line" + rule
	}
	r, err := delimited.NewReader(bytes.NewReader(text), delimited.Dialect{Delimiter: delimiter, Quote: '"'})
	if err != nil {
		return "cannot be cut at " + fmt.Sprintf("%q", delimiter) + rule
	}
	rows, fields, wrong, odd := 0, 0, int64(0), 0
	for rows < sampleRecords {
		rec, err := r.Next()
		var syntax *delimited.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Sprintf("line %d: %v", r.Line(), syntax) + rule
		}
		if err != nil {
			if err != io.EOF {
				return err.Error() + rule
			}
			break
		}
		if rec.Blank() {
			continue
		}
		if rows++; rows == 1 {
			fields = len(rec.Fields)
		} else if len(rec.Fields) != fields {
			if odd++; odd == 1 {
				wrong = rec.Line
				most = len(rec.Fields)
			}
		}
	}
	if odd > 0 {
		return fmt.Sprintf("line %d has %d fields where the first line has %d, and %d of %d lines differ from the first%s", wrong,
			most, fields, odd, rows, rule)
	}
	return "has one row only" + rule
}

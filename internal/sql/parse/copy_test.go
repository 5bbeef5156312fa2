package parse

import (
	"testing"

	"penstock/internal/sql/syntax"
)

// TestCopyMarkers: \N is the marker that the documentation of COPY writes, and must not become the letter N.
func TestCopyMarkers(t *testing.T) {
	for text, want := range map[string]string{
		`'\N'`: `\N`, `'\\N'`: `\N`, `'N'`: "N", `'\0'`: "\x00", `'\000'`: "\x00", `'\001'`: "\x01", `'\t'`: "\t", `'\''`: "'",
		`''`: "", `''''`: "'", `'\8'`: "8", `'|'`: "|", `'\\'`: `\`,
	} {
		for _, clause := range []string{"null", "delimiter"} {
			stmts, err := redshift("copy t from 's3://b/k' iam_role default " + clause + " as " + text)
			if err != nil {
				t.Fatal(text, err)
			}
			o, _ := stmts[0].(*syntax.Copy).Option(clause)
			if o.Value() != want {
				t.Errorf("%s %s is %q, want %q", clause, text, o.Value(), want)
			}
		}
	}
}

package magic_test

import (
	"testing"

	"penstock/internal/magic"
)

func TestFormat(t *testing.T) {
	for head, want := range map[string]string{
		"\x1f\x8b\x08":             "gzip",
		"PAR1\x15\x04":             "Parquet",
		"PAR1":                     "Parquet",
		"ORC\x0a\x0b\x00\x00":      "ORC",
		"Obj\x01\x04":              "Avro",
		"BZh91AY&SY\xe1\x02\x03xx": "bzip2",
		"PK\x03\x04":               "a zip archive",
		"\x28\xb5\x2f\xfd":         "Zstandard",
		"\xe0\x01\x00\xea":         "Ion",
		"ORCHARD,TREES\n1,2\n":     "", // texts whose first letters are those of a format
		"PAR1,PAR2\n1,2\n":         "",
		"BZh,a\n1,2\n":             "",
		"ORC;häß\n":                "",
		"a,b\n":                    "",
		"":                         "",
	} {
		if got := magic.Format([]byte(head)); got != want {
			t.Errorf("%q is %q, not %q", head, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for head, want := range map[string]bool{"": true, "a\tb\r\n": true, "häß€": true, "cut \xe2\x82": true,
		"a\x00b": false, "\x7f": false, "\xff abc": false} {
		if got := magic.Text([]byte(head)); got != want {
			t.Errorf("%q: %v", head, got)
		}
	}
}

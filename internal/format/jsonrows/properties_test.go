package jsonrows_test

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/format/jsonrows"
)

func TestOf(t *testing.T) {
	const openx, hive = "org.openx.data.jsonserde.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe"
	for _, tt := range []struct {
		library string
		in      map[string]string
		want    jsonrows.Options
		err     string
	}{
		{openx, nil, jsonrows.Options{}, ""},
		{openx, map[string]string{"ignore.malformed.json": "TRUE", "dots.in.keys": "true", "case.insensitive": "false", "mapping.url1": "URL",
			"paths":   "a,b",
			"mapping": "TRUE", "explicit.null": "true", "timestamp.formats": "yyyy, millis"}, jsonrows.Options{Malformed: jsonrows.NullRow,
			Dots:  true,
			Exact: true, Mapping: map[string]string{"url1": "URL"}, TimestampFormats: []string{"yyyy", "millis"}}, ""},
		{hive, map[string]string{"ignore.malformed.json": "true", "dots.in.keys": "true", "timestamp.formats": "millis"},
			jsonrows.Options{SerDe: jsonrows.Hive, TimestampFormats: []string{"millis"}}, ""},
		{openx, map[string]string{"case.insensitive": "yes"}, jsonrows.Options{},
			`property case.insensitive of SerDe ` + openx + `: "yes" is neither`},
	} {
		got, ok, err := jsonrows.Of(tt.library, tt.in)
		if tt.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
				t.Errorf("%v: %v", tt.in, err)
			}
			continue
		}
		if !ok || err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%v: %+v, %v, %v", tt.in, got, ok, err)
		}
	}
	if _, ok, _ := jsonrows.Of("org.apache.hadoop.hive.serde2.OpenCSVSerde", nil); ok {
		t.Error("CSV is JSON")
	}
	for _, format := range []string{"yyyy-QQQQQQQQ", "'open"} {
		if _, err := jsonrows.NewReader(strings.NewReader(""), fields(t, "a:int"),
			jsonrows.Options{TimestampFormats: []string{format}}); err == nil {
			t.Errorf("format %s is taken", format)
		}
	}
}

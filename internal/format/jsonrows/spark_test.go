package jsonrows_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/format/jsonrows"
	"penstock/internal/schema"
)

// shown is value 0 of a column as Spark casts it to a string, or, when it is nested, writes it as JSON.
func shown(b *column.Batch) any {
	v := b.Columns[0]
	if v.Null[0] {
		return nil
	}
	switch k := v.Type.Kind; {
	case k.Text():
		return string(v.Text(0))
	case k.Nested():
		line := string(jsonrows.AppendRow(nil, b, 0))
		return strings.TrimSuffix(strings.TrimPrefix(line, `{"c":`), "}\n")
	}
	text := string(v.AppendJSON(nil, 0))
	return strings.Trim(text, `"`)
}

// differs are the values that are meant to differ from Spark's. Each is reported, but for the texts of numbers.
var differs = map[string]any{
	"tinyint | 128":                         nil, // Spark: -128
	"timestamp | 9223372036854775807":       nil, // Spark: the seconds overflow
	`date | "5"`:                            nil, // Spark: days since 1970, though the text is none of a date
	`date | "1582934523"`:                   nil,
	`decimal(38,18) | "1,234.5"`:            nil,             // Spark drops commas
	`array<int> | [1,null,"x"]`:             "[1,null,null]", // Spark: null, the good elements are lost
	`map<string,int> | {"k":"v", "l":null}`: `{"k":null,"l":null}`,
	// numbers stand in a text as they are written
	"string | -0": "-0", "string | 1e2": "1e2", "string | 1E400": "1E400", "string | 1.10": "1.10", "string | NaN": "NaN",
	"string | Infinity": "Infinity", "string | -Infinity": "-Infinity", "string | 1582934523.5": "1582934523.5",
}

// same compares numbers by their value: Java writes some with more digits than they need.
func same(typ string, got, want any) bool {
	g, isText := got.(string)
	w, isText2 := want.(string)
	if got == want || !isText || !isText2 {
		return got == want
	}
	bits := map[string]int{"float": 32, "double": 64, "decimal(38,18)": 64}[typ]
	x, err := strconv.ParseFloat(g, bits)
	y, err2 := strconv.ParseFloat(w, bits)
	return bits > 0 && err == nil && err2 == nil && x == y
}

// TestAsSparkReads compares with what Spark 3.5 made of each value (testdata/spark.py), and names the differences that are meant.
func TestAsSparkReads(t *testing.T) {
	text, err := os.ReadFile("testdata/spark.txt")
	if err != nil {
		t.Fatal(err)
	}
	tests := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cell := strings.Split(strings.TrimSuffix(line, "\n"), " | ")
		if len(cell) != 3 {
			t.Fatal(line)
		}
		tests++
		var want any
		if err := json.Unmarshal([]byte(cell[2]), &want); err != nil {
			t.Fatal(line, err)
		}
		cols := []schema.Field{{Name: "c", Type: fields(t, "c:"+cell[0])[0].Type}}
		r, err := jsonrows.NewReader(strings.NewReader(`{"c":`+cell[1]+"}\n"), cols,
			jsonrows.Options{SerDe: jsonrows.Spark, Exact: true, Malformed: jsonrows.NullRow})
		b := column.NewBatch(cols)
		if err == nil {
			err = r.Next(b)
		}
		if err != nil || b.Rows() != 1 {
			t.Fatal(line, err)
		}
		if meant, ok := differs[cell[0]+" | "+cell[1]]; ok {
			if want == meant {
				t.Errorf("%s into %s does not differ", cell[1], cell[0])
			}
			want = meant
		}
		if got := shown(b); !same(cell[0], got, want) {
			t.Errorf("%s into %s: %v, in Spark %v", cell[1], cell[0], got, want)
		}
	}
	if tests < 800 {
		t.Errorf("%d values", tests)
	}
}

// TestAsSparkWrites reads what Spark's writer wrote, and writes it again.
func TestAsSparkWrites(t *testing.T) {
	written, err := os.ReadFile("testdata/written.json")
	if err != nil {
		t.Fatal(err)
	}
	got := rewrite(t, string(written), "a:boolean,b:tinyint,c:bigint,d:float,e:double,f:decimal(20,10),g:string,h:binary,i:date,j:timestamp,"+
		"k:array<int>,l:map<int,string>,m:struct<x:int,y:string>,n:map<date,double>,o:map<double,int>")
	if got != string(written) {
		t.Errorf("got\n%swant\n%s", got, written)
	}
}

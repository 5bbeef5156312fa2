package jsonrows_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"penstock/internal/column"
	"penstock/internal/compression"
	"penstock/internal/format/jsonrows"
	"penstock/internal/schema"
	"penstock/internal/testcorpus"
)

func infer(t testing.TB, in string, o jsonrows.InferOptions) string {
	t.Helper()
	var found strings.Builder
	o.Bad = func(f column.Finding) error { fmt.Fprintf(&found, "! %s\n", f); return nil }
	i, err := jsonrows.Infer(iotest.HalfReader(strings.NewReader(in)), o)
	if err != nil {
		return "error: " + err.Error()
	}
	var out strings.Builder
	for _, c := range i.Columns {
		fmt.Fprintf(&out, "%s %s %d/%d/%d", c.Name, c.Type, c.Values, c.Nulls, i.Records-c.Values-c.Nulls)
		for _, w := range c.Wider {
			fmt.Fprintf(&out, ", %s from %v to %v in line %d by %s", w.Path, w.From, w.To, w.Line, w.Text)
		}
		out.WriteByte('\n')
	}
	if !i.Whole {
		fmt.Fprintf(&out, "%d records, %d bytes\n", i.Records, i.Bytes)
	}
	return out.String() + found.String()
}

func TestInfer(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"kinds", `{"i":1,"l":3000000000,"d":1.0,"e":1e3,"s":"1","b":true,"n":null,"o":{"x":1},"a":[1,2],"big":9223372036854775808,"m":-1}`,
			"i int 1/0/0\nl bigint 1/0/0\nd double 1/0/0\ne double 1/0/0\ns string 1/0/0\nb boolean 1/0/0\nn unknown 0/1/0\n" +
				"o struct<x:int> 1/0/0\n" +
				"a array<int> 1/0/0\nbig string 1/0/0\nm int 1/0/0\n"},
		{"widening", "{\"a\":1}\n{\"a\":null}\n{}\n{\"a\":3000000000}\n{\"a\":2}\n{\"a\":0.5}\n{\"a\":\"x\"}\n{\"a\":true}\n",
			"a string 6/1/1, a from int to bigint in line 4 by 3000000000, a from bigint to double in line 6 by 0.5, " +
				"a from double to string in line 7 by \"x\"\n"},
		{"mixed", "{\"a\":{\"x\":1}}\n{\"a\":[1]}\n{\"a\":{\"x\":1}}\n", "a string 3/0/0, a from struct to string in line 2 by [1]\n"},
		{"scalar and struct", "{\"a\":1}\n{\"a\":{\"x\":1}}\n", "a string 2/0/0, a from int to string in line 2 by {\"x\":1}\n"},
		{"struct union", "{\"a\":{\"x\":1}}\n{\"a\":{\"y\":\"q\",\"x\":1.5}}\n{\"a\":null}\n",
			"a struct<x:double,y:string> 2/1/0, a.x from int to double in line 2 by 1.5\n"},
		{"arrays", "{\"a\":[]}\n{\"a\":[1,null,\"x\"]}\n{\"b\":[[1.5]]}\n{\"c\":[{\"k\":1},{\"l\":2}]}",
			"a array<string> 2/0/2, a[] from int to string in line 2 by \"x\"\nb array<array<double>> 1/0/3\nc array<struct<k:int,l:int>> 1/0/3\n"},
		{"order and case", "{\"b\":1,\"A\":2}\n{\"a\":3,\"c\":1,\"B\":2}", "b int 2/0/0\nA int 2/0/0\nc int 1/0/1\n"},
		{"empty object", `{"a":{},"b":[],"c":[{}]}`, "a string 1/0/0\nb array<unknown> 1/0/0\nc array<string> 1/0/0\n"},
		{"pretty in an array", "[\n {\n  \"a\": 1\n },\n {\n  \"a\": 1.5\n }\n]", "a double 2/0/0, a from int to double in line 6 by 1.5\n"},
		{"damaged", "{\"a\":1}\n{\"a\":\"x}\n{\"a\":2}\n",
			"a int 2/0/0\n! line 2: a string is not closed on its line: \"{\\\"a\\\":\\\"x}\"\n"},
		{"nothing", " \n", ""},
	} {
		if got := infer(t, tt.in, jsonrows.InferOptions{}); got != tt.want {
			t.Errorf("%s: got\n%swant\n%s", tt.name, got, tt.want)
		}
	}
}

// TestInferPaths has the examples of the Glue guide on custom JSON classifiers.
func TestInferPaths(t *testing.T) {
	const areas = `{"type":"constituency","id":"us","name":"Alaska"}
{"type":"constituency",
"identifiers":[{"scheme":"dmoz","identifier":"R/A"},{"scheme":"fips","identifier":"US02"}],"id":"ak","name":"Alaska"}`
	for _, tt := range []struct{ path, in, want string }{
		{"$[*]", `[{"type":"c","id":"x"},{"type":"c","name":"y"}]`, "type string 2/0/0\nid string 1/0/1\nname string 1/0/1\n"},
		{"$.id", areas, "record string 2/0/0\n"},
		{"$.identifiers[*].identifier", areas, "record string 2/0/0\n"},
		{"$.identifiers", areas, "record array<struct<scheme:string,identifier:string>> 1/0/0\n"},
		{"$.identifiers[1]", areas, "scheme string 1/0/0\nidentifier string 1/0/0\n"},
		{"$.none", areas, ""},
	} {
		if got := infer(t, tt.in, jsonrows.InferOptions{Path: tt.path}); got != tt.want {
			t.Errorf("%s: got\n%swant\n%s", tt.path, got, tt.want)
		}
	}
	if got := infer(t, `[{"a":1},{"b":2}]`, jsonrows.InferOptions{ArrayColumn: true}); got != "array array<struct<a:int,b:int>> 1/0/0\n" {
		t.Error(got)
	}
	check(t, "record", areas, "record:string", jsonrows.Options{Path: "$.identifiers[*].identifier"},
		"{\"record\":\"R/A\"}\n{\"record\":\"US02\"}\n")
	check(t, "record of an array", areas, "record:array<struct<scheme:string>>", jsonrows.Options{Path: "$.identifiers"},
		"{\"record\":[{\"scheme\":\"dmoz\"},{\"scheme\":\"fips\"}]}\n")
}

func TestInferBounds(t *testing.T) {
	if got := infer(t, strings.Repeat("{\"a\":1}\n", 1000),
		jsonrows.InferOptions{Records: 10}); got != "a int 10/0/0\n10 records, 79 bytes\n" {
		t.Error(got)
	}
	if got := infer(t, strings.Repeat("{\"a\":1}\n", 1000), jsonrows.InferOptions{Bytes: 30}); got != "a int 4/0/0\n4 records, 31 bytes\n" {
		t.Error(got)
	}
	var many strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&many, "{\"k%d\":1}\n", i)
	}
	i, err := jsonrows.Infer(strings.NewReader(many.String()), jsonrows.InferOptions{})
	if err != nil || !i.Crowded || len(i.Columns) != 50000 || i.Records != 60000 || len(i.Paths()) != 50000 || i.Paths()[1] != "k1" {
		t.Errorf("%+.200v, %v", i, err)
	}
	deep := `{"a":` + strings.Repeat("[", 400) + strings.Repeat("]", 400) + "}"
	if i, err = jsonrows.Infer(strings.NewReader(deep), jsonrows.InferOptions{}); err != nil || strings.Count(i.Columns[0].Type.String(),
		"array") > 48 {
		t.Errorf("%+v, %v", i, err)
	}
	gone := errors.New("enough")
	if _, err := jsonrows.Infer(strings.NewReader("x"),
		jsonrows.InferOptions{Bad: func(column.Finding) error { return gone }}); !errors.Is(err, gone) {
		t.Error(err)
	}
}

// TestCloudTrail reads real files: every record is found, and read with the inferred columns nothing is lost.
func TestCloudTrail(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testcorpus.Dir(t), "data/cloudtrail/*.gz"))
	if err != nil || len(files) != 55 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	records, twice, columns := 0, 0, schema.StructOf()
	for pass := range 2 {
		records = 0
		for _, name := range files {
			packed, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			src, _, err := compression.Open(bytes.NewReader(packed), name)
			if err != nil {
				t.Fatal(err)
			}
			if pass == 0 {
				i, err := jsonrows.Infer(src, jsonrows.InferOptions{Path: "$.Records[*]"})
				if err != nil || i.Malformed > 0 || !i.Whole {
					t.Fatalf("%s: %+v, %v", name, i, err)
				}
				for _, c := range i.Columns {
					columns = schema.Widen(columns, schema.StructOf(schema.Field{Name: c.Name, Type: c.Type}))
				}
				records += int(i.Records)
				continue
			}
			got := read(t, src, strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(columns.String(), "struct<"), ">"), "unknown", "string"),
				jsonrows.Options{SerDe: jsonrows.Spark, Path: "$.Records[*]"})
			for line := range strings.Lines(got) {
				switch {
				case !strings.HasPrefix(line, "!"):
					records++
				case strings.Contains(line, "stands twice"): // tag and Tag, which the OpenX SerDe refuses on AWS too
					twice++
				default:
					t.Errorf("%s: %s", name, line)
				}
			}
		}
		if records != 2900 {
			t.Errorf("pass %d: %d records", pass, records)
		}
	}
	if len(columns.Fields) != 27 || twice != 8 {
		t.Errorf("%d columns, %d keys twice: %.3000s", len(columns.Fields), twice, columns)
	}
}

func FuzzInfer(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"a\":[1,{\"b\":null}]}"), "$")
	f.Add([]byte("[[1],{\"a\":{\"a\":\"x\"}}"), "$[*].a")
	f.Fuzz(func(t *testing.T, in []byte, path string) {
		infer(t, string(in), jsonrows.InferOptions{Path: path})
		infer(t, string(in), jsonrows.InferOptions{ArrayColumn: true, MaxRecord: 100})
	})
}

func BenchmarkInfer(b *testing.B) {
	text := flatRows(50000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if i, err := jsonrows.Infer(bytes.NewReader(text), jsonrows.InferOptions{}); err != nil || i.Records != 50000 {
			b.Fatal(i, err)
		}
	}
}

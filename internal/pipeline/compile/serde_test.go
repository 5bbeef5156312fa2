package compile

import (
	"encoding/json"
	"strings"
	"testing"

	"penstock/internal/pipeline"
)

// TestSourceOptionsAreSerDeProperties reads options as people write them and finds them in the table, in Hive's words.
func TestSourceOptionsAreSerDeProperties(t *testing.T) {
	const open, lazy = "org.apache.hadoop.hive.serde2.OpenCSVSerde", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	for options, want := range map[string]string{
		"": `{"columns":["a","b"],"lib":"` + open +
			`","serde":{"quoteChar":"\"","separatorChar":","},"table":{"classification":"csv","skip.header.line.count":"1"}}`,
		"header: false": `{"columns":["a","b"],"lib":"` + open +
			`","serde":{"quoteChar":"\"","separatorChar":","},"table":{"classification":"csv","penstock.header":"false"}}`,
		"header: [b, a], skip: 2": `{"columns":["b","a"],"lib":"` + open + `","serde":{"quoteChar":"\"","separatorChar":","},` +
			`"table":{"classification":"csv","penstock.header":"false","skip.header.line.count":"2"}}`,
		"skip: 2": `{"columns":["a","b"],"lib":"` + open + `","serde":{"quoteChar":"\"","separatorChar":","},` +
			`"table":{"classification":"csv","penstock.header":"true","skip.header.line.count":"3"}}`,
		`delimiter: ";", quote: "'", escape: \, encoding: Windows-1252`: `{"columns":["a","b"],"lib":"` + open + `",` +
			`"serde":{"escapeChar":"\\","quoteChar":"'","separatorChar":";","serialization.encoding":"windows-1252"},` +
			`"table":{"classification":"csv","skip.header.line.count":"1"}}`,
		`delimiter: \t, quote: '', encoding: utf-16`: `{"columns":["a","b"],"lib":"` + lazy + `",` +
			`"serde":{"field.delim":"\t","penstock.null":"[\"\"]","serialization.encoding":"UTF-16","serialization.format":"\t",` +
			`"serialization.null.format":""},` +
			`"table":{"skip.header.line.count":"1"}}`,
		`null: [\N, NULL, '']`: `{"columns":["a","b"],"lib":"` + open + `",` +
			`"serde":{"penstock.null":"[\"\\\\N\",\"NULL\",\"\"]","quoteChar":"\"","separatorChar":",","serialization.null.format":"\\N"},` +
			`"table":{"classification":"csv","skip.header.line.count":"1"}}`,
		`null: NA`: `{"columns":["a","b"],"lib":"` + open + `",` +
			`"serde":{"penstock.null":"[\"NA\"]","quoteChar":"\"","separatorChar":",","serialization.null.format":"NA"},` +
			`"table":{"classification":"csv","skip.header.line.count":"1"}}`,
	} {
		if got := serdeOf(t, options); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", options, got, want)
		}
	}
}

// compiled compiles a pipeline whose source has options.
func compiledWith(t *testing.T, options string) *Plan {
	t.Helper()
	spec, err := pipeline.Parse(".", `pipeline: shop
buckets: {raw: {versioning: true}, curated: {}}
sources:
  s: {s3: raw/s/, format: csv, columns: {a: int, b: string}, `+options+`}
  c: {s3: raw/c/, format: csv, crawl: {}, on_bad_file: quarantine, max_rejected: 10}
transforms:
  t: {sql: SELECT a FROM STREAM s, to: curated/t/}
`, nil)
	if err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	plan, err := Compile(spec)
	if err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	return plan
}

func serdeOf(t *testing.T, options string) string {
	t.Helper()
	var got struct {
		Resources struct {
			STable struct {
				Properties struct {
					TableInput struct {
						Parameters        map[string]string
						StorageDescriptor struct {
							Columns   []struct{ Name string }
							SerdeInfo struct {
								SerializationLibrary string
								Parameters           map[string]string
							}
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(compiledWith(t, options).Template, &got); err != nil {
		t.Fatal(err)
	}
	table := got.Resources.STable.Properties.TableInput
	var columns []string
	for _, c := range table.StorageDescriptor.Columns {
		columns = append(columns, c.Name)
	}
	text, err := json.Marshal(map[string]any{
		"columns": columns, "lib": table.StorageDescriptor.SerdeInfo.SerializationLibrary,
		"serde": table.StorageDescriptor.SerdeInfo.Parameters, "table": table.Parameters,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLimitsAreJobArguments finds what sources say of bad files and rows in the arguments of the jobs that read them.
func TestLimitsAreJobArguments(t *testing.T) {
	template := string(compiledWith(t, "max_rejected: 1%, on_bad_file: stop").Template)
	for _, want := range []string{`"--penstock-on-bad-file": "c=quarantine"`, `"--penstock-max-rejected": "s=1%,c=10"`} {
		if n := strings.Count(template, want); n != 3 {
			t.Errorf("%s stands in %d jobs, want 3", want, n)
		}
	}
	if strings.Contains(compiledText(t), "--penstock-max-rejected\": \"s=") {
		t.Error("a source without a limit has one")
	}
}

func compiledText(t *testing.T) string { return string(compiledWith(t, "").Template) }

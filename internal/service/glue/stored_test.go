package glue

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestStored gives every member that the catalog stores a value and finds it again unchanged: clients compare what they read with what
// they wrote.
func TestStored(t *testing.T) {
	const storage = `{"Columns": [{"Name": "id", "Type": "bigint", "Comment": "c", "Parameters": {"p": "q"}}, {"Name": "x",
		"Type": "struct<a:int>"}],
		"Location": "s3://b/t", "InputFormat": "i", "OutputFormat": "o", "Compressed": true, "NumberOfBuckets": 4, "BucketColumns": ["id"],
		"SortColumns": [{"Column": "id", "SortOrder": 1}], "Parameters": {"k": "v"}, "StoredAsSubDirectories": true,
		"SkewedInfo": {"SkewedColumnNames": ["id"], "SkewedColumnValues": ["1"], "SkewedColumnValueLocationMaps": {"1": "s3://b/1"}},
		"SerdeInfo": {"Name": "n", "SerializationLibrary": "l", "Parameters": {"a": "b"}}}`
	for _, c := range []struct{ create, input, get, inner, outer string }{
		{"CreateDatabase", `{"Name": "db", "Description": "d", "LocationUri": "s3://b/", "Parameters": {"a": "b"}}`, `GetDatabase {"Name": "db"}`,
			"DatabaseInput", "Database"},
		{"CreateTable", `{"Name": "t", "Description": "d", "Owner": "me", "Retention": 3, "TableType": "EXTERNAL_TABLE", "Parameters": {"a": "b"},
			"PartitionKeys": [{"Name": "k", "Type": "string", "Comment": "c"}], "ViewOriginalText": "v", "ViewExpandedText": "w",
			"LastAccessTime": "2026-01-02T03:04:05Z", "LastAnalyzedTime": "2026-01-02T03:04:06Z", "StorageDescriptor": ` + storage + `}`,
			`GetTable {"DatabaseName": "db", "Name": "t"}`, "TableInput", "Table"},
		{"CreatePartition", `{"Values": ["x"], "Parameters": {"a": "b"}, "LastAccessTime": "2026-01-02T03:04:05Z",
			"LastAnalyzedTime": "2026-01-02T03:04:06Z", "StorageDescriptor": ` + storage + `}`,
			`GetPartition {"DatabaseName": "db", "TableName": "t", "PartitionValues": ["x"]}`, "PartitionInput", "Partition"},
	} {
		w := open(t, t.TempDir())
		w.call(t, "CreateDatabase", `{"DatabaseInput": {"Name": "db"}}`)
		w.call(t, "CreateTable", `{"DatabaseName": "db", "TableInput": {"Name": "t", "PartitionKeys": [{"Name": "k", "Type": "string"}]}}`)
		in := `{"` + c.inner + `": ` + c.input + `}`
		switch c.create {
		case "CreateDatabase":
			w.call(t, "DeleteDatabase", `{"Name": "db"}`)
		case "CreateTable":
			w.call(t, "DeleteTable", `{"DatabaseName": "db", "Name": "t"}`)
			in = `{"DatabaseName": "db", ` + in[1:]
		default:
			in = `{"DatabaseName": "db", "TableName": "t", ` + in[1:]
		}
		if got := w.call(t, c.create, in); got != "{}" {
			t.Fatalf("%s: %s", c.create, got)
		}
		var out map[string]map[string]any
		op, arg, _ := strings.Cut(c.get, " ")
		must(t, json.Unmarshal([]byte(w.call(t, op, arg)), &out))
		sameMembers(t, c.create, c.input, out[c.outer])
	}
}

func TestCrawlerStored(t *testing.T) {
	w := open(t, t.TempDir())
	const in = `{"Name": "c", "Role": "arn:aws:iam::000000000000:role/r", "DatabaseName": "db", "Description": "d", "TablePrefix": "p_",
		"Configuration": "{\"Version\":1.0,\"CreatePartitionIndex\":true}", "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
		"SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}, "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"}}`
	if got := w.call(t, "CreateCrawler",
		in[:len(in)-1]+`, "Targets": {"S3Targets": [{"Path": "s3://b/x", "Exclusions": ["*.md"], "SampleSize": 3}]}}`); got != "{}" {
		t.Fatal(got)
	}
	var out map[string]map[string]any
	must(t, json.Unmarshal([]byte(w.call(t, "GetCrawler", `{"Name": "c"}`)), &out))
	sameMembers(t, "CreateCrawler", in, out["Crawler"])
}

// sameMembers wants every member of a JSON input in an answer.
func sameMembers(t *testing.T, op, input string, got map[string]any) {
	t.Helper()
	var want map[string]any
	must(t, json.Unmarshal([]byte(input), &want))
	for k, v := range want {
		if !reflect.DeepEqual(got[k], v) {
			t.Errorf("%s.%s: wrote %v, read %v", op, k, v, got[k])
		}
	}
}

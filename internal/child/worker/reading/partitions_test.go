package reading

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// ducked is a Parquet file of a query's rows.
func ducked(t testing.TB, query string) []byte {
	t.Helper()
	dir := t.TempDir()
	e, err := engine.Open(t.Context(), engine.Options{AllowedDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := e.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	path := filepath.Join(dir, "x.parquet")
	if _, err := c.Exec(t.Context(), "COPY ("+query+") TO "+engine.Literal(path)+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// partitioned is a CSV table with the partition key p and a partition for each form, in order: 0, 1, ...
func partitioned(columns string, forms ...task.Form) task.Table {
	t := task.Table{Database: "d", Name: "x", Location: "s3://b/x/", SerDe: lazy, SerDeParams: pairs("field.delim=,"),
		Parameters: pairs("classification=csv"), Columns: taskColumns(columns), PartitionKeys: taskColumns("p int"), Forms: forms}
	for i := range len(forms) + 1 {
		n := string(rune('0' + i))
		t.Partitions = append(t.Partitions, task.Partition{Values: []string{n}, Location: "s3://b/x/p=" + n + "/", Form: i})
	}
	return t
}

// TestPartitionOfAnotherSchema: the columns of text are taken by position, with the partition's types, and then made the table's.
func TestPartitionOfAnotherSchema(t *testing.T) {
	var l lake
	l.put(t, "x/p=0/a", []byte("1,a,0.5\n"))
	l.put(t, "x/p=1/a", []byte("7,b\n8,c,1.5\n"))  // its columns are two; a line may have the table's too
	l.put(t, "x/p=2/a", []byte("007,010\nx,11\n")) // the number 10 becomes the text 10
	l.put(t, "x/p=3/a", []byte("2.5,z\n"))
	got := l.read(t, partitioned("id bigint; t string; d double", task.Form{Columns: taskColumns("id int; t string")},
		task.Form{Columns: taskColumns("key string; n int")}, task.Form{Columns: taskColumns("id double; t string")}), nil)
	if want := `{"id":1,"t":"a","d":0.5,"p":0}
{"id":7,"t":"b","d":null,"p":1}
{"id":8,"t":"c","d":1.5,"p":1}
{"id":7,"t":"10","d":null,"p":2}
{"id":null,"t":"11","d":null,"p":2}
{"id":2,"t":"z","d":null,"p":3}
`; got.rows != want {
		t.Errorf("rows\n%s\nwant\n%s", got.rows, want)
	}
	if want := "s3://b/x/p=2/a line 2, column \"id\": \"x\" is no bigint\n"; got.bad != want {
		t.Errorf("findings %s, want %s", got.bad, want)
	}
}

// TestHeaderOfAPartition: a file's header is its partition's, or the table's, which may have grown since.
func TestHeaderOfAPartition(t *testing.T) {
	table := partitioned("id bigint; t string; d double", task.Form{Columns: taskColumns("id bigint; t string")})
	table.Parameters["skip.header.line.count"] = "1"
	var l lake
	l.put(t, "x/p=1/old", []byte("id,t\n1,a\n"))
	l.put(t, "x/p=1/new", []byte("id,t,d\n2,b,0.5\n"))
	got, want := l.read(t, table, nil).rows, "{\"id\":1,\"t\":\"a\",\"d\":null,\"p\":1}\n{\"id\":2,\"t\":\"b\",\"d\":0.5,\"p\":1}\n"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
	l.put(t, "x/p=1/other", []byte("id,u\n1,a\n"))
	if got := l.read(t, table, nil).rows; !strings.HasPrefix(got, `error: line 1, column "u": the catalog has "t" at this place`) {
		t.Error(got)
	}
	got = l.read(t, table, func(s *Source) { s.Evolve = true }).rows
	if !strings.Contains(got, `column "u": the catalog does not have this`) {
		t.Error(got)
	}
}

// TestPartitionOfAnotherFormat reads a table of CSV whose later partitions are JSON, ORC, Parquet and CSV with another delimiter.
func TestPartitionOfAnotherFormat(t *testing.T) {
	var l lake
	l.put(t, "x/p=0/a", []byte("1,a\n"))
	l.put(t, "x/p=1/a", []byte(`{"t":"b","id":2}`+"\n"))
	l.put(t, "x/p=2/a", orcFile(t, "id:bigint,t:string", func(b *column.Batch) {
		b.Columns[0].AppendInt(3)
		b.Columns[1].AppendBytes([]byte("c"))
		b.EndRows(1)
	}))
	l.put(t, "x/p=3/a", ducked(t, "SELECT 'd' AS T, 4::BIGINT AS id, 9 AS p"))
	l.put(t, "x/p=4/a", []byte("5;e\n"))
	table := partitioned("id bigint; t string", task.Form{SerDe: openX}, task.Form{SerDe: orcSerDe}, task.Form{SerDe: parquet},
		task.Form{SerDe: lazy, SerDeParams: pairs("field.delim=\x3b")})
	table.Forms[3].SerDeParams = map[string]string{"field.delim": ";"}
	got := l.read(t, table, nil)
	if want := `{"id":1,"t":"a","p":0}
{"id":2,"t":"b","p":1}
{"id":3,"t":"c","p":2}
{"id":4,"t":"d","p":3}
{"id":5,"t":"e","p":4}
`; got.rows != want || got.bad != "" || got.count != 4 {
		t.Errorf("rows\n%s\nwant\n%s\n%s, %d", got.rows, want, got.bad, got.count)
	}
	table.Forms[0].SerDe = "com.example.Odd"
	if got := l.read(t, table, nil).rows; !strings.HasPrefix(got, "error: table d.x, partition 1 is read by com.example.Odd") {
		t.Error(got)
	}
	l.files = l.files[:1]
	if got := l.read(t, table, nil).rows; got != "{\"id\":1,\"t\":\"a\",\"p\":0}\n" {
		t.Errorf("a partition that nobody reads: %s", got)
	}
}

// TestORCByPositionAndByName: position is what Athena and Hive do unless they are told.
func TestORCByPositionAndByName(t *testing.T) {
	body := orcFile(t, "a:int,b:string,c:struct<x:int,y:array<string>>", func(b *column.Batch) {
		b.Columns[0].AppendInt(1)
		b.Columns[1].AppendBytes([]byte("7"))
		b.Columns[2].Parts[0].AppendInt(5)
		b.Columns[2].Parts[1].Parts[0].AppendBytes([]byte("q"))
		b.Columns[2].Parts[1].AppendNested()
		b.Columns[2].AppendNested()
		b.EndRows(1)
	})
	for props, want := range map[string]string{
		"":                                `{"b":1,"a":"7","c":{"x":5,"y":["q"]}}`,
		"orc.column.index.access=true":    `{"b":1,"a":"7","c":{"x":5,"y":["q"]}}`,
		"orc.column.index.access=false":   `{"b":null,"a":"1","c":{"x":5,"y":["q"]}}`,
		"orc.schema.resolution=name":      `{"b":null,"a":"1","c":{"x":5,"y":["q"]}}`,
		"orc.schema.resolution=position":  `{"b":1,"a":"7","c":{"x":5,"y":["q"]}}`,
		"orc.schema.resolution=by chance": "error: ",
	} {
		var l lake
		l.put(t, "x/a", body)
		table := task.Table{Database: "d", Name: "x", Location: "s3://b/x/", SerDe: orcSerDe, SerDeParams: pairs(props),
			Columns: taskColumns("b int; a string; c struct<x:int,y:array<string>>")}
		if strings.Contains(want, "null") {
			table.Columns[0] = task.Column{Name: "b2", Type: "int"} // by name text is no int
			want = strings.Replace(want, `"b"`, `"b2"`, 1)
		}
		if got := l.read(t, table, nil).rows; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", props, got, want)
		}
		if strings.HasPrefix(want, "error") {
			continue
		}
		got := l.read(t, table, func(s *Source) { s.Use("SELECT c FROM x") }).rows // fewer columns have the places of all
		if got != `{"c":{"x":5,"y":["q"]}}`+"\n" {
			t.Errorf("%s: only c: %s", props, got)
		}
	}
}

// TestNestedParquet: the engine reads Parquet, fields by name, and what a file has not is null.
func TestNestedParquet(t *testing.T) {
	var l lake
	l.put(t, "x/a", ducked(t, "SELECT {'y': 2, 'x': 1::BIGINT} AS s, [1, 2] AS l, MAP {'k': [{'a': 1}]} AS m"))
	l.put(t, "x/b", ducked(t, "SELECT {'x': 3, 'z': 'more'} AS s"))
	got := l.read(t, task.Table{Database: "d", Name: "x", Location: "s3://b/x/", SerDe: parquet,
		Columns: taskColumns("s struct<x:bigint,y:int>; l array<bigint>; m map<string,array<struct<a:int,b:string>>>")}, nil)
	if want := `{"s":{"x":1,"y":2},"l":[1,2],"m":{"k":[{"a":1,"b":null}]}}
{"s":{"x":3,"y":null},"l":null,"m":null}
`; got.rows != want {
		t.Errorf("%s\nwant\n%s", got.rows, want)
	}
}

// TestColumnsNamedAsTheEngines: names that the engine has for itself are columns like others when files have them.
func TestColumnsNamedAsTheEngines(t *testing.T) {
	table := partitioned("filename string; file_index int; file_row_number int", task.Form{})
	table.SerDe = parquet
	var l lake
	l.put(t, "x/p=0/a", ducked(t, "SELECT 'f' AS filename, 70 AS file_index, 80 AS file_row_number"))
	l.put(t, "x/p=1/a", ducked(t, "SELECT 'g' AS filename, 71 AS file_index, 81 AS file_row_number"))
	if got, want := l.read(t, table, nil).rows, `{"filename":"f","file_index":70,"file_row_number":80,"p":0}
{"filename":"g","file_index":71,"file_row_number":81,"p":1}
`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	table.Columns = table.Columns[:1]
	if got := l.read(t, table, nil).rows; got != "{\"filename\":\"f\",\"p\":0}\n{\"filename\":\"g\",\"p\":1}\n" {
		t.Error(got)
	}
}

// TestValuesThatTheEngineRefuses: text that is no UTF-8 and a key that stands twice are NULL, counted and located.
func TestValuesThatTheEngineRefuses(t *testing.T) {
	var l lake
	l.put(t, "x/a", orcFile(t, "id:int,name:string,m:map<string,int>", func(b *column.Batch) {
		for i, name := range []string{"a", "b\xff", "c"} {
			b.Columns[0].AppendInt(int64(i))
			b.Columns[1].AppendBytes([]byte(name))
			b.Columns[2].Parts[0].AppendBytes([]byte("k"))
			b.Columns[2].Parts[1].AppendInt(1)
			if i == 2 {
				b.Columns[2].Parts[0].AppendBytes([]byte("k"))
				b.Columns[2].Parts[1].AppendInt(2)
			}
			b.Columns[2].AppendNested()
			b.EndRows(1)
		}
	}))
	got := l.read(t, task.Table{Database: "d", Name: "x", Location: "s3://b/x/", SerDe: orcSerDe,
		Columns: taskColumns("id int; name string; m map<string,int>")}, nil)
	if want := `{"id":0,"name":"a","m":{"k":1}}
{"id":1,"name":null,"m":{"k":1}}
{"id":2,"name":"c","m":null}
`; got.rows != want {
		t.Errorf("%s\nwant\n%s", got.rows, want)
	}
	if !strings.Contains(got.bad, `s3://b/x/a row 2, column "name": `) || !strings.Contains(got.bad, `s3://b/x/a row 3, column "m": `) {
		t.Error(got.bad)
	}
}

// TestMismatch has Athena's words where it refuses, and none where it reads.
func TestMismatch(t *testing.T) {
	parse := func(text string) []schema.Field {
		list, err := fields("t", taskColumns(text))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	got := serde.Mismatch("d.t", "p=1", parse("a string; c double"), parse("a string; c int"), false)
	want := "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition schemas. The types are incompatible and " +
		"cannot be coerced. The column 'c' in table 'd.t' is declared as type 'double', but partition 'p=1' declared column 'c' as " +
		"type 'int'."
	if got != want {
		t.Error(got)
	}
	for _, x := range []struct {
		table, own string
		ok         bool
	}{{"a bigint", "a int", true}, {"a int", "a bigint", false}, {"a string", "a int", true}, {"a double", "a float", true},
		{"a date", "a string", false},
		{"a bigint; b int", "z bigint", true}, {"a struct<x:bigint>", "a struct<x:int,y:int>", true},
		{"a struct<x:int>", "a struct<y:int>", false},
		{"a array<bigint>", "a array<int>", true}, {"a decimal(10,2)", "a decimal(5,1)", true}, {"a varchar(3)", "a string", true}} {
		if got := serde.Mismatch("d.t", "p", parse(x.table), parse(x.own), false); (got == "") != x.ok {
			t.Errorf("%s of %s: %q", x.own, x.table, got)
		}
	}
	if got := serde.Mismatch("d.t", "p", parse("a double"), parse("a int"), true); got != "" {
		t.Error(got)
	}
}

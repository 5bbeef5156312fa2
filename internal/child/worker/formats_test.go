package worker_test

import (
	"bytes"
	"strings"
	"testing"

	"penstock/internal/catalog"
	"penstock/internal/column"
	"penstock/internal/format/orc"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/schema"
)

// orcRows is an ORC file of ids and names.
func orcRows(t testing.TB, ids ...int64) []byte {
	t.Helper()
	columns := []schema.Field{{Name: "id", Type: schema.Of(schema.BigInt)}, {Name: "name", Type: schema.Of(schema.String)}}
	var out bytes.Buffer
	w, err := orc.NewWriter(&out, columns, orc.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(columns)
	for _, id := range ids {
		b.Columns[0].AppendInt(id)
		b.Columns[1].AppendBytes([]byte("orc"))
		b.EndRows(1)
	}
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lakeTable makes a table of ids and names whose files another SerDe reads.
func (s *shop) lakeTable(t testing.TB, name, serde, keys string, props, params map[string]string) *catalog.Table {
	t.Helper()
	var key []catalog.Column
	if keys != "" {
		key = []catalog.Column{{Name: keys, Type: "string"}}
	}
	table := catalog.Table{Database: "retail", Name: name, PartitionKeys: key, Parameters: params, Storage: &catalog.Storage{
		Location: "s3://raw/" + name + "/", SerDe: &catalog.SerDe{Library: &serde, Parameters: props},
		Columns: []catalog.Column{{Name: "id", Type: "bigint"}, {Name: "name", Type: "string"}}}}
	if err := s.Catalog.CreateTable(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	return &table
}

const openX = "org.openx.data.jsonserde.JsonSerDe"

func lakes(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	s.lakeTable(t, "events", openX, "", nil, nil)
	s.put(t, "raw", "events/a.json", []byte("{\"id\":1,\"name\":\"json\"}\n{\"id\":\"x\",\"name\":\"bad\"}\n"))
	s.lakeTable(t, "rows", "org.apache.hadoop.hive.ql.io.orc.OrcSerde", "", nil, nil)
	s.put(t, "raw", "rows/a.orc", orcRows(t, 2, 3))
	s.lakeTable(t, "hits", "com.amazonaws.glue.serde.GrokSerDe", "", map[string]string{"input.format": "%{INT:id} %{WORD:name}"}, nil)
	s.put(t, "raw", "hits/a.log.gz", zip(t, "4 grok\nbroken\n"))
	s.lakeTable(t, "doc", "", "", map[string]string{"rowTag": "r"}, map[string]string{"classification": "xml"})
	s.put(t, "raw", "doc/a.xml", []byte("<d><r><id>5</id><name>xml</name></r></d>"))
	s.Table(t, "retail", "all", "s3://curated/all/", jobtest.Parquet, "id bigint, name string", "", nil)
	args := map[string]string{"--penstock-step": "sql", "--penstock-database": "retail", "--penstock-target": "all", "--penstock-sql": "?"}
	if err := s.Jobs.Create(t.Context(), job.Definition{Name: "all", DefaultArguments: args}, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSQLOverEveryFormat: one SELECT over tables of four formats; what is damaged is NULL, counted and located.
func TestSQLOverEveryFormat(t *testing.T) {
	s := lakes(t)
	r := s.good(t, "all", "sql", "SELECT id, name FROM events UNION ALL SELECT id, name FROM rows UNION ALL SELECT id, name FROM hits "+
		"UNION ALL SELECT id, name FROM doc")
	if got, want := s.query(t, "s3://curated/all/", "SELECT * FROM t ORDER BY id NULLS LAST, name"),
		"1|json\n2|orc\n3|orc\n4|grok\n5|xml\n|bad\n|\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r.Result.RowsRead != 7 || r.Result.BadValues != 2 || r.Result.RowsRejected != 0 {
		t.Errorf("%+v", r.Result)
	}
	got := strings.Join(s.Lines(t, r.ID), "\n")
	for _, want := range []string{`bad value: s3://raw/events/a.json line 2, column "id": not a number: "x"`,
		`bad value: s3://raw/hits/a.log.gz line 2, the line does not match the pattern: "broken"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %q:\n%s", want, got)
		}
	}
	for _, table := range []string{"events", "rows", "hits", "doc"} { // nothing of a row is asked for
		r := s.good(t, "all", "sql", "SELECT count(*) AS id, 'n' AS name FROM "+table)
		if got, want := s.query(t, "s3://curated/all/", "SELECT id FROM t"), map[string]string{"doc": "1\n"}[table]; got != want && got != "2\n" {
			t.Errorf("%s: %s rows, %+v", table, got, r.Result)
		}
	}
}

// TestCheckOfEveryFormat: rules see any table, and name its rows by line or number.
func TestCheckOfEveryFormat(t *testing.T) {
	s := lakes(t)
	s.rules["r"] = `Rules = [ RowCount = 2, IsComplete "name", ColumnValues "id" < 3 ]`
	for table, want := range map[string]string{
		"events": `s3://raw/events/a.json line 2, column "id": not a number: "x"`,
		"rows":   `s3://raw/rows/a.orc row 2, column "id": value "3"`,
		"hits":   `s3://raw/hits/a.log.gz line 2, column "name": no value`,
		"doc":    "rule RowCount = 2: FAIL",
	} {
		r := s.run(t, "check", "source", table, "ruleset", "r")
		if r.State != job.Failed || !strings.Contains(r.Error, want) {
			t.Errorf("%s: %s %q lacks %q", table, r.State, r.Error, want)
		}
	}
	s.rules["r"] = `Rules = [ RowCount = 2, IsComplete "name", IsUnique "id" ]`
	if r := s.good(t, "check", "source", "rows", "ruleset", "r"); len(r.Result.Rules) != 3 || r.Result.Files != 1 {
		t.Errorf("%+v", r.Result)
	}
	r := s.run(t, "check", "source", "events", "max-rejected", "0")
	if !strings.Contains(r.Error, "1 of 2 rows have a value that does not fit") {
		t.Error(r.State, r.Error)
	}
}

// TestDamagedFilesOfEveryFormat: a file that is no such file ends the step by its name, or is set aside.
func TestDamagedFilesOfEveryFormat(t *testing.T) {
	s := lakes(t)
	s.put(t, "raw", "rows/cut.orc", orcRows(t, 7)[:60])
	s.put(t, "raw", "events/b.json", []byte("{\"id\":8,\"name\":\"b\"}\n{\"id\":\n"))
	s.put(t, "raw", "doc/b.xml", []byte("<d><r><id>5</id><name>xml</nme></r></d>"))
	for table, want := range map[string]string{"rows": "s3://raw/rows/cut.orc: ORC: ",
		"events": "s3://raw/events/b.json: line 2: malformed JSON: ",
		"doc":    "s3://raw/doc/b.xml: line 1: "} {
		if r := s.run(t, "check", "source", table); r.State != job.Failed || !strings.Contains(r.Error, want) || len(r.Result.BadFiles) != 1 {
			t.Errorf("%s: %s %q, %+v", table, r.State, r.Error, r.Result)
		}
		if r := s.good(t, "check", "source", table, "on-bad-file", "quarantine"); r.Result.Quarantined != 1 || r.Result.RowsRead > 2 {
			t.Errorf("%s: %+v", table, r.Result)
		}
	}
	r := s.good(t, "check", "source", "events", "max-rejected", "2")
	if r.Result.RowsRead != 4 || r.Result.RowsRejected != 1 || r.Result.BadValues != 1 {
		t.Errorf("%+v", r.Result)
	}
}

// TestPartitionsThatDiffer: a partition of the catalog has a SerDe and columns of its own; projection is told of.
func TestPartitionsThatDiffer(t *testing.T) {
	s := lakes(t)
	table := s.lakeTable(t, "mixed", csvSerDe, "day", map[string]string{"field.delim": ","},
		map[string]string{"classification": "csv", "projection.enabled": "true"})
	json := openX
	first, second := table.PartitionAt([]string{"1"}, "s3://raw/mixed/day=1/"), table.PartitionAt([]string{"2"}, "s3://raw/mixed/day=2/")
	second.Storage.SerDe = &catalog.SerDe{Library: &json}
	third := table.PartitionAt([]string{"3"}, "s3://raw/mixed/day=3/")
	third.Storage.Columns = []catalog.Column{{Name: "id", Type: "int"}}
	if _, err := s.Catalog.CreatePartitions(t.Context(), "retail", "mixed", []catalog.Partition{first, second, third}); err != nil {
		t.Fatal(err)
	}
	s.put(t, "raw", "mixed/day=1/a", []byte("1,a\n"))
	s.put(t, "raw", "mixed/day=2/a", []byte("{\"name\":\"b\",\"id\":2}\n"))
	s.put(t, "raw", "mixed/day=3/a", []byte("3\n"))
	s.put(t, "raw", "mixed/day=4/a", []byte("4,d\n"))
	r := s.good(t, "all", "sql", "SELECT id, concat(coalesce(name, '-'), day) AS name FROM mixed")
	if got := s.query(t, "s3://curated/all/", "SELECT * FROM t ORDER BY 1"); got != "1|a1\n2|b2\n3|-3\n" {
		t.Errorf("got %s", got)
	}
	if got := strings.Join(s.Lines(t, r.ID), "\n"); !strings.Contains(got, "table mixed: its partition projection is not used") {
		t.Error(got)
	}
}

// TestCheckOfStrays: a file that no partition has is told to who asks for it, and nobody else.
func TestCheckOfStrays(t *testing.T) {
	s := lakes(t)
	table := s.lakeTable(t, "made", openX, "dt", nil, nil)
	if r := s.good(t, "check", "source", "made", "partitions", "complete"); r.Result.RowsRead != 0 {
		t.Errorf("an empty table has %d rows", r.Result.RowsRead)
	}
	s.put(t, "raw", "made/dt=1/a.json", []byte(`{"id": 1, "name": "a"}`+"\n"))
	s.put(t, "raw", "made/_SUCCESS", []byte("x"))
	want := "1 of the files below s3://raw/made/ lie in no partition of table made, and nobody would see their rows; " +
		"the first is s3://raw/made/dt=1/a.json. The table's folders are dt=.../"
	if r := s.run(t, "check", "source", "made", "partitions", "complete"); r.State != job.Failed || r.Error != want {
		t.Errorf("%s %q", r.State, r.Error)
	}
	s.good(t, "check", "source", "made")
	storage := *table.Storage
	storage.Location = "s3://raw/made/dt=1/"
	if _, err := s.Catalog.CreatePartitions(t.Context(), "retail", "made",
		[]catalog.Partition{{Values: []string{"1"}, Storage: &storage}}); err != nil {
		t.Fatal(err)
	}
	if r := s.good(t, "check", "source", "made", "partitions", "complete"); r.Result.RowsRead != 1 {
		t.Errorf("the table has %d rows", r.Result.RowsRead)
	}
}

package engine_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/engine"
	"penstock/internal/schema"
)

// appendTo appends one batch to a new table of its columns.
func appendTo(t testing.TB, c *engine.Conn, table string, fields []schema.Field, b *column.Batch) error {
	t.Helper()
	createTable(t, c, table, fields)
	a, err := c.Appender(t.Context(), "", table)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.AppendBatch(b); err != nil {
		if got := a.Close(); got != nil {
			t.Errorf("closing after %v: %v", err, got)
		}
		return err
	}
	return a.Close()
}

// TestWhatDuckDBSees compares the rows in DuckDB's own words with those of the batch.
func TestWhatDuckDBSees(t *testing.T) {
	_, c := open(t, engine.Options{})
	fields := fieldsOf(t, "a:boolean,b:tinyint,c:smallint,d:int,e:bigint,f:decimal(4,1),g:decimal(9,1),h:decimal(18,2),i:decimal(38,3),"+
		"j:string,k:date,l:timestamp,m:array<string>,n:map<string,struct<x:int,y:array<bigint>>>,o:struct<p:struct<q:varchar(3)>>")
	b := column.NewBatch(fields)
	for i := range 2 * engine.ChunkRows {
		for n, v := range b.Columns[:5] {
			v.AppendInt(int64(i % 2 * n))
		}
		for n, v := range b.Columns[5:9] {
			v.AppendDecimal(convert.FromInt64(int64(i%5 - 2*n)))
		}
		b.Columns[9].AppendBytes([]byte(strings.Repeat("é", i%9)))
		b.Columns[10].AppendInt(int64(i - 700))
		b.Columns[11].AppendInt(int64(i)*123_456_789_500 - 1e14)
		fillNested(b.Columns[12:], i)
		b.EndRows(1)
	}
	if err := appendTo(t, c, "t", fields, b); err != nil {
		t.Fatal(err)
	}
	want := strings.Split(rows(t, c, "SELECT to_json(t)::VARCHAR FROM t"), "\n")
	for i := range b.Rows() {
		if got := string(b.AppendJSON(nil, i)); got != want[i] {
			t.Fatalf("row %d is\n%s, in DuckDB\n%s", i, got, want[i])
		}
	}
}

func fillNested(v []*column.Vector, i int) {
	for n := range i % 4 {
		v[0].Parts[0].AppendBytes(fmt.Appendf(nil, "element %d of %d", n, i))
	}
	v[0].AppendNested()
	for n := range i % 3 {
		v[1].Parts[0].AppendBytes(fmt.Appendf(nil, "key%d", n))
		xy := v[1].Parts[1]
		if i%2 == 0 {
			xy.AppendNull()
			continue
		}
		xy.Parts[0].AppendInt(int64(i))
		xy.Parts[1].Parts[0].AppendNull()
		xy.Parts[1].AppendNested()
		xy.AppendNested()
	}
	v[1].AppendNested()
	if i%5 == 0 {
		v[2].AppendNull()
		return
	}
	v[2].Parts[0].Parts[0].AppendBytes([]byte("abc"))
	v[2].Parts[0].AppendNested()
	v[2].AppendNested()
}

func TestDecimals(t *testing.T) {
	_, c := open(t, engine.Options{})
	for _, typ := range []string{"decimal(1,0)", "decimal(4,3)", "decimal(5,0)", "decimal(9,3)", "decimal(10,9)", "decimal(18,0)",
		"decimal(19,1)", "decimal(38,0)", "decimal(38,37)"} {
		fields := fieldsOf(t, "d:"+typ)
		v, want := column.NewBatch(fields), ""
		p, scale := fields[0].Type.Precision, fields[0].Type.Scale
		for _, digits := range []string{strings.Repeat("9", p), "1", strings.Repeat("1", (p+1)/2)} {
			d, fault := convert.Spark.Decimal([]byte(digits), p, 0)
			if fault != convert.None {
				t.Fatal(fault)
			}
			for _, d := range []convert.Int128{d, d.Neg()} {
				v.Columns[0].AppendDecimal(d)
				v.EndRows(1)
				want += string(convert.AppendDecimal(nil, d, scale)) + "\n"
			}
		}
		if err := appendTo(t, c, "t", fields, v); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, c, "SELECT d::VARCHAR FROM t"); got != want {
			t.Errorf("%s in DuckDB:\n%s, not\n%s", typ, got, want)
		}
	}
}

func TestFloatsAndBytes(t *testing.T) {
	_, c := open(t, engine.Options{})
	fields := fieldsOf(t, "f:float,d:double,b:binary")
	b := column.NewBatch(fields)
	for _, f := range []float64{0.1, math.NaN(), math.Inf(-1), math.Copysign(0, -1)} {
		b.Columns[0].AppendFloat(float64(float32(f)))
		b.Columns[1].AppendFloat(f)
		b.Columns[2].AppendBytes([]byte("\xff\x00 thirteen bytes"))
		b.EndRows(1)
	}
	if err := appendTo(t, c, "t", fields, b); err != nil {
		t.Fatal(err)
	}
	got := rows(t, c, `SELECT f::VARCHAR, d::VARCHAR, b = '\xff\x00 thirteen bytes'::BLOB FROM t`)
	if want := "0.1|0.1|true\nnan|nan|true\n-inf|-inf|true\n-0.0|-0.0|true\n"; got != want {
		t.Errorf("DuckDB has\n%s", got)
	}
}

// TestWhatNullsHide: under a null lie values that nobody has cleared, and that need not even fit.
func TestWhatNullsHide(t *testing.T) {
	_, c := open(t, engine.Options{})
	fields := fieldsOf(t, "s:struct<x:int,y:struct<z:string>>,l:array<string>,m:map<string,int>,i:tinyint")
	b := column.NewBatch(fields)
	for range 2 {
		b.Columns[0].Parts[0].AppendInt(1 << 40)
		b.Columns[0].Parts[1].Parts[0].AppendBytes([]byte{0xff})
		b.Columns[0].Parts[1].AppendNested()
		b.Columns[0].AppendNested()
		b.Columns[1].Parts[0].AppendBytes([]byte("\xff\xfe more than twelve bytes"))
		b.Columns[1].AppendNested()
		b.Columns[2].Parts[0].AppendNull()
		b.Columns[2].Parts[1].AppendInt(1 << 40)
		b.Columns[2].AppendNested()
		b.Columns[3].AppendInt(999)
		b.EndRows(1)
	}
	for _, v := range b.Columns {
		v.Null[0], v.Null[1] = true, true
	}
	if err := appendTo(t, c, "t", fields, b); err != nil {
		t.Fatal(err)
	}
	got := rows(t, c, "SELECT s.x, s.y, s.y.z, l, len(l), m, map_keys(m), i FROM t")
	if want := strings.Repeat("NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n", 2); got != want {
		t.Errorf("DuckDB has\n%s", got)
	}
	back := column.NewBatch(fields)
	readAll(t, c, "FROM t", back)
	same(t, back, b)
}

// TestFaultsBehindNulls: what lies under a null does not hide the fault of a later row.
func TestFaultsBehindNulls(t *testing.T) {
	_, c := open(t, engine.Options{})
	for typ, text := range map[string]func(v *column.Vector) *column.Vector{
		"array<string>":    func(v *column.Vector) *column.Vector { return v.Parts[0] },
		"struct<s:string>": func(v *column.Vector) *column.Vector { return v.Parts[0] },
	} {
		fields := fieldsOf(t, "c:"+typ)
		b := column.NewBatch(fields)
		for i, s := range []string{"\xfe", "good", "\xfd", "\xff", "\xfc"} {
			text(b.Columns[0]).AppendBytes([]byte(s))
			b.Columns[0].AppendNested()
			b.Columns[0].Null[i] = i == 0 || i == 2
			b.EndRows(1)
		}
		err := appendTo(t, c, "t", fields, b)
		if err == nil || !strings.HasPrefix(err.Error(), "row 4, column c") || !strings.HasSuffix(err.Error(), `not UTF-8: "\xff"`) {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

// TestManyBytesAreFlushed: what DuckDB holds of batches beside its buffers is bounded.
func TestManyBytesAreFlushed(t *testing.T) {
	_, c := open(t, engine.Options{})
	fields := fieldsOf(t, "s:string")
	createTable(t, c, "t", fields)
	a, err := c.Appender(t.Context(), "", "t")
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(fields)
	b.Columns[0].AppendBytes([]byte(strings.Repeat("x", 20<<20)))
	b.EndRows(1)
	for i, want := range []string{"0\n", "2\n", "2\n", "4\n"} {
		if err := a.AppendBatch(b); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, c, "SELECT count(*) FROM t"); got != want {
			t.Errorf("after batch %d the table has %s rows, not %s", i+1, got, want)
		}
	}
	a.Abandon()
}

func TestValuesThatDuckDBCannotHold(t *testing.T) {
	_, c := open(t, engine.Options{})
	big := convert.Int128{Hi: math.MinInt64}
	for _, x := range []struct {
		typ     string
		append  func(v *column.Vector)
		column  string
		problem string
	}{
		{"string", func(v *column.Vector) { v.AppendBytes([]byte("a\xffb")) }, "c", `not UTF-8: "a\xffb"`},
		{"boolean", func(v *column.Vector) { v.AppendInt(2) }, "c", "2 is out of the range of boolean"},
		{"tinyint", func(v *column.Vector) { v.AppendInt(-129) }, "c", "-129 is out of the range of tinyint"},
		{"smallint", func(v *column.Vector) { v.AppendInt(1 << 15) }, "c", "32768 is out of the range of smallint"},
		{"int", func(v *column.Vector) { v.AppendInt(1 << 31) }, "c", "2147483648 is out of the range of int"},
		{"date", func(v *column.Vector) { v.AppendInt(math.MaxInt32) }, "c",
			"day 2147483647 since 1970-01-01 is out of the range of a date"},
		{"timestamp", func(v *column.Vector) { v.AppendInt(math.MinInt64) }, "c",
			"microsecond -9223372036854775808 since 1970-01-01 is out of the range of a timestamp"},
		{"float", func(v *column.Vector) { v.AppendFloat(0.1) }, "c", "0.1 is no number of float's precision"},
		{"decimal(4,2)", func(v *column.Vector) { v.AppendDecimal(convert.FromInt64(-10000)) }, "c",
			"-100.00 is out of the range of decimal(4,2)"},
		{"decimal(38,0)", func(v *column.Vector) { v.AppendDecimal(big) }, "c",
			"-170141183460469231731687303715884105728 is out of the range of decimal(38,0)"},
		{"struct<a:array<struct<b:string>>>", func(v *column.Vector) {
			v.Parts[0].Parts[0].Parts[0].AppendBytes([]byte{0xc3})
			v.Parts[0].Parts[0].AppendNested()
			v.Parts[0].AppendNested()
			v.AppendNested()
		}, "c.a.b", `not UTF-8: "\xc3"`},
		{"map<int,int>", func(v *column.Vector) { keys(v, v.Parts[0].AppendNull) }, "c", "a key of a map is null"},
		{"map<int,int>", func(v *column.Vector) {
			keys(v, func() { v.Parts[0].AppendInt(7) }, func() { v.Parts[0].AppendInt(8) }, func() { v.Parts[0].AppendInt(7) })
		}, "c", `a map has a key twice: "7"`},
		{"map<double,int>", func(v *column.Vector) {
			keys(v, func() { v.Parts[0].AppendFloat(0) }, func() { v.Parts[0].AppendFloat(math.Copysign(0, -1)) })
		}, "c", `a map has a key twice: "0"`},
		{"map<string,int>", func(v *column.Vector) {
			var all []func()
			for i := range 40 {
				all = append(all, func() { v.Parts[0].AppendBytes(fmt.Append(nil, i%39)) })
			}
			keys(v, all...)
		}, "c", `a map has a key twice: "0"`},
	} {
		fields := fieldsOf(t, "k:string,c:"+x.typ)
		b := column.NewBatch(fields)
		for range engine.ChunkRows + 5 {
			b.Columns[0].AppendBytes([]byte("key"))
			b.Columns[1].AppendNull()
			b.EndRows(1)
		}
		b.Columns[0].AppendBytes(nil)
		x.append(b.Columns[1])
		b.EndRows(1)
		err := appendTo(t, c, "t", fields, b)
		var v *engine.ValueError
		if want := fmt.Sprintf("row 2054, column %s: %s", x.column, x.problem); !errors.As(err, &v) || err.Error() != want {
			t.Errorf("%s: %v, not %s", x.typ, err, want)
		}
		if n := rows(t, c, "SELECT count(*) FROM t"); n != "0\n" {
			t.Errorf("%s: %s rows of the batch are in the table", x.typ, n)
		}
	}
}

func keys(m *column.Vector, add ...func()) {
	for _, f := range add {
		f()
		m.Parts[1].AppendInt(1)
	}
	m.AppendNested()
}

// TestTextCutWithinACharacter: two texts that are UTF-8 only together are not.
func TestTextCutWithinACharacter(t *testing.T) {
	_, c := open(t, engine.Options{})
	fields := fieldsOf(t, "s:string")
	b := column.NewBatch(fields)
	for _, s := range []string{"ü", "a\xc3", "\xbcb"} {
		b.Columns[0].AppendBytes([]byte(s))
		b.EndRows(1)
	}
	if err := appendTo(t, c, "t", fields, b); err == nil || err.Error() != `row 2, column s: not UTF-8: "a\xc3"` {
		t.Error(err)
	}
}

func TestABatchThatIsNotTheTables(t *testing.T) {
	_, c := open(t, engine.Options{})
	if _, err := c.Exec(t.Context(), "CREATE SCHEMA other; CREATE TABLE other.t(a INTEGER, s STRUCT(x DECIMAL(5,2), y VARCHAR[])); "+
		"CREATE TABLE g(a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1)); CREATE TABLE w(a UTINYINT)"); err != nil {
		t.Fatal(err)
	}
	for _, x := range [][3]string{
		{"t", "a:int", "a batch has 1 columns, table t 2"},
		{"t", "s:struct<x:decimal(5,2),y:array<string>>,a:int", "column 1 of a batch is s, of table t a"},
		{"t", "a:string,s:struct<x:decimal(5,2),y:array<string>>", "column a of a batch is string, of table t INTEGER"},
		{"t", "a:int,s:struct<x:decimal(5,1),y:array<string>>",
			`column s of a batch is struct<x:decimal(5,1),y:array<string>>, of table t STRUCT("x" DECIMAL(5,2), "y" VARCHAR[])`},
		{"t", "a:int,s:struct<y:array<string>,x:decimal(5,2)>",
			`column s of a batch is struct<y:array<string>,x:decimal(5,2)>, of table t STRUCT("x" DECIMAL(5,2), "y" VARCHAR[])`},
		{"t", "A:int,s:struct<X:decimal(5,2),y:array<char(3)>>", ""},
		{"g", "a:int", "append to g: Penstock does not support batches for a table with generated columns"},
		{"w", "a:smallint", "column a of a batch is smallint, of table w UTINYINT"},
	} {
		schemaOf := map[string]string{"t": "other"}[x[0]]
		a, err := c.Appender(t.Context(), schemaOf, x[0])
		if err != nil {
			t.Fatal(err)
		}
		err = a.AppendBatch(column.NewBatch(fieldsOf(t, x[1])))
		if x[2] == "" && err != nil || x[2] != "" && (err == nil || err.Error() != x[2]) {
			t.Errorf("%s: %v", x[1], err)
		}
		a.Abandon()
	}
	b := column.NewBatch(fieldsOf(t, "a:int"))
	b.Columns[0].AppendInt(1) // of no row
	if err := appendTo(t, c, "h", fieldsOf(t, "a:int"), b); err == nil || !strings.Contains(err.Error(), "1 values in a batch of 0 rows") {
		t.Errorf("a batch that contradicts itself: %v", err)
	}
}

// TestRowsAndBatches mixes the two ways of an appender.
func TestRowsAndBatches(t *testing.T) {
	_, c := open(t, engine.Options{})
	fields := fieldsOf(t, "s:string")
	createTable(t, c, "t", fields)
	a, err := c.Appender(t.Context(), "", "t")
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(fields)
	for _, s := range []string{"second, which is long enough", "third"} {
		b.Columns[0].AppendBytes([]byte(s))
		b.EndRows(1)
	}
	a.Column(0).SetBytes(a.Row(), []byte("first, which is long enough"))
	err = errors.Join(a.Next(), a.AppendBatch(b))
	a.Column(0).SetBytes(a.Row(), []byte("fourth, which is long enough"))
	if err = errors.Join(err, a.Next(), a.Close()); err != nil {
		t.Fatal(err)
	}
	const long = ", which is long enough\n"
	if got := rows(t, c, "FROM t"); got != "first"+long+"second"+long+"third\nfourth"+long {
		t.Errorf("the table has %q", got)
	}
}

// TestBatchesWithoutMemory: lists for which there is no memory are an error, and the engine goes on.
func TestBatchesWithoutMemory(t *testing.T) {
	_, c := open(t, engine.Options{MemoryLimit: 32 << 20})
	fields := fieldsOf(t, "l:array<decimal(38,0)>")
	b := column.NewBatch(fields)
	for range 4 << 20 {
		b.Columns[0].Parts[0].AppendNull()
	}
	b.Columns[0].AppendNested()
	b.EndRows(1)
	createTable(t, c, "t", fields)
	a, err := c.Appender(t.Context(), "", "t")
	if err != nil {
		t.Fatal(err)
	}
	var e *engine.Error
	if err := errors.Join(a.AppendBatch(b), a.Flush()); !errors.As(err, &e) || e.Kind != "Out of Memory" {
		t.Errorf("a list of 64 MB in 32 MB: %v", err)
	}
	a.Abandon()
	if got := rows(t, c, "SELECT count(*) FROM t"); got != "0\n" {
		t.Errorf("afterwards there are %s rows", got)
	}
}

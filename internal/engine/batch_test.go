package engine_test

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/engine"
	"penstock/internal/schema"
)

func fieldsOf(t testing.TB, columns string) []schema.Field {
	t.Helper()
	typ, err := schema.Parse("struct<" + columns + ">")
	if err != nil {
		t.Fatal(err)
	}
	return typ.Fields
}

func createTable(t testing.TB, c *engine.Conn, table string, fields []schema.Field) {
	t.Helper()
	cols := make([]string, len(fields))
	for i, f := range fields {
		cols[i] = engine.Ident(f.Name) + " " + f.Type.DuckDB()
	}
	sql := "CREATE OR REPLACE TABLE " + table + "(" + strings.Join(cols, ", ") + ")"
	if _, err := c.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func readAll(t testing.TB, c *engine.Conn, sql string, b *column.Batch) {
	t.Helper()
	r, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer r.Close()
	for err == nil {
		err = r.NextBatch(t.Context(), b)
	}
	if err != io.EOF {
		t.Fatalf("%s: %v", sql, err)
	}
	if err := b.Check(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// queried reads a result into a batch of its own fields.
func queried(t testing.TB, c *engine.Conn, sql string) *column.Batch {
	t.Helper()
	r, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	fields, err := r.Fields()
	r.Close()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	b := column.NewBatch(fields)
	readAll(t, c, sql, b)
	return b
}

// A maker makes random types and values.
type maker struct{ *rand.Rand }

func (m maker) typ(depth int) schema.Type {
	kinds := 16
	if depth > 0 {
		kinds = 21
	}
	switch n := m.IntN(kinds); n {
	case 0:
		return schema.Of(schema.Unknown)
	case 13, 14, 15:
		p := [...]int{1, 4, 5, 9, 10, 18, 19, 38}[m.IntN(8)]
		return schema.DecimalOf(p, m.IntN(p+1))
	case 1:
		return schema.Type{Kind: schema.Varchar, Length: 9}
	case 16, 17:
		return schema.ArrayOf(m.typ(depth - 1))
	case 18:
		key := schema.Of([...]schema.Kind{schema.String, schema.Int, schema.Date, schema.Double}[m.IntN(4)])
		return schema.MapOf(key, m.typ(depth-1))
	case 19, 20:
		fields := make([]schema.Field, 1+m.IntN(3))
		for i := range fields {
			fields[i] = schema.Field{Name: fmt.Sprintf("f %d\"é", i), Type: m.typ(depth - 1)}
		}
		return schema.StructOf(fields...)
	default:
		return schema.Of([...]schema.Kind{schema.Boolean, schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt, schema.Float,
			schema.Double, schema.String, schema.Binary, schema.Date, schema.Timestamp}[n-2])
	}
}

func (m maker) value(v *column.Vector, nulls int) {
	if v.Type.Kind == schema.Unknown || m.IntN(100) < nulls {
		v.AppendNull()
		return
	}
	switch k := v.Type.Kind; {
	case k == schema.Struct:
		for _, p := range v.Parts {
			m.value(p, nulls)
		}
		v.AppendNested()
	case k.Nested():
		m.elements(v, nulls)
	case k == schema.Float:
		v.AppendFloat([...]float64{float64(m.Float32() * 1e9), -1.5, math.NaN(), math.Inf(-1), 0}[m.IntN(5)])
	case k == schema.Double:
		v.AppendFloat([...]float64{m.NormFloat64() * 1e300, 1e-310, math.NaN(), math.Inf(1), math.MaxFloat64}[m.IntN(5)])
	case k == schema.Decimal:
		v.AppendDecimal(m.decimal(v.Type.Precision))
	case k == schema.Binary:
		v.AppendBytes([]byte{0, 255, byte(m.Int()), '\''}[:m.IntN(5)])
	case k.Text():
		v.AppendBytes([]byte(strings.Repeat([...]string{"a", "ü", "😀", "\"", "\x00"}[m.IntN(5)], m.IntN(16))))
	default:
		m.int(v)
	}
}

func (m maker) int(v *column.Vector) {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch v.Type.Kind {
	case schema.Boolean:
		low, high = 0, 1
	case schema.TinyInt:
		low, high = math.MinInt8, math.MaxInt8
	case schema.SmallInt:
		low, high = math.MinInt16, math.MaxInt16
	case schema.Int:
		low, high = math.MinInt32, math.MaxInt32
	case schema.Date: // the years 1 to 9999, as the texts have them
		low, high = -719162, 2932896
	case schema.Timestamp:
		low, high = -62135596800000000, 253402300799999999
	}
	switch m.IntN(4) {
	case 0:
		v.AppendInt(low)
	case 1:
		v.AppendInt(high)
	default:
		v.AppendInt(low/2 + int64(m.Uint64N(uint64(high/2-low/2)+1)))
	}
}

func (m maker) decimal(precision int) convert.Int128 {
	digits := make([]byte, 1+m.IntN(precision))
	for i := range digits {
		digits[i] = '0' + byte(m.IntN(10))
	}
	d, fault := convert.Spark.Decimal(digits, precision, 0)
	if fault != convert.None {
		panic(fault)
	}
	if m.IntN(2) == 0 {
		return d.Neg()
	}
	return d
}

func (m maker) elements(v *column.Vector, nulls int) {
	n := m.IntN(4)
	if m.IntN(50) == 0 {
		n = 60
	}
	last := v.Parts[len(v.Parts)-1]
	for i := range n {
		if v.Type.Kind == schema.Map {
			switch k := v.Parts[0]; k.Type.Kind {
			case schema.String:
				k.AppendBytes(fmt.Appendf(nil, "key %d of a map", i))
			case schema.Double:
				k.AppendFloat(float64(i) / 2)
			default:
				k.AppendInt(int64(i))
			}
		}
		m.value(last, nulls)
	}
	v.AppendNested()
}

func same(t testing.TB, got, want *column.Batch) {
	t.Helper()
	if got.Rows() != want.Rows() {
		t.Fatalf("%d rows, not %d", got.Rows(), want.Rows())
	}
	for i := range want.Rows() {
		if g, w := string(got.AppendJSON(nil, i)), string(want.AppendJSON(nil, i)); g != w {
			t.Fatalf("row %d is\n%s, not\n%s", i, g, w)
		}
	}
}

// TestRandomBatches takes batches of random types through a table: what comes back is what went in, and DuckDB's own words for the types
// are those of the schema.
func TestRandomBatches(t *testing.T) {
	_, c := open(t, engine.Options{})
	seeds := 60
	if testing.Short() {
		seeds = 20
	}
	for seed := range uint64(seeds) {
		m := maker{rand.New(rand.NewPCG(seed, 9))}
		fields := make([]schema.Field, 1+m.IntN(4))
		for i := range fields {
			fields[i] = schema.Field{Name: fmt.Sprintf("C%d", i), Type: m.typ(3)}
		}
		createTable(t, c, "t", fields)
		all, b := column.NewBatch(fields), column.NewBatch(fields)
		a, err := c.Appender(t.Context(), "", "t")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			rows, nulls := m.IntN(3000), m.IntN(3)*20
			values := m.Uint64()
			for _, dst := range []*column.Batch{b, all} {
				same := maker{rand.New(rand.NewPCG(values, 2))}
				for range rows {
					for _, v := range dst.Columns {
						same.value(v, nulls)
					}
				}
				dst.EndRows(rows)
			}
			if err := a.AppendBatch(b); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for _, v := range b.Columns { // the batch is ours again
				clear(v.Bytes)
			}
			b.Reset()
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		got := column.NewBatch(fields)
		readAll(t, c, "FROM t", got)
		same(t, got, all)
		for i, f := range fields {
			if typ := rows(t, c, fmt.Sprintf("SELECT DISTINCT typeof(C%d) FROM t", i)); all.Rows() > 0 && typ != f.Type.DuckDB()+"\n" {
				t.Errorf("seed %d: column %s has the type %s", seed, f.Type, typ)
			}
		}
	}
}

package reading

import (
	"encoding/json"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// A golden is what Spark makes of a text.
type golden struct {
	How, Type, Text string
	Value           *string
	Bad             bool
}

// TestFit compares what fits, and as which value, with Spark's reading of CSV.
func TestFit(t *testing.T) {
	f, err := os.Open("../../../convert/testdata/spark.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	byType := map[string][]golden{"varchar(3)": nil}
	for _, x := range []string{"abc", "\u00fc\u00fc\u00fc", "!abcd", "!\u00fc\u00fc\u00fc\u00fc", "!\xff"} {
		text, bad := strings.CutPrefix(x, "!")
		byType["varchar(3)"] = append(byType["varchar(3)"], golden{Text: text, Value: &text, Bad: bad})
	}
	for d := json.NewDecoder(f); ; {
		var g golden
		if err := d.Decode(&g); err != nil {
			break
		}
		clock := g.Type == "timestamp" && (g.Text == "8:26" || g.Text == "08:26:00" || g.Text == "T08:26:00") // today's, in Spark
		// the very last moment, which the engine takes for infinity
		clock = clock || g.Text == "294247-01-10 04:00:54.775807"
		if g.How == "csv" && !clock && g.Text != "\u0661" && g.Text != "" {
			if strings.HasPrefix(g.Type, "decimal") && (g.Text == "1,2" || g.Text == ",5") {
				// Spark drops all commas; here they stand between thousands
				g.Bad = true
			}
			byType[g.Type] = append(byType[g.Type], g)
		}
	}
	for _, x := range []string{"-1,234,567.5=-1234567.5", "12,345=12345", "!1,5", "!1,2345", "!1234,567", "!1,234,56", "!1.5,000", "!,123",
		"!-,123", "!1,,234", "!1,234,", "!,", "!1,2e3", "!a,bcd"} {
		text, bad := strings.CutPrefix(x, "!")
		text, value, _ := strings.Cut(text, "=")
		byType["decimal(18,1)"] = append(byType["decimal(18,1)"], golden{Text: text, Value: &value, Bad: bad})
	}
	if len(byType) < 16 {
		t.Fatalf("golden values of %d types", len(byType))
	}
	for typ, cases := range byType {
		t.Run(typ, func(t *testing.T) { fitAll(t, typ, cases) })
	}
	if _, err := serde.FitterOf(schema.ArrayOf(schema.Of(schema.Int))); err == nil {
		t.Error("an array is read from delimited text")
	}
}

func fitAll(t *testing.T, typ string, cases []golden) {
	st, err := schema.Parse(typ)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := serde.FitterOf(st)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, _ := e.Conn(t.Context())
	defer c.Close()
	if _, err := c.Exec(t.Context(), "CREATE TABLE t (x "+st.DuckDB()+")"); err != nil {
		t.Fatal(err)
	}
	a, err := c.Appender(t.Context(), "", "t")
	if err != nil {
		t.Fatal(err)
	}
	var want []golden
	b := column.NewBatch([]schema.Field{{Name: "x", Type: st}})
	for _, g := range cases {
		ok := fit(b.Columns[0], []byte(g.Text))
		if ok == g.Bad {
			t.Errorf("%q fits %v, in Spark it is bad %v", g.Text, ok, g.Bad)
		}
		if !ok {
			continue
		}
		want = append(want, g)
		b.EndRows(1)
	}
	if err := a.AppendBatch(b); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	x := map[schema.Kind]string{schema.Date: "CAST(x - DATE '1970-01-01' AS VARCHAR)",
		schema.Timestamp: "CAST(epoch_us(x) AS VARCHAR)"}[st.Kind]
	if x == "" {
		x = "x"
	}
	got := strings.Split(strings.TrimSuffix(text(t, e, "SELECT "+x+" FROM t ORDER BY rowid"), "\n"), "\n")
	for i, g := range want {
		if g.Bad || g.Value == nil || i >= len(got) {
			continue
		}
		if in := inDuckDB(t, st, *g.Value); got[i] != in {
			t.Errorf("%q is %s, in Spark %s", g.Text, got[i], in)
		}
	}
}

// inDuckDB is a value as the query of fitAll shows it.
func inDuckDB(t *testing.T, typ schema.Type, spark string) string {
	t.Helper()
	switch typ.Kind {
	case schema.Float, schema.Double:
		size := map[schema.Kind]int{schema.Float: 32, schema.Double: 64}[typ.Kind]
		f, err := strconv.ParseFloat(spark, size)
		if err != nil {
			t.Fatal(err)
		}
		return convertFloat(f, size)
	case schema.Decimal:
		r, _ := new(big.Rat).SetString(spark)
		return r.FloatString(typ.Scale)
	case schema.Date, schema.Timestamp:
		days, micros := sparkTime(t, spark)
		if typ.Kind == schema.Date {
			return strconv.FormatInt(days, 10)
		}
		return strconv.FormatInt(micros, 10)
	}
	return spark
}

// sparkTime reads [+-]y-mm-dd[ hh:mm:ss[.f]] as days and micros from 1970.
func sparkTime(t *testing.T, s string) (days, micros int64) {
	t.Helper()
	neg := strings.HasPrefix(s, "-")
	day, clock, _ := strings.Cut(strings.TrimLeft(s, "+-"), " ")
	p := strings.Split(day, "-")
	var n [3]int
	for i := range n {
		v, err := strconv.Atoi(p[i])
		if err != nil {
			t.Fatal(err)
		}
		n[i] = v
	}
	if neg {
		n[0] = -n[0]
	}
	at := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC).Unix()
	days, micros = at/86400, at*1_000_000
	if at%86400 != 0 {
		t.Fatalf("%s is no midnight", s)
	}
	if clock != "" {
		c, err := time.Parse("15:04:05.999999", clock)
		if err != nil {
			t.Fatal(err)
		}
		micros += c.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)).Microseconds()
	}
	return days, micros
}

// convertFloat is a number as the engine's text of it, which is Go's shortest.
func convertFloat(f float64, size int) string {
	s := strconv.FormatFloat(f, 'g', -1, size)
	switch s {
	case "+Inf":
		return "Infinity"
	case "-Inf":
		return "-Infinity"
	}
	return s
}

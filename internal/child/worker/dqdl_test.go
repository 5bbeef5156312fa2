package worker

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/dqdl"
	"penstock/internal/engine"
	"penstock/internal/engine/functions"
	"penstock/internal/schema"
)

// A dqdlCase is a line of dqdl's corpus of rules and outcomes; internal/awsglue reads the same file.
type dqdlCase struct {
	outcome, metrics, rows, rule string
	spark                        bool // package dqdl does not evaluate it yet
}

// dqdlCorpus reads the corpus: the table as DuckDB's statements, and the cases.
func dqdlCorpus(t *testing.T) (columns []schema.Field, fill []string, cases []dqdlCase) {
	t.Helper()
	b, err := os.ReadFile("../../dqdl/testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimRight(string(b), "\n"), "\n") {
		word, rest, _ := strings.Cut(line, "\t")
		switch {
		case strings.HasPrefix(line, "#"):
		case word == "columns":
			for _, c := range strings.Split(rest, ", ") {
				name, text, _ := strings.Cut(c, " ")
				typ, err := schema.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				columns = append(columns, schema.Field{Name: name, Type: typ})
			}
		case word == "row":
			var values []string
			for i, v := range strings.Split(rest, "\t") {
				text := "NULL"
				if v != `\N` {
					text = "CAST('" + strings.ReplaceAll(v, "'", "''") + "' AS " + columns[i].Type.DuckDB() + ")"
				}
				values = append(values, text)
			}
			fill = append(fill, "INSERT INTO t VALUES ("+strings.Join(values, ", ")+")")
		default:
			f := strings.Split(line, "\t")
			if len(f) != 4 {
				t.Fatalf("%q has %d fields", line, len(f))
			}
			outcome, spark := strings.CutPrefix(f[0], "spark ")
			cases = append(cases, dqdlCase{outcome, f[1], f[2], f[3], spark})
		}
	}
	return columns, fill, cases
}

// TestDQDLCorpus evaluates every rule of the corpus over DuckDB: outcome, metrics, and which rows break it.
func TestDQDLCorpus(t *testing.T) {
	columns, fill, cases := dqdlCorpus(t)
	e, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := e.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := functions.Register(c, functions.Limits{MaxText: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	var defined []string
	for _, f := range columns {
		defined = append(defined, f.Name+" "+f.Type.DuckDB())
	}
	for _, sql := range append([]string{"CREATE TABLE t (" + strings.Join(defined, ", ") + ")"}, fill...) {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	evaluated := 0
	for _, one := range cases {
		set, err := dqdl.Parse("Rules = [ " + one.rule + " ]")
		if err == nil {
			err = dqdl.Evaluable(set.Rules[0])
		}
		if text, refused := strings.CutPrefix(one.outcome, "refused "); refused {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v, want %s", one.rule, err, text)
			}
			continue
		}
		if one.spark {
			if err == nil {
				t.Errorf("%s is evaluable now: its line need not begin with spark", one.rule)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", one.rule, err)
			continue
		}
		evaluated++
		dqdlHolds(t, c, &judged{name: "t", text: "t", columns: columns}, set, one)
	}
	if evaluated < 50 {
		t.Errorf("%d rules were evaluated", evaluated)
	}
}

func dqdlHolds(t *testing.T, c *engine.Conn, j *judged, set *dqdl.Ruleset, want dqdlCase) {
	t.Helper()
	got, err := (&run{}).evaluate(t.Context(), c, set, j)
	if err != nil {
		t.Errorf("%s: %v", want.rule, err)
		return
	}
	if got[0].Result != want.outcome {
		t.Errorf("%s: %s (%s), want %s", want.rule, got[0].Result, got[0].Message, want.outcome)
	}
	var metrics map[string]float64
	if err := json.Unmarshal([]byte(want.metrics), &metrics); err != nil {
		t.Fatal(err)
	}
	if len(metrics) != len(got[0].Metrics) {
		t.Errorf("%s: metrics %v, want %v", want.rule, got[0].Metrics, metrics)
	}
	for name, value := range metrics {
		if v, err := strconv.ParseFloat(got[0].Metrics[name], 64); err != nil || math.Abs(v-value) > 1e-9 {
			t.Errorf("%s: metrics %v, want %v", want.rule, got[0].Metrics, metrics)
		}
	}
	if want.rows == "-" {
		return
	}
	where, _, ok := dqdl.Violation(set.Rules[0], primary)
	if !ok {
		t.Errorf("%s has no rows that break it", want.rule)
		return
	}
	rows, err := j.ask(t.Context(), c, "SELECT id FROM "+primary+" WHERE "+where+" ORDER BY id")
	if err != nil {
		t.Errorf("%s: %v", want.rule, err)
		return
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, *r[0])
	}
	if strings.Join(ids, ",") != want.rows {
		t.Errorf("%s: broken by %s, want %s", want.rule, strings.Join(ids, ","), want.rows)
	}
}

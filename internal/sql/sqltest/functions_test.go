package sqltest

import (
	"context"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// samples are arguments of each class, for a call that must run.
var samples = map[dialect.Class]map[*dialect.Dialect]string{
	dialect.Text: {dialect.Spark: "'12'", dialect.Redshift: "'12'"}, dialect.Int: {dialect.Spark: "1", dialect.Redshift: "1"},
	dialect.Bigint: {dialect.Spark: "1", dialect.Redshift: "1"}, dialect.Number: {dialect.Spark: "1.5", dialect.Redshift: "1.5"},
	dialect.Double: {dialect.Spark: "0.5", dialect.Redshift: "0.5"}, dialect.Bool: {dialect.Spark: "true", dialect.Redshift: "true"},
	dialect.Date:   {dialect.Spark: "DATE '2011-12-09'", dialect.Redshift: "DATE '2011-12-09'"},
	dialect.Stamp:  {dialect.Spark: "TIMESTAMP '2011-12-09 01:02:03'", dialect.Redshift: "TIMESTAMP '2011-12-09 01:02:03'"},
	dialect.Bytes:  {dialect.Spark: "CAST('ab' AS binary)", dialect.Redshift: "'ab'::varbyte"},
	dialect.Sketch: {dialect.Redshift: "(SELECT hll_create_sketch(1))"}, dialect.Super: {dialect.Redshift: "JSON_PARSE('[1,2]')"},
	dialect.Any: {dialect.Spark: "1", dialect.Redshift: "1"}, dialect.Same: {dialect.Spark: "3", dialect.Redshift: "3"},
	dialect.List: {dialect.Spark: "array(1, NULL)"}, dialect.Elem: {dialect.Spark: "1"}, dialect.Dict: {dialect.Spark: "map('a', 1)"},
	dialect.Key:      {dialect.Spark: "'a'"},
	dialect.Interval: {dialect.Redshift: "INTERVAL '1 day'"},
}

// special gives the arguments where a sample of the class would be refused by the function itself.
var special = map[string]string{"next_day": "'2011-12-09', 'mon'", "from_utc_timestamp": "'2011-12-09', 'UTC'",
	"to_utc_timestamp": "'2011-12-09', 'UTC'", "json_parse": "'[1]'", "json_array_length": "'[1]'",
	"json_extract_array_element_text": "'[1]', 0", "to_varbyte": "'6162', 'hex'", "from_varbyte": "'ab'::varbyte, 'hex'",
	"regexp_extract": "'12', '(1)'", "strtol": "'12', 16", "width_bucket": "0.5, 0, 1, 4", "getbit": "5, 0",
	"map_concat": "map('a', 1), map('b', 2)"}

// TestEveryFunctionRuns calls each function of the tables once with its fewest and once with its most arguments.
func TestEveryFunctionRuns(t *testing.T) {
	e := newEngine(t)
	conn, err := e.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, d := range []*dialect.Dialect{dialect.Spark, dialect.Redshift} {
		s := &session{dialect: d, conn: conn, tables: map[string]typed.Relation{}}
		n := 0
		for name, f := range d.Functions() {
			if f.Kind != dialect.Scalar {
				continue
			}
			for _, r := range f.Signatures {
				for _, count := range []int{len(r.Args) - r.Optional, len(r.Args)} {
					args := make([]string, count)
					for i := range args {
						args[i] = samples[r.Arg(i)][d]
					}
					list := strings.Join(args, ", ")
					if own, ok := special[name]; ok && !(name == "getbit" && d == dialect.Redshift) {
						list = own
					}
					n++
					if _, err := s.run("SELECT " + name + "(" + list + ")"); err != nil {
						t.Errorf("%s: %v", r, err)
					}
				}
			}
		}
		t.Logf("%s: %d calls", d, n)
	}
}

package worker

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"penstock/internal/engine"
)

// TestTold: what a job says of an error of the engine is in SQL's words, and keeps the place that the job gave it.
func TestTold(t *testing.T) {
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
	foreign := regexp.MustCompile(` Error:|(?i)candidate|int\d|specifier|LINE 1|duckdb|SET `)
	for sql, want := range map[string]string{
		"SELECT CAST('x' AS INTEGER)":                      `invalid input syntax for integer: "x"`,
		"SELECT CAST('a ''b'' c' AS DECIMAL(3,1))":         `invalid input syntax for type numeric: "a 'b' c"`,
		"SELECT 2147483647::INTEGER * 2::INTEGER":          "Overflow for integer type (multiplication)",
		"SELECT strptime('x', '%Y')":                       `"x" does not have the form that the format asks for`,
		"SELECT CAST(1e20::DOUBLE AS BIGINT)":              "Value out of range for 8 bytes",
		"SELECT (SELECT 1 UNION ALL SELECT 2)":             "more than one row returned by a subquery used as an expression",
		"SELECT true + INTERVAL 1 DAY":                     "operator does not exist: boolean + interval",
		"SELECT CAST('ab'::BLOB AS INTEGER)":               "cannot cast type varbyte to integer",
		"SELECT regexp_matches('a', '(')":                  "invalid regular expression",
		"SELECT * FROM read_parquet('/nowhere/x.parquet')": "internal error: the log of the server has the reason",
	} {
		_, err := c.Exec(t.Context(), sql)
		if err == nil {
			t.Errorf("%s: no error", sql)
			continue
		}
		got := told(fmt.Errorf("s3://lake/a: %w", err))
		if foreign.MatchString(got) || got != "s3://lake/a: "+want {
			t.Errorf("%s: %q, want %q (the engine: %s)", sql, got, want, strings.Split(err.Error(), "\n")[0])
		}
	}
}

package sqltest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/engine"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/print"
	"penstock/internal/sql/typed"
)

// values are texts of each type and texts that are none, or only nearly one.
var matrixTexts = []string{"", " ", "0", "1", "-1", " 12 ", "+3", "1.5", "-0.05", ".5", "5.", "1e3", "5e-7", "1e400", "NaN", "Infinity",
	"2147483648", "-32769", "99999999999999999999", "0.1234567890123456789", "t", "true", "Yes", "off", "2024-02-29", "2023-02-29", "12/31/24",
	"1/2/03", "08-Jan-99", "January 8, 1999", "20240301", "2024.060", "2024-03-01 10:11:12", "2024-03-01T10:11:12.5Z", "2024-03-01 24:00",
	"2024-03-01 24:01", "2024-03-01 10:11:12+05:30", "2024-03-01 10:11 America/New_York", "2024-03-01 abc", "10:11", "10:11:12.123456 PM",
	"24:00:00", "25:00", "1 day", "1 day 02:30:00", "2 months ago", "héllo", "0x10", "1,234"}

var matrixTypes = []string{"smallint", "int", "bigint", "decimal(10,2)", "decimal(38,10)", "decimal(4,4)", "real", "float8", "boolean",
	"date", "timestamp", "timestamptz", "time", "timetz", "varchar(40)", "varchar(3)"}

// matrixValues are values of the other types, as expressions.
var matrixValues = []string{"0.5", "-0.0500", "12345678901234567890.5", "1.0::float8", "1e15::float8", "0.1::float8",
	"123456789.123456789::float8", "0.1::real", "7::smallint", "-2147483648", "9223372036854775807", "true", "DATE '2024-02-29'",
	"TIMESTAMP '2024-02-29 10:11:12.5'", "TIMESTAMPTZ '2024-02-29 10:11:12+02'", "TIME '10:11:12'"}

// outcome is the text of a statement's only value, or the words of its error.
func (s *session) outcome(sql string) string {
	res, err := s.run(sql)
	switch {
	case err != nil:
		return "error: " + words(err)
	case res.nulls[0][0]:
		return "NULL"
	}
	return res.columns[0].Type.String() + " " + res.rows[0][0]
}

// words are those of an error without the place in the statement and the statement itself.
func words(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.Index(first, ": "); strings.HasPrefix(first, "line ") && i > 0 {
		first = first[i+2:]
	}
	return first
}

// TestOneSetOfRules converts the same values as a literal, as a column's value and as a parameter. Text, type and error must be the same.
func TestOneSetOfRules(t *testing.T) {
	conn, err := newEngine(t).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Redshift, conn: conn, tables: map[string]typed.Relation{}}
	if _, err := s.run("CREATE TABLE m (v varchar(100))"); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, text := range matrixTexts {
		quoted := engine.Literal(text)
		if _, err := s.run("DELETE FROM m; INSERT INTO m VALUES (" + quoted + ")"); err != nil {
			t.Fatal(err)
		}
		for _, typ := range matrixTypes {
			n++
			literal := s.outcome("SELECT CAST(" + quoted + " AS " + typ + ")")
			column := s.outcome("SELECT CAST(v AS " + typ + ") FROM m")
			param := s.parameter("SELECT CAST(CAST($1 AS varchar(100)) AS "+typ+")", text)
			if literal != column || literal != param {
				t.Errorf("%q as %s:\nliteral   %s\ncolumn    %s\nparameter %s", text, typ, literal, column, param)
			}
		}
	}
	for i, value := range matrixValues {
		if _, err := s.run(fmt.Sprintf("CREATE TABLE w%d AS SELECT %s AS v", i, value)); err != nil {
			t.Fatal(err)
		}
		for _, typ := range matrixTypes {
			n++
			literal, column := s.outcome("SELECT CAST("+value+" AS "+typ+")"), s.outcome(fmt.Sprintf("SELECT CAST(v AS %s) FROM w%d", typ, i))
			if strings.HasPrefix(literal, "error: ") && strings.Contains(literal, "cannot be converted") &&
				strings.Contains(column, "cannot be converted") {
				continue
			}
			if literal != column {
				t.Errorf("%s as %s:\nliteral %s\ncolumn  %s", value, typ, literal, column)
			}
		}
	}
	t.Logf("%d conversions", n)
}

// TestDecimalsMeetDigits compares a decimal with numbers of more digits than its scale has: rounded to it they would be equal.
func TestDecimalsMeetDigits(t *testing.T) {
	conn, err := newEngine(t).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Redshift, conn: conn, tables: map[string]typed.Relation{}}
	if _, err := s.run("CREATE TABLE d (p decimal(10,2)); INSERT INTO d VALUES (1.01)"); err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{s.outcome("SELECT p = '1.005' FROM d"), s.outcome("SELECT p = 1.005 FROM d"),
		s.parameter("SELECT p = $1 FROM d", "1.005"), s.parameter("SELECT $1 = p FROM d", "1.005")} {
		if got != "boolean false" {
			t.Errorf("1.01 = 1.005 is %s", got)
		}
	}
}

// parameter runs a statement with a text for its parameter.
func (s *session) parameter(sql, value string) string {
	ctx := context.Background()
	stmts, err := s.parse(sql)
	if err != nil {
		return "error: " + words(err)
	}
	b, err := bind.Statement(stmts[0], bind.Options{Dialect: s.dialect, Lookup: s.lookup, Text: sql})
	if err != nil {
		return "error: " + words(err)
	}
	text, err := print.DuckDB(b.Statement, relationText)
	if err != nil {
		return "error: " + words(err)
	}
	rows, err := s.conn.Query(ctx, text, value)
	if err != nil {
		return "error: " + words(err)
	}
	defer rows.Close()
	chunk, err := rows.Next(ctx)
	switch {
	case err != nil:
		return "error: " + words(err)
	case chunk.Column(0).IsNull(0):
		return "NULL"
	}
	return b.Columns[0].Type.String() + " " + chunk.Column(0).Text(0)
}

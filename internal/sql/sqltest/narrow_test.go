package sqltest

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/typed"
)

// narrowSum runs a text of one sum in its narrow form; ok is false where there is none or the engine ended it with an overflow.
func narrowSum(t *testing.T, s *session, text string) (sum string, exists, ok bool) {
	t.Helper()
	trees, err := parse.Statements(text, dialect.Redshift)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bind.Statement(trees[0], bind.Options{Dialect: dialect.Redshift, Lookup: s.lookup, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	sql, exists := print.Narrow(b.Statement, relationText)
	if !exists {
		return "", false, false
	}
	res, err := s.query(b, sql)
	if err != nil {
		return "", true, false
	}
	for _, row := range res.rows {
		sum = row[0]
	}
	return sum, true, true
}

// TestNarrowSumsAreExactOrFail compares sums of products with exact rationals, near the end of 64 bits and beyond.
func TestNarrowSumsAreExactOrFail(t *testing.T) {
	conn, err := newEngine(t).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Redshift, conn: conn, tables: map[string]typed.Relation{}}
	r := rand.New(rand.NewPCG(5, 6))
	exact, failed := 0, 0
	for i := range 60 {
		p1, p2 := 6+r.IntN(13), 4+r.IntN(9)
		s1, s2 := r.IntN(5), r.IntN(4)
		name, want := fmt.Sprintf("narrow%d", i), new(big.Rat)
		text := fmt.Sprintf("CREATE TABLE %s (a decimal(%d,%d), b decimal(%d,%d))", name, p1, s1, p2, s2)
		for range 3 {
			a, b := randomDecimal(r, p1, s1), randomDecimal(r, p2, s2)
			x, _ := new(big.Rat).SetString(a)
			y, _ := new(big.Rat).SetString(b)
			want.Add(want, x.Mul(x, y.Sub(big.NewRat(1, 1), y)))
			text += fmt.Sprintf("; INSERT INTO %s VALUES (%s, %s)", name, a, b)
		}
		if _, err := s.run(text); err != nil {
			t.Fatal(err)
		}
		query := "SELECT sum(CASE WHEN a IS NOT NULL THEN a * (1 - b) ELSE 0 END) FROM " + name
		wide, err := s.run(query)
		if err != nil {
			t.Fatal(err)
		}
		right := unsignedZero(rounded(want, s1+s2, false))
		if wide.rows[0][0] != right {
			t.Errorf("wide: %s, want %s", wide.rows[0][0], right)
		}
		have, exists, ok := narrowSum(t, s, query)
		switch {
		case ok && have != right:
			t.Errorf("decimal(%d,%d), decimal(%d,%d): narrow %s, want %s", p1, s1, p2, s2, have, right)
		case ok:
			exact++
		case exists:
			failed++
		}
	}
	if exact < 10 || failed < 10 {
		t.Errorf("%d sums were exact and %d overflowed: the cases do not reach both sides", exact, failed)
	}
}

// TestNoNarrowTextWhereRowsLeaveEarly names the forms whose first rows come before all sums are known.
func TestNoNarrowTextWhereRowsLeaveEarly(t *testing.T) {
	conn, err := newEngine(t).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Redshift, conn: conn, tables: map[string]typed.Relation{}}
	if _, err := s.run("CREATE TABLE early (a decimal(15,2), b decimal(15,2), k int)"); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"SELECT sum(a * b) FROM early":                                                true,
		"SELECT k, sum(a * (1 - b)) FROM early GROUP BY k ORDER BY 2":                 true,
		"SELECT a FROM early UNION ALL SELECT sum(a * b) FROM early":                  false,
		"SELECT k, sum(v) FROM (SELECT k, a * b AS v FROM early) AS u GROUP BY k":     true,
		"SELECT k, v FROM (SELECT k, a * b AS v FROM early) AS u":                     false,
		"SELECT sum(a * b) OVER () FROM early":                                        false,
		"SELECT sum(a) FROM early":                                                    false,
		"SELECT * FROM (SELECT 1.0 AS x UNION ALL SELECT sum(a * b) FROM early) AS u": false,
	} {
		if _, exists, _ := narrowSum(t, s, text); exists != want {
			t.Errorf("%s: a narrow text exists: %v, want %v", text, exists, want)
		}
	}
}

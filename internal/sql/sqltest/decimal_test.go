package sqltest

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// randomDecimal gives a value of decimal(p,s) as text.
func randomDecimal(r *rand.Rand, p, s int) string {
	digits := make([]byte, p)
	for i := range digits {
		digits[i] = byte('0' + r.IntN(10))
	}
	text := string(digits[:p-s])
	if text == "" {
		text = "0"
	}
	if s > 0 {
		text += "." + string(digits[p-s:])
	}
	if r.IntN(2) == 0 {
		return "-" + text
	}
	return text
}

// rounded writes a rational with the digits of a scale: cut off, or rounded half away from zero.
func rounded(x *big.Rat, scale int, round bool) string {
	n := new(big.Rat).Mul(x, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	q, rest := new(big.Int).QuoRem(n.Num(), n.Denom(), new(big.Int))
	if round && new(big.Int).Abs(new(big.Int).Lsh(rest, 1)).Cmp(n.Denom()) >= 0 {
		q.Add(q, big.NewInt(int64(n.Sign())))
	}
	out := new(big.Rat).SetFrac(q, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	return out.FloatString(scale)
}

// unsignedZero takes the sign off a zero.
func unsignedZero(text string) string {
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

// TestDecimalArithmetic compares the engine's decimals with exact rationals, for random operands of random types.
func TestDecimalArithmetic(t *testing.T) {
	e := newEngine(t)
	conn, err := e.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := rand.New(rand.NewPCG(1, 2))
	for _, d := range []*dialect.Dialect{dialect.Spark, dialect.Redshift} {
		s := &session{dialect: d, conn: conn, tables: map[string]typed.Relation{}}
		for range 80 {
			p1, p2 := 1+r.IntN(16), 1+r.IntN(12)
			s1, s2 := r.IntN(p1+1), r.IntN(p2+1)
			a, b := randomDecimal(r, p1, s1), randomDecimal(r, p2, s2)
			x, _ := new(big.Rat).SetString(a)
			y, _ := new(big.Rat).SetString(b)
			for op, want := range map[string]*big.Rat{"+": new(big.Rat).Add(x, y), "-": new(big.Rat).Sub(x, y),
				"*": new(big.Rat).Mul(x, y), "/": nil} {
				if op == "/" {
					if y.Sign() == 0 {
						continue
					}
					want = new(big.Rat).Quo(x, y)
				}
				sql := fmt.Sprintf("SELECT CAST('%s' AS decimal(%d,%d)) %s CAST('%s' AS decimal(%d,%d))", a, p1, s1, op, b, p2, s2)
				res, err := s.run(sql)
				if err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
				exact := rounded(want, res.columns[0].Type.Scale, d == dialect.Spark)
				if have := res.rows[0][0]; have != unsignedZero(exact) {
					t.Errorf("%s %s: %s, want %s (%s)", d, sql, have, exact, res.columns[0].Type)
				}
			}
		}
	}
}

// TestDecimalAverages does the same for AVG over a column.
func TestDecimalAverages(t *testing.T) {
	e := newEngine(t)
	conn, err := e.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 40 {
		p := 2 + r.IntN(14)
		scale := r.IntN(p)
		sum, n := new(big.Rat), 1+r.IntN(9)
		s := &session{dialect: dialect.Redshift, conn: conn, tables: map[string]typed.Relation{}}
		name := fmt.Sprintf("avg%d", i)
		text := fmt.Sprintf("CREATE TABLE %s (x decimal(%d,%d))", name, p, scale)
		for range n {
			v := randomDecimal(r, p, scale)
			y, _ := new(big.Rat).SetString(v)
			sum.Add(sum, y)
			text += fmt.Sprintf("; INSERT INTO %s VALUES (%s)", name, v)
		}
		if _, err := s.run(text); err != nil {
			t.Fatal(err)
		}
		mean := new(big.Rat).Quo(sum, big.NewRat(int64(n), 1))
		for _, d := range []*dialect.Dialect{dialect.Spark, dialect.Redshift} {
			s.dialect = d
			res, err := s.run("SELECT avg(x), sum(x) FROM " + name)
			if err != nil {
				t.Fatal(err)
			}
			want := rounded(mean, res.columns[0].Type.Scale, d == dialect.Spark)
			if have := res.rows[0][0]; have != unsignedZero(want) {
				t.Errorf("%s: avg is %s, want %s (%s)", d, have, want, res.columns[0].Type)
			}
			if want := rounded(sum, scale, false); res.rows[0][1] != unsignedZero(want) {
				t.Errorf("%s: sum is %s, want %s", d, res.rows[0][1], want)
			}
		}
	}
}

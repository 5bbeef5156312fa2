package worker

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/engine"
	"penstock/internal/schema"
)

// TestFit writes texts into columns of every type: "text" alone is kept as it is, "text => value" is kept as value, "! text" does not fit.
func TestFit(t *testing.T) {
	for typ, cases := range map[string]string{
		"tinyint":       "127|-128|! 128|! -129| 5 => 5|+5 => 5|! 5.0|! |! x|! 0x1",
		"smallint":      "32767|! 32768|-32768",
		"int":           "2147483647|! 2147483648|-2147483648|007 => 7",
		"bigint":        "9223372036854775807|-9223372036854775808|! 9223372036854775808|! -9223372036854775809|! 1_000|! 1e3",
		"double":        "1.5|17850.0 => 17850|-0.25|1e3 => 1000|.5 => 0.5|NaN|-Infinity|! 0x1p3|! inf|! 1_0|! 1,5|! |! -",
		"float":         "1.5|! 1e300",
		"decimal(4,2)":  "12.34|-0.05|12 => 12.00|! 123|99.99|! 100|! 1.234|1.230 => 1.23|1e1 => 10.00|! 1e9|0.00|-0 => 0.00|! .|! 1.2.3|! e5|120e-1 => 12.00",
		"decimal(9,3)":  "123456.789|! 1234567",
		"decimal(18,0)": "999999999999999999|! 1000000000000000000|-999999999999999999",
		"decimal(38,4)": "1234567890123456789012345678901234.5678|-1234567890123456789012345678901234.5678|-0.0001|! 12345678901234567890123456789012345",
		"boolean":       "true|FALSE => false|! 1|! yes|! ",
		"date":          "2010-12-01|1969-12-31|0001-01-01|! 2010-13-01|! 2010-02-30|! 01/12/2010|! 2010-1-1",
		"timestamp":     "2010-12-01 08:26:00|2010-12-01T08:26:00.5 => 2010-12-01 08:26:00.5|2010-12-01 08:26 => 2010-12-01 08:26:00|2010-12-01 => 2010-12-01 00:00:00|! 8:26|! 2010-12-01 25:00:00",
		"string":        "x|| a |! \xff|a longer text with an ü in it",
		"varchar(3)":    "abc|üüü|! abcd|! üüüü",
		"char(2)":       "ab|! abc",
	} {
		t.Run(typ, func(t *testing.T) { fitAll(t, typ, strings.Split(cases, "|")) })
	}
	if _, err := fitterOf(schema.ArrayOf(schema.Of(schema.Int))); err == nil {
		t.Error("an array is read from delimited text")
	}
}

func fitAll(t *testing.T, typ string, cases []string) {
	st, err := schema.Parse(typ)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := fitterOf(st)
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
	var want []string
	for _, x := range cases {
		if bad, ok := strings.CutPrefix(x, "! "); ok {
			if fit(a.Column(0), a.Row(), []byte(bad)) || fit(engine.Discard(), 0, []byte(bad)) {
				t.Errorf("%q fits", bad)
			}
			continue
		}
		in, value, ok := strings.Cut(x, " => ")
		if !ok {
			value = in
		}
		if !fit(engine.Discard(), 0, []byte(in)) || !fit(a.Column(0), a.Row(), []byte(in)) {
			t.Errorf("%q does not fit", in)
			continue
		}
		want = append(want, value)
		if err := a.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(text(t, e, "SELECT x FROM t ORDER BY rowid"), "\n"), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("read back %q, want %q", got, want)
	}
}

// FuzzDecimal compares the digits that decimalDigits and shift find with math/big's reading of the same text.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"1", "-1.50", ".5", "1e3", "1e-3", "0", "00012.00", "-.e1", "1.2.3", "9e99", "+7"} {
		f.Add(s, 2)
	}
	f.Fuzz(func(t *testing.T, s string, scale int) {
		scale = max(0, min(scale, 38))
		neg, digits, point, ok := decimalDigits([]byte(s))
		if !ok {
			return
		}
		shifted, ok := shift(digits, point, scale)
		r, valid := new(big.Rat).SetString(s)
		if !valid {
			t.Fatalf("%q is read as a number", s)
		}
		r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		if ok != r.IsInt() {
			t.Fatalf("%q with scale %d: fits %v, an integer %v", s, scale, ok, r.IsInt())
		}
		if !ok {
			return
		}
		n, _ := new(big.Int).SetString("0"+string(shifted), 10)
		if neg {
			n.Neg(n)
		}
		if n.Cmp(r.Num()) != 0 {
			t.Fatalf("%q with scale %d is %s, want %s", s, scale, n, r.Num())
		}
	})
}

// FuzzLedgerKeys feeds keys of any form to the ledger, which must ignore what is not its own.
func FuzzLedgerKeys(f *testing.F) {
	for _, k := range []string{"_penstock/runs/A/000001.done.json", "_penstock/runs/A/000001.t.copy.json", "x", "", "//", "runs/1.json/"} {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, key string) {
		l := &ledger{runs: map[string]*ledgerRun{}}
		err := l.add(task.File{Bucket: "b", Key: key, Path: "/nonexistent"})
		if err != nil && !strings.HasSuffix(key, ".json") {
			t.Errorf("%q is taken for a manifest: %v", key, err)
		}
	})
}

// FuzzHeader holds checkHeader to its promise: no error exactly when the names are the catalog's, in order.
func FuzzHeader(f *testing.F) {
	f.Add("a,b,c", "a,b,c")
	f.Add("b,a", "a,b")
	f.Add("A, b", "a,b")
	f.Add("", "a")
	f.Fuzz(func(t *testing.T, header, catalog string) {
		var have [][]byte
		var want []column
		same := true
		hs, cs := strings.Split(header, ","), strings.Split(catalog, ",")
		for _, h := range hs {
			have = append(have, []byte(h))
		}
		for i, c := range cs {
			want = append(want, column{name: c})
			same = same && i < len(hs) && canonicalName(hs[i]) == canonicalName(c)
		}
		same = same && len(hs) == len(cs)
		if err := checkHeader(have, want); (err == nil) != same {
			t.Errorf("%q against %q: %v", header, catalog, err)
		}
	})
}

func TestEscapedFolders(t *testing.T) {
	for in, want := range map[string]string{"2010-12-01": "2010-12-01", "a b": "a b", "a/b": "a%2Fb", "50%": "50%25", "x=y": "x%3Dy", "ü": "ü", "": ""} {
		if got := escapeValue(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestUsedColumns(t *testing.T) {
	s := &source{columns: []column{{name: "a"}, {name: "b"}, {name: "odd name"}}, data: 3}
	for sql, want := range map[string]string{
		"SELECT a FROM t":                     "1",
		"SELECT A * 2, count(*) FROM t":       "1",
		"SELECT * FROM t":                     "",
		"SELECT t.* FROM t":                   "",
		"SELECT a, * FROM t":                  "",
		"SELECT -- a comment\n * FROM t":      "",
		"SELECT /* one */ * FROM t":           "",
		"SELECT DISTINCT * FROM t":            "",
		"SELECT 1 FROM t NATURAL JOIN u":      "",
		"SELECT 'x--y', b FROM t -- and no a": "",
		"SELECT 1 FROM t":                     "0 1",
	} {
		s.use(sql)
		var got []string
		for i := range 3 {
			if s.unused[i] {
				got = append(got, string(rune('0'+i)))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s leaves out %v, want %q", sql, got, want)
		}
	}
}

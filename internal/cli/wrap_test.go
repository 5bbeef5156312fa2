package cli

import (
	"strings"
	"testing"

	"penstock/internal/pipeline/run"
)

// TestNothingWraps lays lines out for several widths: none is wider than the terminal, and every word is there.
func TestNothingWraps(t *testing.T) {
	const long = "table orders: s3://000000000000-us-east-1-retail-raw/o.csv, line 5, column \"country\": 7 values " +
		"instead of 8; to take the " +
		"file away, type: penstock land orders --remove o.csv"
	details := []string{"", "unchanged", "100000 → 98753 rows  (12 rejected)  1.7 MB  50 files  dq 3/3",
		"12 objects  271.6 kB  (continued; 38 had landed)"}
	for _, width := range []int{44, 60, 80, 82, 200} {
		for _, detail := range details {
			line := stepLine("✔", "shop.a_rather_long_name", "landed", detail, "12.5s", width)
			for _, l := range strings.Split(line, "\n") {
				if runes(l) > width {
					t.Errorf("%d: %q has %d characters", width, l, runes(l))
				}
			}
			if got := strings.Join(strings.Fields(line), " "); !strings.Contains(got, strings.Join(strings.Fields(detail), " ")) ||
				!strings.Contains(got, "12.5s") {
				t.Errorf("%d: %q lacks a part of %q", width, line, detail)
			}
		}
		text := wrap("     "+long, width, "     ")
		for _, l := range strings.Split(text, "\n") {
			if runes(l) > max(width, 50) { // the address has 46 and cannot be broken
				t.Errorf("%d: %q", width, l)
			}
		}
		if strings.Join(strings.Fields(text), " ") != long || !strings.Contains(text, "penstock land orders --remove o.csv") {
			t.Errorf("%d: %q", width, text)
		}
	}
	caret := "SELECT a very long line that is longer than the terminal is wide\n       ^"
	if got := wrap(caret, 20, ""); got != caret {
		t.Errorf("the caret points elsewhere:\n%s", got)
	}
	if got := stepLine("✔", "orders", "crawl", "", "0.2s", 0); strings.TrimRight(got,
		" ") != " ✔ orders           crawl                                                     0.2s" {
		t.Errorf("%q", got)
	}
}

func TestQueryAsJSON(t *testing.T) {
	s := func(v string) *string { return &v }
	table := run.Table{
		Columns: []string{"z", "a", "a", "n", "f", "ok", "j"},
		Types:   []string{"varchar", "int8", "varchar", "numeric", "float8", "bool", "super"},
		Rows: [][]*string{
			{s(""), s("9007199254740993"), s("1"), s("0.10"), s("NaN"), s("true"), s(`{"b": [1, "x"]}`)},
			{nil, nil, nil, nil, s("1e+20"), s("false"), s("not json")},
		},
	}
	var b strings.Builder
	if err := printJSON(&b, table); err != nil {
		t.Fatal(err)
	}
	want := `{"z":"","a":9007199254740993,"a_2":"1","n":0.10,"f":"NaN","ok":true,"j":{"b":[1,"x"]}}` + "\n" +
		`{"z":null,"a":null,"a_2":null,"n":null,"f":1e+20,"ok":false,"j":"not json"}` + "\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	b.Reset()
	a := &app{stdout: &b, stderr: &b}
	if err := a.printTable(run.Table{Columns: []string{"a", "b"}, Types: []string{"varchar", "varchar"},
		Rows: [][]*string{{nil, s("")}, {s("x\x1b[31m\ny"), s("é")}}}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "a             b\nNULL\nx\\x1b[31m\\ny  é\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSQLThatBeginsWithAComment(t *testing.T) {
	for in, want := range map[string]string{
		"query|-- c\nSELECT 1":             "query|--|-- c\nSELECT 1",
		"query|-C|x|-- c\nSELECT 1|--json": "query|-C|x|--json|--|-- c\nSELECT 1",
		"query|--data=/my dir|SELECT 1":    "query|--data=/my dir|SELECT 1",
		"query|--|-- c\nSELECT 1":          "query|--|-- c\nSELECT 1",
		"query|--x=1 is odd\nSELECT 1":     "query|--|--x=1 is odd\nSELECT 1",
		"run|-- c":                         "run|-- c",
	} {
		if got := strings.Join(sqlLast(strings.Split(in, "|")), "|"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestCommandsAreForHere: commands that the runtime tells to type name the pipeline's folder and the data directory, if they were named.
func TestCommandsAreForHere(t *testing.T) {
	const said = "x: penstock land orders --remove a.csv\nthen \"penstock run\", or: penstock run -C y; penstock runs penstock"
	for _, c := range []struct{ dir, data, want string }{
		{".", "", said},
		{"./", "", said},
		{"my shop", "", "x: penstock land -C 'my shop' orders --remove a.csv\nthen \"penstock run -C 'my shop'\", or: penstock run -C y; " +
			"penstock runs penstock"},
		{".", "d", "x: penstock land --data d orders --remove a.csv\nthen \"penstock run --data d\", or: penstock run -C y; " +
			"penstock runs penstock"},
	} {
		if got := (&app{dir: c.dir, data: c.data}).here(said); got != c.want {
			t.Errorf("in %s with %q: %s", c.dir, c.data, got)
		}
	}
}

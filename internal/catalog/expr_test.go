package catalog

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestExpressions(t *testing.T) {
	cases, failed := expressions(t, func(want string) string { return want })
	for _, f := range failed {
		t.Error(f)
	}
	if cases < 95 {
		t.Errorf("only %d cases", cases)
	}
}

// TestExpressionsCanFail alters every expectation: then every case fails.
func TestExpressionsCanFail(t *testing.T) {
	cases, failed := expressions(t, func(want string) string {
		if want == "none" {
			return "0"
		}
		return want[:len(want)-1]
	})
	if len(failed) != cases {
		t.Errorf("%d of %d altered cases fail", len(failed), cases)
	}
}

// expressions runs testdata/expressions.test: a line "keys: name type, ...", a line "values: a|b; c|d", then "expression => indexes"
// of the rows that match (none, state: text, error: text).
func expressions(t *testing.T, expect func(string) string) (cases int, failed []string) {
	t.Helper()
	f, err := os.Open("testdata/expressions.test")
	must(t, err)
	defer f.Close()
	var keys []Column
	var rows [][]string
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if rest, ok := strings.CutPrefix(line, "keys:"); ok {
			keys = nil
			for _, k := range strings.Split(rest, ";") {
				name, ty, _ := strings.Cut(strings.TrimSpace(k), " ")
				keys = append(keys, Column{Name: name, Type: ty})
			}
		} else if rest, ok := strings.CutPrefix(line, "values:"); ok {
			rows = nil
			for _, r := range strings.Split(rest, ";") {
				rows = append(rows, strings.Split(strings.TrimSpace(r), "|"))
			}
		} else if expr, want, ok := strings.Cut(line, " => "); ok && !strings.HasPrefix(line, "#") {
			cases++
			got := matches(expr, keys, rows)
			if want = expect(want); got != want {
				failed = append(failed, fmt.Sprintf("line %d: %s gives %q, want %q", n, expr, got, want))
			}
		}
	}
	return cases, failed
}

func matches(expr string, keys []Column, rows [][]string) string {
	f, err := CompileFilter(expr, keys)
	if err != nil {
		return "error: " + err.Error()
	}
	ranges, _ := f.keySpans(f.primary())
	var out []string
	for i, r := range rows {
		ok, err := f.Match(r)
		if err != nil {
			return "state: " + err.Error()
		}
		key := encodeKey(r)
		if inside := slices.ContainsFunc(ranges, func(x span) bool { return x.holds(key) }); ok && !inside {
			return "the index range leaves out row " + itoa(i)
		}
		if ok && !insideIndex(f, keys, r) {
			return "a partition index leaves out row " + itoa(i)
		}
		if ok && f.root != nil && f.hopeless(r) > 0 {
			return "its first values seem to rule out row " + itoa(i)
		}
		for n := 2; n < len(ranges); n++ {
			if bytes.Compare(ranges[n-1].to, ranges[n].from) > 0 {
				return "the index ranges are not in order"
			}
		}
		if ok {
			out = append(out, itoa(i))
		}
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, " ")
}

// insideIndex reports whether an index over all keys that may have one, the last first, would find a row.
func insideIndex(f *Filter, keys []Column, row []string) bool {
	t, x := &Table{PartitionKeys: keys}, &index{}
	for i := range keys {
		if k, err := t.indexKey(keys[len(keys)-1-i].Name); err == nil {
			x.keys = append(x.keys, k)
		}
	}
	value, _, ok := x.value(row)
	ranges, _ := f.keySpans(x.keys)
	return !ok || slices.ContainsFunc(ranges, func(s span) bool { return s.holds(value) })
}

func TestKeyOrder(t *testing.T) {
	rows := [][]string{{"", ""}, {"", "z"}, {"\x00", "a"}, {"\x00\x01", "a"}, {"\x01", "a"}, {"a", ""}, {"a", "b"}, {"a\x00", "a"},
		{"a\x00b", "a"}, {"aa", ""}, {"b", "\xff"}}
	var last []byte
	for _, r := range rows {
		k := encodeKey(r)
		back, err := decodeKey(nil, k)
		if err != nil || !slices.Equal(back, r) {
			t.Errorf("%q reads back as %q, %v", r, back, err)
		}
		if bytes.Compare(last, k) >= 0 {
			t.Errorf("%q does not follow its neighbour", r)
		}
		last = k
	}
	for _, bad := range []string{"a", "a\x00", "\x00"} {
		if _, err := decodeKey(nil, []byte(bad)); err == nil {
			t.Errorf("%q is no key", bad)
		}
	}
}

// TestSpansNarrow shows that common expressions read a part of the index only.
func TestSpansNarrow(t *testing.T) {
	keys := []Column{{Name: "y", Type: "string"}, {Name: "m", Type: "string"}, {Name: "n", Type: "int"}, {Name: "d", Type: "date"}}
	// The ends of values are written as a comma, and a point as the value alone.
	for expr, want := range map[string]string{
		"y = '2024'":                              "2024, 2",
		"y = '2024' and m = '01'":                 "2024,01, 4",
		"(m > '03') and (y in ('2024'))":          "2024,03,-2024,+ 3",
		"y between '2023' and '2024'":             "2023,-2024,+ 1",
		"y like '20%'":                            "20 1",
		"y >= '2020' and y < '2024' and y > '20'": "2020,-2024, 1",
		"y = 'b' or y = 'a' or y = 'b'":           "a, b, 2",
		"(y = 'a' or y = 'b') and m = 'x'":        "a,x, b,x, 4",
		"y = 'a' or y > 'c'":                      "a, c,- 1",
		"y = 'a' and m in ('2', '1') and n = 5":   "a,1, a,2, 4",
		"y = 'a' and y = 'b'":                     "2",
		"y = '2024' or m = '01'":                  "- 0",
		"not y = '2024'":                          "- 0",
		"n = 5":                                   "- 0",
		"y is null and (m = 'a' or n is null)":    "__HIVE_DEFAULT_PARTITION__, 2",
	} {
		f, err := CompileFilter(expr, keys)
		must(t, err)
		ranges, narrow := f.keySpans(f.primary())
		got := ""
		for _, x := range ranges {
			from, to := string(x.from), string(x.to)
			if got += from; to != string(after(x.from)) || to == "" {
				got += "-" + to
			}
			got += " "
		}
		got = strings.NewReplacer("\x00\x01", ",", "\x00\x02", ",+").Replace(got) + fmt.Sprint(narrow)
		if got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"s = 'a'", "not (i in (1, -2.0) or s like '%a_b%')", "d between '2024-01-01' and '2024-02-01'",
		"s >= 'a' and s < 'b' and i <> 5", "((s)) is not null", "p = 1.50", "t > timestamp '2024-01-01 00:00:00.5'", "'a' < s", "s = ''''",
		"i = 1e3"} {
		f.Add(s, "a", "1")
	}
	keys := []Column{{Name: "s", Type: "string"}, {Name: "i", Type: "int"}, {Name: "d", Type: "date"}, {Name: "p", Type: "decimal(5,2)"},
		{Name: "t", Type: "timestamp"}}
	f.Fuzz(func(t *testing.T, expr, s, i string) {
		row := []string{s, i, "2024-01-15", "1.5", "2024-01-01 00:00:01"}
		if got := matches(expr, keys, [][]string{row}); strings.Contains(got, " row ") {
			t.Fatalf("%q: %s for %q", expr, got, row)
		}
	})
}

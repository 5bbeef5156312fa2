package intrinsic_test

import (
	"errors"
	"strings"
	"testing"

	"penstock/internal/asl/intrinsic"
	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

var errMissing = errors.New("missing")

func env(t testing.TB, input string) intrinsic.Env {
	t.Helper()
	root, err := value.Parse(input)
	if err != nil {
		t.Fatal(err)
	}
	return intrinsic.Env{UUID: func() string { return "u-u-i-d" }, Random: func(n int64) int64 { return n - 1 },
		Path: func(p *jsonpath.Path) (value.Value, error) {
			v, ok := p.Get(root)
			if !ok {
				return nil, errMissing
			}
			return v, nil
		}}
}

func TestFunctions(t *testing.T) {
	e := env(t, `{"l": [1, 2, 3, 4, 5, 6, 7, 8, 9], "o": {"a": 1, "b": [true, null]}, "s": "a\\{}b", `+
		`"dup": [1, 1.0, "1", {"x": 1, "y": 2}, {"y": 2, "x": 1}]}`)
	for call, want := range map[string]string{
		`States.Array(1, 'two', null, true, $.o)`: `[1,"two",null,true,{"a":1,"b":[true,null]}]`,
		`States.Array()`:                                          `[]`,
		`States.ArrayPartition($.l, 4)`:                           `[[1,2,3,4],[5,6,7,8],[9]]`,
		`States.ArrayContains($.l, 5)`:                            `true`,
		`States.ArrayContains($.l, '5')`:                          `true`,
		`States.ArrayContains($.dup, 'x')`:                        `false`,
		`States.ArrayRange(1.6, 5.4, 2.9)`:                        `[1,3,5]`,
		`States.ArrayRange(5.4, -0.6, -2.4)`:                      `[5,3,1]`,
		`States.ArrayPartition($.l, 4.9)`:                         `[[1,2,3,4],[5,6,7,8],[9]]`,
		`States.ArrayGetItem($.l, 1.9)`:                           `2`,
		`States.ArrayGetItem(States.Array(), 7)`:                  `null`,
		`States.Base64Decode('!!!invalid!!!')`:                    `"�{ږ'"`,
		`States.Base64Decode('abc')`:                              `"i�"`,
		`States.Base64Decode('ab==cd')`:                           `"i"`,
		`States.Base64Decode(' YWJjZA== ')`:                       `"abcd"`,
		`States.JsonMerge($.o, $.o, 'false')`:                     `{"a":1,"b":[true,null]}`,
		`States.StringToJson('')`:                                 `null`,
		`States.StringToJson('  ')`:                               `null`,
		`States.StringToJson(' {"a":1} ')`:                        `{"a":1}`,
		`States.MathAdd(1.49, 1.50)`:                              `3`,
		`States.MathAdd(-1.49, -1.50)`:                            `-2`,
		`States.MathAdd(-1.50, -1.51)`:                            `-3`,
		`States.MathAdd(-0.5, 0)`:                                 `0`,
		`States.MathAdd(2147483646, 1)`:                           `2147483647`,
		`States.ArrayRange(1, 9, 2)`:                              `[1,3,5,7,9]`,
		`States.ArrayRange(3, 1, -1)`:                             `[3,2,1]`,
		`States.ArrayGetItem($.l, 5)`:                             `6`,
		`States.ArrayLength($.l)`:                                 `9`,
		`States.ArrayUnique($.dup)`:                               `[1,1.0,"1",{"x":1,"y":2}]`,
		`States.Base64Encode('Data to encode')`:                   `"RGF0YSB0byBlbmNvZGU="`,
		`States.Base64Decode('RGVjb2RlZCBkYXRh')`:                 `"Decoded data"`,
		`States.Hash('input data', 'SHA-1')`:                      `"aaff4a450a104cd177d28d18d74485e8cae074b7"`,
		`States.JsonMerge($.o, $.o, false)`:                       `{"a":1,"b":[true,null]}`,
		`States.StringToJson('{"number": 20.50}')`:                `{"number":20.50}`,
		`States.JsonToString($.o)`:                                `"{\"a\":1,\"b\":[true,null]}"`,
		`States.MathRandom(1, 999)`:                               `998`,
		`States.MathAdd(111, -1)`:                                 `110`,
		`States.MathAdd(1.5, 1)`:                                  `3`,
		`States.StringSplit('1,2,,3', ',')`:                       `["1","2","3"]`,
		`States.UUID()`:                                           `"u-u-i-d"`,
		`States.Format('Hello, {}{} \{\} it\'s {}', $.o, 'x', 1)`: `"Hello, {a=1, b=[true, null]}x {} it's 1"`,
		`States.Format('{}', States.ArrayGetItem(States.StringSplit('a-b', '-'), 1))`: `"b"`,
		`States.Format($.s, 1)`: `"a{}b"`,
	} {
		c, err := intrinsic.Parse(call)
		if err != nil {
			t.Errorf("%s: %v", call, err)
			continue
		}
		v, err := c.Eval(e)
		if call == `States.Format($.s, 1)` { // an escaped brace takes no argument
			if err == nil {
				t.Errorf("%s: %s", call, value.Text(v))
			}
			continue
		}
		if err != nil || value.Text(v) != want {
			t.Errorf("%s: %s, %v, want %s", call, value.Text(v), err, want)
		}
	}
}

func TestSeededRandomIsStable(t *testing.T) {
	c, err := intrinsic.Parse("States.MathRandom(0, 999, 3)")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := c.Eval(env(t, "{}"))
	b, _ := c.Eval(env(t, "{}"))
	if n, ok := value.AsInt(a); !ok || n < 0 || n >= 999 || a != b {
		t.Errorf("%v, %v", a, b)
	}
}

func TestFailures(t *testing.T) {
	for call, want := range map[string]string{
		"States.ArrayGetItem($.l, 1)":          "Invalid arguments in States.ArrayGetItem: the index 1 is outside of the array of 1 items",
		"States.ArrayPartition($.l, 0)":        "positive",
		"States.ArrayRange(0, 5000, 1)":        "more than 1000 items",
		"States.ArrayRange(0, 5, 0)":           "must not be zero",
		"States.ArrayLength('x')":              "must be an array, not string",
		"States.Hash('x', 'SHA-3')":            `"SHA-3" is none of`,
		"States.JsonMerge($, $, true)":         "only shallow merging",
		"States.StringToJson('{')":             "not JSON",
		"States.MathAdd('1', 2)":               "Invalid arguments in States.MathAdd: the first argument must be a number, not string",
		"States.MathAdd(-3000000000, 1)":       "outside of the range",
		"States.MathRandom(1.4, 1.6)":          "greater than the start",
		"States.ArrayPartition($.l, 0.6)":      "positive",
		"States.StringToJson(123)":             "must be a string, not number",
		"States.MathAdd(2147483647, 1)":        "outside of the range",
		"States.MathRandom(5, 5)":              "greater than the start",
		"States.Format('{} {}', 1)":            "more {} in the template",
		"States.Format('{}', 1, 2)":            "more arguments than {}",
		"States.Format('{}', $.missing)":       "missing",
		"States.Base64Encode(States.Array(1))": "must be a string, not array",
	} {
		c, err := intrinsic.Parse(call)
		if err != nil {
			t.Errorf("%s: %v", call, err)
			continue
		}
		if v, err := c.Eval(env(t, `{"l": [0]}`)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v, want %s", call, value.Text(v), err, want)
		}
	}
	deep := strings.Repeat("States.Array(", 11) + strings.Repeat(")", 11)
	for _, bad := range []string{"States.Nope(1)", "States.UUID(", "States.UUID() x", "States.Format()", "Format('x')", "States.Hash('a')",
		"States.Array(a)", "States.Array({})", "States.Array('a)", "States.Array(1 2)", "States.Array($.a b[)", deep} {
		if c, err := intrinsic.Parse(bad); err == nil {
			t.Errorf("%q was read as %s", bad, c.Text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"States.Format('{}', $.a[?(@.b == ')')])", "States.Array(1, 'a', States.UUID())",
		`States.StringSplit('a\'b', ',')`, "States.MathRandom(1, 2, 3)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := intrinsic.Parse(s)
		if err != nil {
			return
		}
		c.Paths()
		if v, err := c.Eval(env(t, `{"a": [1, {"b": "c"}]}`)); err == nil {
			value.Text(v)
		}
	})
}

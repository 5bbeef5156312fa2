package dqdl

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"penstock/internal/testcorpus"
)

// TestEveryRuleType parses a rule of each type that AWS's own table names, and finds no type that the table does not have.
func TestEveryRuleType(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(testcorpus.Dir(t), "conformance/dqdl/rules-config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Types []struct {
			Name       string `json:"rule_type_name"`
			Parameters []struct{ Optional bool }
			Return     string `json:"return_type"`
			Where      bool   `json:"is_where_clause_supported"`
			Threshold  bool   `json:"is_threshold_supported"`
		} `json:"rule_types"`
	}
	if err := json.Unmarshal(b, &config); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, c := range config.Types {
		named[c.Name] = true
	}
	if len(named) != 33 || len(specs) != 33 {
		t.Errorf("%d rule types, the table has %d", len(specs), len(named))
	}
	for _, c := range config.Types {
		s, ok := specs[c.Name]
		if !ok {
			t.Errorf("%s is missing", c.Name)
			continue
		}
		text := c.Name + strings.Repeat(` "a"`, max(s.min, min(len(c.Parameters), max(s.max, 1))))
		switch s.class {
		case numbers, anyValue:
			text += " > 0.5"
		case texts:
			text += ` in ["x"]`
		case dates:
			text += " > (now() - 3 days)"
		case durations:
			text += " <= 3 days"
		case sizes:
			text += " < 5 GB"
		}
		if c.Where && s.where {
			text += ` where "a > 1"`
		}
		if c.Threshold && s.threshold {
			text += " with threshold > 0.9"
		}
		if c.Where && !s.where {
			t.Errorf("%s takes a where clause", c.Name)
		}
		if c.Name == "AllStatistics" {
			if _, err := Parse("Analyzers = [ " + text + " ]"); err != nil {
				t.Error(err)
			}
			continue
		}
		set, err := Parse("Rules = [ " + text + " ]")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if set.Rules[0].Type != c.Name || set.Rules[0].Text != text {
			t.Errorf("%s parsed as %+v", text, set.Rules[0])
		}
	}
}

func TestParseWhole(t *testing.T) {
	set, err := Parse(`# what holds of orders
Metadata = { "Version": "1.0" }
DataSources = { "Primary": "orders", "AdditionalDataSources": [ "customers" ] }
status = [ "open", "paid" ]
word = "open"
DefaultLabels = [ "team"="shop" ]
Rules = [
  RowCount between 10 and 100, # both ends are excluded
  ColumnValues "status" in $status with threshold >= 0.9,
  (IsComplete "id") and (IsUnique "id" "line") or (ColumnValues "s" = $word),
  ColumnValues "name" not matches "\\d+ \"x\"" where "id > 5",
  ColumnValues "email" != NULL,
  RowCount > avg(last(10)) * 0.5,
  ColumnValues "day" > (now() - 3 days),
  ColumnLength "zip" = 5 labels = [ "a"="b" ]
]
Analyzers = [ AllStatistics "AllColumns", DistinctValuesCount "x" ]`)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Rules) != 8 || len(set.Analyzers) != 2 || set.Sections["Metadata"] != `{ "Version": "1.0" }` {
		t.Errorf("%d rules, %d analyzers, sections %q", len(set.Rules), len(set.Analyzers), set.Sections)
	}
	if got := set.Rules[7].Labels; got != `[ "a"="b" ]` {
		t.Errorf("labels %q", got)
	}
}

func TestConditions(t *testing.T) {
	set, err := Parse(`x = [ "open", "paid" ] low = "3"
Rules = [
  RowCount between 10 and 100,
  ColumnValues "s" in $x with threshold >= 0.9,
  (IsComplete "id") and (IsUnique "id" "line") or (ColumnValues "n" = $low),
  ColumnValues "n" not matches "\\d+ \"x\"" where "id > 5",
  RowCount > avg(last(10)) * 0.5
]`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Rule{
		{Type: "RowCount", Condition: &Condition{Op: "between", Operands: []Operand{{Number, "10"}, {Number, "100"}}}},
		{Type: "ColumnValues", Params: []string{"s"}, Condition: &Condition{Op: "in", Operands: []Operand{{String, "open"}, {String, "paid"}}},
			Threshold: &Condition{Op: ">=", Operands: []Operand{{Number, "0.9"}}}},
		{Op: "or", Parts: []Rule{
			{Op: "and", Parts: []Rule{{Type: "IsComplete", Params: []string{"id"}}, {Type: "IsUnique", Params: []string{"id", "line"}}}},
			{Type: "ColumnValues", Params: []string{"n"}, Condition: &Condition{Op: "=", Operands: []Operand{{String, "3"}}}},
		}},
		{Type: "ColumnValues", Params: []string{"n"}, Condition: &Condition{Op: "matches", Not: true, Operands: []Operand{{String, `\d+ "x"`}}},
			Where: "id > 5"},
		{Type: "RowCount", Condition: &Condition{Op: ">", Operands: []Operand{{Dynamic, "avg(last(10)) * 0.5"}}}},
	}
	if len(set.Rules) != len(want) {
		t.Fatalf("%d rules", len(set.Rules))
	}
	for i := range want {
		if got := bare(set.Rules[i]); !reflect.DeepEqual(got, want[i]) {
			t.Errorf("rule %d: got %+v, want %+v", i, got, want[i])
		}
	}
	if set.Rules[1].Line != 4 || set.Rules[1].Col != 3 {
		t.Errorf("rule 1 stands at %d:%d", set.Rules[1].Line, set.Rules[1].Col)
	}
}

// TestForms reads the forms that AWS's own grammar has beside the usual ones: plain words for names, "of" and "and" between a rule
// and its parameters, labels after a composition, arithmetic on constants, units.
func TestForms(t *testing.T) {
	for text, want := range map[string]Rule{
		`Completeness of col_1 between 0.5 and 0.8`: {Type: "Completeness", Params: []string{"col_1"},
			Condition: &Condition{Op: "between", Operands: []Operand{{Number, "0.5"}, {Number, "0.8"}}}},
		`ColumnCorrelation of a.b and "c d" > 0.1`: {Type: "ColumnCorrelation", Params: []string{"a.b", "c d"},
			Condition: &Condition{Op: ">", Operands: []Operand{{Number, "0.1"}}}},
		`DetectAnomalies of Completeness of "a"`: {Type: "DetectAnomalies", Params: []string{"Completeness", "a"}},
		`RowCount > 10 * (2 + 3) - 1`:            {Type: "RowCount", Condition: &Condition{Op: ">", Operands: []Operand{{Number, "49"}}}},
		`RowCount between (0.9 * avg(last(10))) and 1.1 * avg(last(10))`: {Type: "RowCount", Condition: &Condition{Op: "between",
			Operands: []Operand{{Dynamic, "(0.9 * avg(last(10)))"}, {Dynamic, "1.1 * avg(last(10))"}}}},
		`FileSize not in [500 KB, 1 GB]`: {Type: "FileSize",
			Condition: &Condition{Op: "in", Not: true, Operands: []Operand{{Size, "500 KB"}, {Size, "1 GB"}}}},
		`DataFreshness "d" <= 3 days`: {Type: "DataFreshness", Params: []string{"d"},
			Condition: &Condition{Op: "<=", Operands: []Operand{{Duration, "3 days"}}}},
		`ColumnValues "d" > (now() - 3 days)`: {Type: "ColumnValues", Params: []string{"d"},
			Condition: &Condition{Op: ">", Operands: []Operand{{Dynamic, "(now() - 3 days)"}}}},
		`ColumnValues "s" != null`: {Type: "ColumnValues", Params: []string{"s"},
			Condition: &Condition{Op: "!=", Operands: []Operand{{Keyword, "NULL"}}}},
		`(IsComplete a AND IsUnique b) labels=["k"="v"]`: {Op: "and", Labels: `["k"="v"]`,
			Parts: []Rule{{Type: "IsComplete", Params: []string{"a"}}, {Type: "IsUnique", Params: []string{"b"}}}},
		`RowCount = -5`: {Type: "RowCount", Condition: &Condition{Op: "=", Operands: []Operand{{Number, "-5"}}}},
	} {
		set, err := Parse("Rules = [ " + text + " ]")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := bare(set.Rules[0]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
}

// bare drops the places and texts.
func bare(r Rule) Rule {
	r.Text, r.Line, r.Col = "", 0, 0
	for i := range r.Parts {
		r.Parts[i] = bare(r.Parts[i])
	}
	return r
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		``:                                                   "a ruleset has a section",
		`Rules = [ ]`:                                        "line 1, column 11: the list of rules is empty",
		`Rules = [ IsComplet "a" ]`:                          `line 1, column 11: "IsComplet" is not a rule type; did you mean "IsComplete"?`,
		"Rules = [\n IsComplete ]":                           "line 2, column 13: IsComplete takes 1 parameter in quotes, not 0",
		`Rules = [ RowCount ]`:                               "RowCount is compared with something",
		`Rules = [ IsComplete "a" > 1 ]`:                     "IsComplete has no condition",
		`Rules = [ RowCount > ]`:                             "a value is wanted here",
		`Rules = [ ColumnValues "a" in [1, ]`:                "a value is wanted here",
		`Rules = [ ColumnValues "a" in $x ]`:                 "there is no list variable $x",
		`Rules = [ RowCount > 1 RowCount > 2 ]`:              `"," is wanted here, not "RowCount"`,
		`Rules = [ IsComplete "a ]`:                          "this string is never closed",
		`Rules = [ RowCount > 1`:                             `"," is wanted here, not the end of the text`,
		`Rules = [ RowCount > 1.2.3 ]`:                       "is not a number",
		`Rules = [ RowCount > 1 ] ?`:                         "has no meaning here",
		`Rules = [ RowCount matches "a" ]`:                   `RowCount is not compared with "a"`,
		`Rules = [ Completeness "a" > "x" ]`:                 `Completeness is not compared with "x"`,
		`Rules = [ ColumnValues "a" in [1, "2"] ]`:           "the values of one list are of one kind",
		`Rules = [ DataFreshness "a" between 2 and 4 days ]`: `DataFreshness is not compared with "2"`,
		`Rules = [ ColumnValues "a" = (now() - 3 weeks) ]`:   `days, hours or minutes are wanted here, not "weeks"`,
		`Rules = [ DetectAnomalies ]`:                        "DetectAnomalies takes at least 1 parameter",
		`Rules = [ FileMatch "p" ]`:                          "FileMatch is compared with something",
		`Rules = [ ColumnDataType "a" = "Date" with threshold > 1 with threshold > 2 ]`: "a rule has one threshold",
		`Rules = [ FileSize > 1 KB with tag != "x" ]`:                                   "a tag is given a value",
		`x = 5 Rules = [ RowCount > 1 ]`:                                                "the variable x holds a text in quotes",
		`x = "a" x = "b" Rules = [ RowCount > 1 ]`:                                      "the variable x is declared twice",
		`x = ["a"] Rules = [ CustomSql $x = 1 ]`:                                        "the variable $x holds a list",
		`Analyzers = [ IsComplete "a" ]`:                                                "IsComplete gives no number and cannot be an analyzer",
		`Rules = [ AllStatistics "a" ]`:                                                 "AllStatistics is an analyzer and no rule",
		`Rules = [ RowCount > 1 / 0 ]`:                                                  "this divides by zero",
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestNotEvaluable(t *testing.T) {
	for text, want := range map[string]string{
		`Entropy "a" > 1`:                         "the rule type Entropy cannot be evaluated yet",
		`RowCount > avg(last(10))`:                "the dynamic value avg(last(10)) cannot be evaluated yet",
		`(IsComplete "a") and (IsPrimaryKey "a")`: "IsPrimaryKey",
		`ColumnValues "a" matches "("`:            "cannot be used",
		`CustomSql "select 1 from primary"`:       "without a condition",
		`ColumnValues "a" > NULL`:                 "NULL can only be compared",
		`Completeness "a" > NULL`:                 "is not a number",
		`DataFreshness "d" <= 3 days`:             "DataFreshness cannot be evaluated yet",
	} {
		set, err := Parse("Rules = [ " + text + " ]")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := Evaluable(set.Rules[0]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
		if _, err := Compile(set, "v"); err == nil {
			t.Errorf("%s compiles", text)
		}
	}
}

func TestEvaluate(t *testing.T) {
	set, err := Parse(`Rules = [
 RowCount > 5, RowCount > 50, IsComplete "a", IsComplete "b", Completeness "b" >= 0.9, Completeness "b" between 0.5 and 0.9,
 IsUnique "a", ColumnValues "a" > 3 with threshold > 0.8, (IsComplete "b") or (RowCount = 10), (IsComplete "b") and (RowCount = 10),
 CustomSql "SELECT sum(x) FROM primary" = 1.10, CustomSql "SELECT 1 FROM primary WHERE false" = 1 ]`)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Compile(set, "primary")
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Queries) != 3 || plan.Queries[1] != "SELECT sum(x) FROM primary" {
		t.Fatalf("queries: %q", plan.Queries)
	}
	row := values("10", "10", "10", "10 10", "10 9", "10 9", "10 9", "10 10", "10 9", "10 9", "10", "10 9", "10")
	results, err := plan.Evaluate([][]*string{row, values("1.1"), nil})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{Pass, Fail, Pass, Fail, Pass, Fail, Pass, Pass, Pass, Fail, Pass, Errors}
	for i, r := range results {
		if r.Result != want[i] {
			t.Errorf("%s: %s (%s), want %s", r.Rule.Text, r.Result, r.Message, want[i])
		}
	}
	if got := results[3]; got.Message != "Value: 0.9 does not meet the constraint requirement!" ||
		got.Metrics["Column.b.Completeness"] != "0.9" {
		t.Errorf("got %+v", got)
	}
}

func values(texts ...string) (row []*string) {
	for _, t := range texts {
		for _, v := range strings.Fields(t) {
			row = append(row, &v)
		}
	}
	return row
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`Rules = [ IsComplete "a" ]`, `x = [1] Rules = [ ColumnValues "a" in $x and (RowCount > avg(last(3))) ]`,
		`Analyzers = [ RowCount ]`, `Rules=[((((`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := Parse(text)
		if err != nil {
			return
		}
		for _, r := range set.Rules {
			if Evaluable(r) == nil {
				if _, err := Compile(&Ruleset{Rules: []Rule{r}}, "v"); err != nil {
					t.Errorf("%q is evaluable but does not compile: %v", text, err)
				}
				Violation(r, "v")
			}
		}
	})
}

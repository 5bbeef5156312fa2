"""EvaluateDataQuality."""

import json
import os
import unittest

from common import CatalogCase, rows
from awsglue import DataError
from awsgluedq import dqdl
from awsgluedq.transforms import EvaluateDataQuality


class TestParse(unittest.TestCase):
    def test_forms(self):
        rules, _ = dqdl.parse('''# a ruleset
            Metadata = { "Version": "1.0" }
            s = [ "open", "paid" ] w = "x"
            Rules = [ RowCount between 10 and 100, ColumnValues "s" in $s with threshold >= 0.9,
              (IsComplete "id") and (IsUnique "id" "line") or (ColumnValues "n" = $w), Completeness of col_1 > 1/2,
              ColumnValues "n" not matches "\\\\d+ \\"x\\"" where "id > 5", DataFreshness "d" <= 3 days,
              ColumnValues "d" > (now() - 3 days), RowCount > 10 * (2 + 3) - 1, ]''')
        self.assertEqual([r.kind or r.op for r in rules], ["RowCount", "ColumnValues", "or", "Completeness", "ColumnValues", "DataFreshness",
                                                           "ColumnValues", "RowCount"])
        self.assertEqual([o.text for o in rules[1].condition.operands], ["open", "paid"])
        self.assertEqual((rules[4].condition.operands[0].text, rules[4].where, rules[4].condition.negated), ("\\d+ \"x\"", "id > 5", True))
        self.assertEqual((rules[5].condition.operands[0].value, rules[7].condition.operands[0].value), (3 * 86400, 49))
        self.assertEqual(rules[2].parts[0].text, "(IsComplete \"id\") and (IsUnique \"id\" \"line\")")

    def test_types(self):
        """AWS's table has 33 rule types."""
        self.assertEqual(len(dqdl.SPECS), 33)

    def test_mistakes(self):
        for text, want in (("", "a ruleset has a section"), ("Rules = [ ]", "the list of rules is empty"),
                           ("Rules = [ IsComplet \"a\" ]", "line 1, column 11: 'IsComplet' is not a rule type"),
                           ("Rules = [\n IsComplete ]", "IsComplete takes 1 parameters"), ("Rules = [ RowCount ]", "is compared with something"),
                           ("Rules = [ IsComplete \"a\" > 1 ]", "has no condition"), ("Rules = [ RowCount > ]", "a value is wanted here"),
                           ("Rules = [ ColumnValues \"a\" in $x ]", "there is no list variable"), ("Rules = [ RowCount > 1 ", "',' is wanted"),
                           ("Rules = [ IsComplete \"a ]", "never closed"), ("Rules = [ RowCount > 1/0 ]", "divides by zero"),
                           ("Rules = [ ColumnValues \"a\" in [1, \"2\"] ]", "of one kind"), ("Rules = [" + "(" * 60, "more than 50 deep"),
                           ("Rules = [ RowCount > " + "(" * 200 + "1", "more than 50 deep")):
            with self.assertRaisesRegex(DataError, want.replace("(", "\\(").replace("[", "\\[")):
                dqdl.parse(text)


class TestEvaluate(CatalogCase):
    def data(self):
        return self.frame([(1, "a", 5.0, "2020-01-01", "x1"), (2, "b", 7.0, "2020-02-30", "x22"), (3, "b", None, "2020-03-01", None),
                           (4, None, 9.0, "2020-04-01", "y")], "id int, k string, v double, d string, code string")

    def outcomes(self, *rules, **o):
        got = EvaluateDataQuality.apply(frame=self.data(), ruleset="Rules = [ %s ]" % ", ".join(rules), **o)
        self.assertEqual(got.toDF().columns[:4], ["Rule", "Outcome", "FailureReason", "EvaluatedMetrics"])
        return {r["Rule"]: r for r in (dict(x.asDict()) for x in got.toDF().collect())}

    def test_rules(self):
        """Each rule with its right outcome and, where one is named, its metric."""
        cases = [
            ('RowCount = 4', True, ("Dataset.*.RowCount", 4)), ('RowCount between 4 and 9', False, ("Dataset.*.RowCount", 4)),
            ('RowCount > 1 where "v > 6"', True, ("Dataset.*.RowCount", 2)), ('ColumnCount = 5', True, None),
            ('IsComplete "id"', True, ("Column.id.Completeness", 1)), ('IsComplete "k"', False, ("Column.k.Completeness", 0.75)),
            ('Completeness "k" > 0.7', True, ("Column.k.Completeness", 0.75)), ('IsUnique "id"', True, ("Column.id.Uniqueness", 1)),
            ('IsUnique "k"', False, ("Column.k.Uniqueness", 1 / 3.0)), ('Uniqueness "k" < 0.5', True, None),
            ('IsPrimaryKey "id"', True, None), ('IsPrimaryKey "code"', False, None), ('IsUnique "id" "k"', True, None),
            ('DistinctValuesCount "k" = 2', True, ("Column.k.DistinctValuesCount", 2)), ('UniqueValueRatio "k" = 0.5', True, None),
            ('ColumnValues "v" > 4', False, ("Column.v.ColumnValues.Compliance", 0.75)),
            ('ColumnValues "v" > 4 where "v is not null"', True, None), ('ColumnValues "v" > 4 with threshold >= 0.75', True, None),
            ('ColumnValues "k" in ["a", "b", NULL]', True, None), ('ColumnValues "k" not in ["a"]', False, None),
            ('ColumnValues "code" matches "x[0-9]+" with threshold = 0.5', True, None), ('ColumnValues "k" != NULL', False, None),
            ('ColumnValues "id" between 0 and 5', True, None), ('ColumnLength "k" = 1 with threshold > 0.7', True, None),
            ('Mean "v" = 7', True, ("Column.v.Mean", 7)), ('Sum "v" = 21', True, None), ('StandardDeviation "v" < 1.7', True, None),
            ('Variance "v" between 2.6 and 2.7', True, None), ('Entropy "k" < 0.7', True, None),
            ('ColumnCorrelation "id" "v" > 0.98', True, None), ('ColumnExists "k"', True, None), ('ColumnExists "zz"', False, None),
            ('IsComplete "zz"', False, None), ('ColumnNamesMatchPattern "[a-z]+"', True, None), ('ColumnDataType "d" = "Date"', False, None),
            ('ColumnDataType "d" = "Date" with threshold >= 0.75', True, None), ('ColumnDataType "id" = "Integer"', True, None),
            ('DataFreshness "d" > 24 hours with threshold >= 0.75', True, None), ('ColumnValues "d" < (now() - 3 days)', False, None),
            ('CustomSql "select count(*) from primary where v > 6" = 2', True, ("Dataset.*.CustomSQL", 2)),
            ('CustomSql "select nothing from primary" = 2', False, None),
            ('(IsComplete "k") or (RowCount = 4)', True, None), ('(IsComplete "k") and (RowCount = 4)', False, None)]
        got = self.outcomes(*[c[0] for c in cases])
        for rule, passed, metric in cases:
            r = got[rule]
            self.assertEqual(r["Outcome"], "Passed" if passed else "Failed", (rule, r))
            self.assertEqual(r["FailureReason"] is None, passed, rule)
            if metric:
                self.assertAlmostEqual(r["EvaluatedMetrics"][metric[0]], metric[1], 9, rule)
        self.assertEqual(got['IsComplete "k"']["FailureReason"], "Value: 0.75 does not meet the constraint requirement!")

    def test_rows(self):
        o = {"dataQualityEvaluationContext": "ctx", "enableDataQualityCloudWatchMetrics": True, "enableDataQualityResultsPublishing": True,
             "resultsS3Prefix": self.dir + "/results"}
        got = EvaluateDataQuality().process_rows(
            frame=self.data(), ruleset='Rules = [ IsComplete "k", ColumnValues "v" > 5 where "id < 4", RowCount > 3, IsUnique "k" ]',
            publishing_options=o, additional_options={"observations.scope": "ALL", "performanceTuning.caching": "CACHE_NOTHING"})
        self.assertEqual(sorted(got.keys()), ["originalData", "rowLevelOutcomes", "ruleOutcomes"])
        self.assertEqual(got["originalData"].count(), 4)
        by = {r["id"]: r for r in rows(got["rowLevelOutcomes"])}
        complete, values, count, unique = 'IsComplete "k"', 'ColumnValues "v" > 5 where "id < 4"', "RowCount > 3", 'IsUnique "k"'
        self.assertEqual({n: (r["DataQualityRulesPass"], r["DataQualityRulesFail"], r["DataQualityRulesSkip"], r["DataQualityEvaluationResult"])
                          for n, r in by.items()}, {
            1: ([complete, unique], [values], [count], "Failed"), 2: ([complete, values], [unique], [count], "Failed"),
            3: ([complete], [values, unique], [count], "Failed"), 4: ([unique], [complete], [count, values], "Failed")})
        self.assertEqual([(r["Rule"], r["Outcome"]) for r in rows(got["ruleOutcomes"])],
                         sorted([(values, "Failed"), (complete, "Failed"), (unique, "Failed"), (count, "Passed")]))
        names = os.listdir(self.dir + "/results/ctx")
        with open(os.path.join(self.dir, "results/ctx", [n for n in names if n.endswith(".json") and not n.startswith(".")][0])) as f:
            self.assertEqual(len([json.loads(line) for line in f]), 4)
        self.assertIn("MetricData.member.2.Value=1", self.service.metrics[0])

    def test_broken_rule(self):
        """A rule that Spark refuses fails with its reason; the others and the rows are judged."""
        f = self.frame([((1,), "a")], "s struct<i:int>, k string")
        got = EvaluateDataQuality().process_rows(frame=f, ruleset='Rules = [ ColumnValues "s" > 5, IsComplete "k" ]')
        by = {r["Rule"]: r for r in rows(got["ruleOutcomes"])}
        self.assertEqual(by['IsComplete "k"']["Outcome"], "Passed")
        self.assertRegex(by['ColumnValues "s" > 5']["FailureReason"], "Rule evaluation failed: .*MISMATCH")
        row = rows(got["rowLevelOutcomes"])[0]
        self.assertEqual((row["DataQualityRulesPass"], row["DataQualityRulesSkip"]), (['IsComplete "k"'], ['ColumnValues "s" > 5']))

    def test_sources_and_row_method(self):
        other = self.frame([("a",), ("b",)], "k string")
        got = self.outcomes('ReferentialIntegrity "k" "ref.k" = 0.75', 'RowCountMatch "ref" = 2', additional_data_sources={"ref": other})
        self.assertEqual({r["Outcome"] for r in got.values()}, {"Passed"}, got)
        rule = '(ColumnValues "k" = "a") or (ColumnValues "k" != "a")'
        self.assertEqual(self.outcomes(rule)[rule]["Outcome"], "Failed")
        rule = '(ColumnValues "k" = "a") or (ColumnValues "v" > 6) or (ColumnValues "id" = 3)'
        self.assertEqual(self.outcomes(rule)[rule]["Outcome"], "Failed")
        got = self.outcomes(rule, additional_options={"compositeRuleEvaluation.method": "ROW"})
        self.assertEqual(got[rule]["Outcome"], "Passed")

    def test_refused(self):
        for rule, text in (('RowCount > avg(last(10))', "values of earlier runs (avg(last(10)))"), ('DetectAnomalies "RowCount"', "DetectAnomalies"),
                           ('SchemaMatch "x" > 0.9', "SchemaMatch"), ('CustomSql "select id from primary"', "CustomSql rule without a condition"),
                           ('IsComplete "k", FileSize > 5 MB', "FileSize")):
            self.refused(text, EvaluateDataQuality.apply, self.data(), "Rules = [ %s ]" % rule, {"resultsS3Prefix": self.dir + "/r"})
        self.refused("Analyzers", EvaluateDataQuality.apply, self.data(), "Rules = [ RowCount > 1 ] Analyzers = [ RowCount ]")
        self.refused("the option 'odd'", EvaluateDataQuality.apply, self.data(), "Rules = [ RowCount > 1 ]", {"odd": 1})


if __name__ == "__main__":
    unittest.main()

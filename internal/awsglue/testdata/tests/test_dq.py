"""EvaluateDataQuality."""

import json
import os
import unittest

from common import HERE, CatalogCase, rows
from awsglue import DataError, DynamicFrame, NotSupported
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

    def corpus(self):
        """The table and the cases of dqdl's corpus of rules and outcomes; package dqdl's own test reads the same file."""
        path = os.path.join(HERE, "..", "..", "..", "dqdl", "testdata", "corpus.txt")
        rows_, cases, schema = [], [], ""
        with open(path, encoding="utf-8") as f:
            for line in f.read().splitlines():
                fields = line.split("\t")
                if fields[0] == "columns":
                    schema = fields[1]
                elif fields[0] == "row":
                    rows_.append([None if v == "\\N" else v for v in fields[1:]])
                elif not line.startswith("#"):
                    cases.append([fields[0].replace("spark ", "")] + fields[1:])
        names = [c.split(" ") for c in schema.split(", ")]
        df = self.df(rows_, ", ".join("%s string" % n for n, _ in names)).selectExpr(*["cast(%s as %s) %s" % (n, k, n) for n, k in names])
        return DynamicFrame.fromDF(df, self.glue, "corpus"), cases

    def test_corpus(self):
        """Every rule of the corpus: outcome, metrics, which rows break it; and what is refused."""
        frame, cases = self.corpus()
        rules = [c for c in cases if not c[0].startswith("refused ")]
        got = EvaluateDataQuality().process_rows(frame=frame, ruleset="Rules = [ %s ]" % ", ".join(c[3] for c in rules))
        outcomes = {r["Rule"]: r for r in (x.asDict() for x in got["ruleOutcomes"].toDF().collect())}
        broken = {}
        for r in got["rowLevelOutcomes"].toDF().orderBy("id").collect():
            for rule in r["DataQualityRulesFail"]:
                broken.setdefault(rule, []).append(str(r["id"]))
        self.assertGreater(len(rules), 60)
        for outcome, metrics, ids, rule in rules:
            o = outcomes[rule]
            self.assertEqual(o["Outcome"], {"PASS": "Passed", "FAIL": "Failed"}[outcome], (rule, o))
            self.assertEqual(o["FailureReason"] is None, outcome == "PASS", rule)
            self.assertEqual(sorted(o["EvaluatedMetrics"]), sorted(json.loads(metrics)), rule)
            for name, value in json.loads(metrics).items():
                self.assertAlmostEqual(o["EvaluatedMetrics"][name], value, 9, rule)
            if ids != "-":
                self.assertEqual(",".join(broken.get(rule, [])), ids, rule)
        for outcome, _, _, rule in cases:
            if outcome.startswith("refused "):
                with self.assertRaises((DataError, NotSupported)) as e:
                    EvaluateDataQuality.apply(frame, "Rules = [ %s ]" % rule)
                self.assertIn(outcome[len("refused "):], str(e.exception))

    def test_rules(self):
        """What the corpus does not say: with data of other shapes, texts of failures, types, dates."""
        cases = [
            ('ColumnLength "k" = 1 with threshold > 0.7', True, None), ('ColumnDataType "d" = "Date"', False, None),
            ('ColumnCorrelation "id" "v" > 0.98', True, None), ('IsComplete "zz"', False, None), ('IsComplete "k"', False, ("Column.k.Completeness", 0.75)),
            ('ColumnDataType "d" = "Date" with threshold >= 0.75', True, None), ('ColumnDataType "id" = "Integer"', True, None),
            ('DataFreshness "d" > 24 hours with threshold >= 0.75', True, None), ('ColumnValues "d" < (now() - 3 days)', False, None),
            ('CustomSql "select nothing from primary" = 2', False, None)]
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

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Rules evaluated by Spark SQL over a temporary view."""

import re
from fractions import Fraction

from pyspark.sql import types as T

from awsglue.errors import DataError, NotSupported

_MISSING = ("DetectAnomalies", "AllStatistics", "DatasetMatch", "SchemaMatch", "AggregateMatch", "FileMatch", "FileUniqueness",
            "FileFreshness", "FileSize")
_NUMERIC = {"Mean": "avg", "Sum": "sum", "StandardDeviation": "stddev_pop", "Variance": "var_pop"}
_TYPES = {"boolean": T.BooleanType, "date": T.DateType, "timestamp": T.TimestampType, "integer": T.IntegerType, "double": T.DoubleType,
          "float": T.FloatType, "long": T.LongType, "string": T.StringType, "decimal": T.DecimalType}


def check(rule):
    """Refuses by name what cannot be evaluated."""
    for part in rule.parts:
        check(part)
    if rule.op:
        return
    if rule.kind in _MISSING:
        raise NotSupported("the rule type %s: %s" % (rule.kind, rule.text))
    if rule.tags:
        raise NotSupported("\"with %s\" of a rule: %s" % (rule.tags[0], rule.text))
    if rule.kind == "CustomSql" and (rule.condition is None or rule.threshold is not None):
        raise NotSupported("a CustomSql rule without a condition (= 0), or with a threshold: %s" % rule.text)
    for c in (rule.condition, rule.threshold):
        for o in c.operands if c is not None else []:
            if o.kind == "dynamic":
                raise NotSupported("values of earlier runs (%s) in a rule: %s" % (o.text, rule.text))
            if c is rule.threshold and o.kind != "number":
                raise DataError("DQDL: %r is not a number: %s" % (o.text, rule.text))
            if rule.kind not in ("ColumnValues", "ColumnDataType") and c is rule.condition and o.kind == "keyword":
                raise DataError("DQDL: %s is not compared with %s" % (rule.kind, o.text))
            if c.op == "matches" and o.kind != "string":
                raise DataError("DQDL: matches takes a pattern in quotes: %s" % rule.text)
            if o.kind == "keyword" and c.op not in ("=", "!=", "in"):
                raise DataError("DQDL: %s can only be compared with =, != and in: %s" % (o.text, rule.text))


def quote(name):
    return "`" + name.replace("`", "``") + "`"


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _value(o):
    """An operand in Spark SQL."""
    if o.kind == "number":
        return o.text if re.match(r"^-?[0-9.]+$", o.text) else _decimal(o.value)
    if o.kind == "date":
        return "(current_timestamp() + make_interval(0, 0, 0, 0, 0, 0, %d))" % int(o.value)
    return literal(o.text)


def _decimal(value):
    return repr(float(value)) if value.denominator != 1 else str(value.numerator)


def _equal(column, o):
    if o.kind != "keyword":
        return "%s = %s" % (column, _value(o))
    if o.text == "EMPTY":
        return "coalesce(%s = '', false)" % column
    if o.text == "WHITESPACES_ONLY":
        return "coalesce(length(%s) > 0 AND trim(%s) = '', false)" % (column, column)
    return "(%s IS NULL)" % column


def holds(column, c):
    """The predicate that a condition holds of a column. NULL fulfils a comparison with NULL, and != and not in unless they name NULL;
    between leaves its bounds out."""
    negated = "NOT " if c.negated else ""
    if c.op == "between":
        low, high = _value(c.operands[0]), _value(c.operands[1])
        return "%s IS NOT NULL AND %s(%s > %s AND %s < %s)" % (column, negated, column, low, column, high)
    if c.op == "matches":
        return "%s IS NOT NULL AND %sCAST(%s AS string) RLIKE %s" % (column, negated, column, literal("^(?:" + c.operands[0].text + ")$"))
    if c.op == "in":
        some = "(" + " OR ".join(_equal(column, o) for o in c.operands) + ")"
        return "%scoalesce(%s, false)" % (negated, some)
    if c.op == "=":
        return "coalesce(%s, false)" % _equal(column, c.operands[0])
    if c.op == "!=":
        return "NOT coalesce(%s, false)" % _equal(column, c.operands[0])
    return "%s IS NOT NULL AND %s %s %s" % (column, column, c.op, _value(c.operands[0]))


def accepts(c, value):
    """Whether a condition holds of a number."""
    o = [x.value if x.value is not None else Fraction(x.text) for x in c.operands]
    if c.op == "between":
        return (o[0] < value < o[1]) != c.negated
    if c.op == "in":
        return (value in o) != c.negated
    return {"=": value == o[0], "!=": value != o[0], ">": value > o[0], ">=": value >= o[0], "<": value < o[0], "<=": value <= o[0]}[c.op]


class Outcome(object):
    """The judgement of a rule: passed, why not, metrics by name. broken: Spark could not evaluate it."""

    def __init__(self, passed, reason=None, metrics=None, broken=False):
        self.passed, self.reason, self.metrics, self.broken = passed, reason, metrics or {}, broken


class Evaluation(object):
    """A view and what is known of it. sources are other views by their aliases."""

    def __init__(self, spark, view, schema, sources, composite):
        self.spark, self.view, self.schema, self.sources, self.composite = spark, view, schema, sources, composite

    def has(self, name):
        return any(f.name.lower() == name.lower() for f in self.schema.fields)

    def one(self, text):
        """The first row of a query."""
        rows = self.spark.sql(text).limit(1).collect()
        return rows[0] if rows else None

    # Rows

    def row_test(self, rule):
        """The predicate that a row fulfils a rule, or None for rules that judge the whole. Rows outside of its where clause are None."""
        if rule.op:
            parts = [self.row_test(p) for p in rule.parts]
            return None if any(p is None for p in parts) else "(" + (") %s (" % rule.op.upper()).join(parts) + ")"
        if rule.params and rule.kind not in ("CustomSql", "ColumnNamesMatchPattern") and not self.has(rule.params[0]):
            return None
        test, c = None, quote(rule.params[0]) if rule.params else ""
        if rule.kind in ("IsComplete", "Completeness"):
            test = c + " IS NOT NULL"
        elif rule.kind == "ColumnValues":
            test = holds(c, rule.condition)
        elif rule.kind == "ColumnLength":
            test = holds("length(CAST(%s AS string))" % c, rule.condition)
        elif rule.kind in ("IsUnique", "Uniqueness", "UniqueValueRatio", "IsPrimaryKey"):
            columns = ", ".join(quote(p) for p in rule.params)
            within = "" if not rule.where else "CASE WHEN %s THEN 1 END, " % rule.where
            test = "count(*) OVER (PARTITION BY %s%s) = 1" % (within, columns)
            if rule.kind == "IsPrimaryKey":
                test += "".join(" AND %s IS NOT NULL" % quote(p) for p in rule.params)
        elif rule.kind == "DataFreshness":
            test = holds("(unix_timestamp(current_timestamp()) - unix_timestamp(CAST(%s AS timestamp)))" % c, _numbers(rule.condition))
        elif rule.kind == "ColumnDataType":
            test = self._is_type(c, rule)
        elif rule.kind == "ReferentialIntegrity":
            ref, _, columns = rule.params[1].partition(".")
            test = "%s IN (SELECT %s FROM %s)" % (c, quote(columns.strip("{}")), quote(self.source(ref, rule)))
        return test

    def _is_type(self, c, rule):
        """Whether a value can be read as a type."""
        if rule.condition.op not in ("=", "in") or any(o.kind != "string" for o in rule.condition.operands):
            raise NotSupported("a ColumnDataType rule but with = or in and types in quotes: %s" % rule.text)
        tests = []
        for o in rule.condition.operands:
            word = o.text.lower()
            if word not in _TYPES:
                raise DataError("DQDL: %r is not a type of ColumnDataType: %s" % (o.text, ", ".join(sorted(_TYPES))))
            sql = {"integer": "int", "long": "bigint", "decimal": "decimal(38,18)"}.get(word, word)
            tests.append("try_cast(%s AS %s) IS NOT NULL" % (c, sql) if word != "boolean" else
                         "lower(CAST(%s AS string)) IN ('true', 'false')" % c)
        some = "(" + " OR ".join(tests) + ")"
        return "%s IS NOT NULL AND %s%s" % (c, "NOT " if rule.condition.negated else "", some)

    def source(self, alias, rule):
        if alias not in self.sources:
            raise DataError("the rule %s needs the data source %r: additional_data_sources={%r: frame}" % (rule.text, alias, alias))
        return self.sources[alias]

    # The whole

    def judge(self, rule):
        """The outcome of a rule. What Spark refuses is a failed rule with its reason."""
        try:
            return self._judge(rule)
        except (DataError, NotSupported):
            raise
        except Exception as e:  # AnalysisException and what Spark raises at run time: the rule's, not the script's
            return Outcome(False, "Rule evaluation failed: %s" % str(e).strip().split("\n")[0][:500], broken=True)

    def _judge(self, rule):
        if rule.op:
            return self._compose(rule)
        missing = [p for p in rule.params if not self.has(p)] if rule.kind not in (
            "CustomSql", "ColumnExists", "ColumnNamesMatchPattern", "RowCountMatch", "ReferentialIntegrity") else []
        if rule.kind == "ReferentialIntegrity" and not self.has(rule.params[0]):
            missing = rule.params[:1]
        if missing:
            return Outcome(False, "Input data does not include column %s!" % missing[0])
        one = getattr(self, "_" + rule.kind, None)
        if one is not None:
            return one(rule)
        return self._share(rule)

    def _compose(self, rule):
        test = self.row_test(rule) if self.composite == "ROW" else None
        if test is not None:
            good, total = self.one("SELECT count_if(t), count(*) FROM (SELECT coalesce(%s, false) AS t FROM %s)" % (test, quote(self.view)))
            return Outcome(good == total, None if good == total else "%d of %d rows do not fulfil the rule" % (total - good, total))
        parts = [self.judge(p) for p in rule.parts]
        passed = all(p.passed for p in parts) if rule.op == "and" else any(p.passed for p in parts)
        metrics = {}
        for p in parts:
            metrics.update(p.metrics)
        reason = None if passed else "; ".join(p.reason for p in parts if p.reason)
        return Outcome(passed, reason, metrics, any(p.broken for p in parts))

    def _number(self, value, condition, metric):
        if value is None:
            return Outcome(False, "There is no value: the rule saw no rows with one")
        exact = value if isinstance(value, Fraction) else Fraction(str(value)) if str(value).lower() not in ("nan", "inf", "-inf") else None
        passed = exact is not None and accepts(condition, exact)
        shown = float(value)
        text = _shown(exact) if exact is not None else str(value)
        return Outcome(passed, None if passed else "Value: %s does not meet the constraint requirement!" % text, {metric: shown})

    def _from(self, rule):
        return "FROM %s%s" % (quote(self.view), " WHERE " + rule.where if rule.where else "")

    def _metric(self, rule, name):
        return ("Column.%s.%s" if len(rule.params) == 1 else "Multicolumn.%s.%s") % (",".join(rule.params), name)

    def _RowCount(self, rule):
        return self._number(self.one("SELECT count(*) " + self._from(rule))[0], rule.condition, "Dataset.*.RowCount")

    def _ColumnCount(self, rule):
        return self._number(len(self.schema.fields), rule.condition, "Dataset.*.ColumnCount")

    def _ColumnExists(self, rule):
        found = self.has(rule.params[0])
        return Outcome(found, None if found else "Input data does not include column %s!" % rule.params[0])

    def _ColumnNamesMatchPattern(self, rule):
        try:
            pattern = re.compile(rule.params[0])
        except re.error as e:
            raise DataError("DQDL: the pattern %r cannot be used: %s" % (rule.params[0], e))
        bad = [f.name for f in self.schema.fields if not pattern.fullmatch(f.name)]
        share = 1 - len(bad) / float(len(self.schema.fields) or 1)
        return Outcome(not bad, "Columns that do not match the pattern: %s" % ", ".join(bad) if bad else None,
                       {"Dataset.*.ColumnNamesPatternMatchRatio": share})

    def _RowCountMatch(self, rule):
        ours = self.one("SELECT count(*) FROM " + quote(self.view))[0]
        theirs = self.one("SELECT count(*) FROM " + quote(self.source(rule.params[0], rule)))[0]
        share = Fraction(ours, theirs) if theirs else Fraction(1 if not ours else 0)
        return self._number(share, rule.condition, "Dataset.%s.RowCountMatch" % rule.params[0])

    def _CustomSql(self, rule):
        text = rule.params[0].strip().rstrip("; \n\t")
        row = self.one(re.sub(r"(?i)(\b(?:from|join)\s+)primary\b", lambda m: m.group(1) + quote(self.view), text))
        if row is None or row[0] is None:
            return Outcome(False, "Custom SQL rule failed: the query gave no value")
        return self._number(row[0], rule.condition, "Dataset.*.CustomSQL")

    def _IsUnique(self, rule):
        return self._unique(rule, None)

    def _IsPrimaryKey(self, rule):
        """Unique, and every column complete."""
        out = self._unique(rule, None)
        sums = ", ".join("count_if(%s IS NULL)" % quote(p) for p in rule.params)
        row = self.one("SELECT count(*), %s %s" % (sums, self._from(rule)))
        for name, nulls in zip(rule.params, row[1:]):
            out.metrics["Column.%s.Completeness" % name] = 1 - nulls / float(row[0] or 1)
        nulls = max(row[1:])
        if nulls and out.passed:
            return Outcome(False, "%d rows have no value in a column of the primary key" % nulls, out.metrics)
        return out

    def _Uniqueness(self, rule):
        return self._unique(rule, rule.condition)

    def _counts(self, rule):
        """The rows with a value in any of the columns, its distinct values, and those that occur once."""
        columns = ", ".join(quote(p) for p in rule.params)
        known = " OR ".join("%s IS NOT NULL" % quote(p) for p in rule.params)
        where = "(%s) AND (%s)" % (rule.where, known) if rule.where else known
        groups = "SELECT count(*) AS n FROM %s WHERE %s GROUP BY %s" % (quote(self.view), where, columns)
        return [v or 0 for v in self.one("SELECT sum(n), count(*), count_if(n = 1) FROM (%s)" % groups)]

    def _unique(self, rule, condition):
        rows, _, once = self._counts(rule)
        share = Fraction(once, rows) if rows else Fraction(1)
        metric = self._metric(rule, "Uniqueness")
        if condition is not None:
            return self._number(share, condition, metric)
        return _whole(share, metric)

    def _UniqueValueRatio(self, rule):
        _, distinct, once = self._counts(rule)
        return self._number(Fraction(once, distinct) if distinct else Fraction(1), rule.condition, self._metric(rule, "UniqueValueRatio"))

    def _DistinctValuesCount(self, rule):
        return self._number(self._counts(rule)[1], rule.condition, self._metric(rule, "DistinctValuesCount"))

    def _Entropy(self, rule):
        c = quote(rule.params[0])
        where = " AND (%s)" % rule.where if rule.where else ""
        groups = "SELECT count(*) AS n, sum(count(*)) OVER () AS t FROM %s WHERE %s IS NOT NULL%s GROUP BY %s" % (
            quote(self.view), c, where, c)
        row = self.one("SELECT -sum(n / t * ln(n / t)) FROM (%s)" % groups)
        return self._number(row[0], rule.condition, self._metric(rule, "Entropy"))

    def _ColumnCorrelation(self, rule):
        a, b = [quote(p) for p in rule.params]
        return self._number(self.one("SELECT corr(%s, %s) %s" % (a, b, self._from(rule)))[0], rule.condition,
                            self._metric(rule, "ColumnCorrelation"))

    def _share(self, rule):
        """Rules that measure a column, and rules that a share of the rows must fulfil."""
        if rule.kind in _NUMERIC:
            value = self.one("SELECT %s(%s) %s" % (_NUMERIC[rule.kind], quote(rule.params[0]), self._from(rule)))[0]
            return self._number(value, rule.condition, self._metric(rule, rule.kind))
        test = self.row_test(rule)
        if test is None:
            raise NotSupported("the rule type %s: %s" % (rule.kind, rule.text))
        # The test is a column first: within an aggregate Spark 3.5 counts k IN (subquery) wrongly.
        good, total = self.one("SELECT count_if(t), count(*) FROM (SELECT coalesce(%s, false) AS t %s)" % (test, self._from(rule)))
        share = Fraction(good, total) if total else Fraction(1)
        name = {"IsComplete": "Completeness", "ColumnValues": "ColumnValues.Compliance", "ColumnLength": "ColumnLength.Compliance",
                "DataFreshness": "DataFreshness.Compliance", "ColumnDataType": "ColumnDataType.Compliance"}.get(rule.kind, rule.kind)
        condition = rule.threshold or (rule.condition if rule.kind in ("Completeness", "ReferentialIntegrity") else None)
        if rule.kind == "ReferentialIntegrity":
            metric = "Column.%s.ReferentialIntegrity" % rule.params[0]
        else:
            metric = self._metric(rule, name)
        if condition is not None:
            return self._number(share, condition, metric)
        return _whole(share, metric)


def _whole(share, metric):
    """The outcome of a rule that all must fulfil."""
    reason = None if share == 1 else "Value: %s does not meet the constraint requirement!" % _shown(share)
    return Outcome(share == 1, reason, {metric: float(share)})


def _numbers(c):
    """A condition over durations as one over numbers of seconds."""
    from awsgluedq.dqdl import Condition, Operand
    return Condition(c.op, [Operand("number", str(int(o.value)), o.value) for o in c.operands], c.negated)


def _shown(value):
    """A number with at most 15 digits after the point."""
    if value.denominator == 1:
        return str(value.numerator)
    whole = value.numerator * 10 ** 15
    rounded = (abs(whole) * 2 + value.denominator) // (2 * value.denominator)
    text = str(rounded).rjust(16, "0")
    return ("-" if whole < 0 else "") + (text[:-15] + "." + text[-15:]).rstrip("0").rstrip(".")

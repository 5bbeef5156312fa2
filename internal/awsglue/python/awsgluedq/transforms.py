# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""EvaluateDataQuality."""

import json
import uuid

from pyspark.sql import functions as F
from pyspark.sql import types as T

from awsglue import aws, files
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.errors import DataError, NotSupported, only, truth
from awsglue.transforms import GlueTransform
from awsgluedq import dqdl, evaluate

_OUTCOMES = T.StructType([
    T.StructField("Rule", T.StringType()), T.StructField("Outcome", T.StringType()), T.StructField("FailureReason", T.StringType()),
    T.StructField("EvaluatedMetrics", T.MapType(T.StringType(), T.DoubleType())), T.StructField("EvaluatedRule", T.StringType())])
_PUBLISHING = {"dataQualityEvaluationContext", "enableDataQualityCloudWatchMetrics", "enableDataQualityResultsPublishing",
               "resultsS3Prefix"}
_ADDITIONAL = {"observations.scope", "performanceTuning.caching", "compositeRuleEvaluation.method"}


class EvaluateDataQuality(GlueTransform):
    """A ruleset of DQDL evaluated over a frame.

    apply returns a frame of outcomes: Rule, Outcome (Passed, Failed), FailureReason, EvaluatedMetrics, EvaluatedRule.
    process_rows returns a collection: ruleOutcomes (the same), rowLevelOutcomes (the rows with DataQualityRulesPass, -Fail, -Skip and
    DataQualityEvaluationResult), originalData.
    """

    def __call__(self, frame, ruleset, publishing_options=None, additional_options=None, additional_data_sources=None):
        return _run(frame, ruleset, publishing_options, additional_options, additional_data_sources)[0]

    def process_rows(self, frame, ruleset, publishing_options=None, additional_options=None, additional_data_sources=None):
        outcomes, rows, glue = _run(frame, ruleset, publishing_options, additional_options, additional_data_sources, True)
        return DynamicFrameCollection({"ruleOutcomes": outcomes, "rowLevelOutcomes": DynamicFrame(rows, glue, "rowLevelOutcomes"),
                                       "originalData": frame}, glue)


def _run(frame, ruleset, publishing, additional, sources, with_rows=False):
    if not isinstance(frame, DynamicFrame):
        raise DataError("frame is a DynamicFrame, not a %s" % type(frame).__name__)
    publishing, additional = dict(publishing or {}), dict(additional or {})
    only(publishing, _PUBLISHING, "publishing_options")
    only(additional, _ADDITIONAL, "additional_options of EvaluateDataQuality")
    metrics = truth(publishing.get("enableDataQualityCloudWatchMetrics", False), "enableDataQualityCloudWatchMetrics")
    composite = str(additional.get("compositeRuleEvaluation.method") or "COLUMN").upper()
    if composite not in ("ROW", "COLUMN"):
        raise DataError("compositeRuleEvaluation.method is ROW or COLUMN, not %r" % composite)
    rules, analyzers = dqdl.parse(ruleset)
    if analyzers:
        raise NotSupported("Analyzers of a ruleset")
    for rule in rules:
        evaluate.check(rule)
    glue, df = frame.glue_ctx, frame.toDF()
    cached = str(additional.get("performanceTuning.caching") or "CACHE_NOTHING").upper() == "CACHE_INPUT"
    if cached:
        df = df.persist()
    spark, views = glue.spark_session, {}
    view = "dq_" + uuid.uuid4().hex
    df.createOrReplaceTempView(view)
    for alias, other in dict(sources or {}).items():
        views[alias] = "dq_" + uuid.uuid4().hex
        other.toDF().createOrReplaceTempView(views[alias])
    try:
        one = evaluate.Evaluation(spark, view, df.schema, views, composite)
        judged = [(r, one.judge(r)) for r in rules]
        rows = _rows(spark, one, judged, view) if with_rows else None
    finally:
        # A DataFrame is analyzed when it is made, so what is lazy does not need the views.
        for name in [view] + list(views.values()):
            spark.catalog.dropTempView(name)
    table = [(r.text, "Passed" if o.passed else "Failed", o.reason, o.metrics, r.text) for r, o in judged]
    _publish(glue, publishing, metrics, table)
    return DynamicFrame(spark.createDataFrame(table, _OUTCOMES), glue, "ruleOutcomes"), rows, glue


def _rows(spark, one, judged, view):
    """The rows with what each rule says of them. A rule that could not be evaluated is skipped."""
    tests, skipped = [], []
    for r, outcome in judged:
        test = None if outcome.broken else one.row_test(r)
        if test is None:
            skipped.append(r.text)
        else:
            where = r.where if not r.op else ""
            tests.append((r.text, test, where))
    columns = ["t.*"]
    for i, (_, test, where) in enumerate(tests):
        value = "coalesce(%s, false)" % test
        columns.append("%s AS __r%d" % ("CASE WHEN %s THEN %s END" % (where, value) if where else value, i))
    out = spark.sql("SELECT %s FROM %s AS t" % (", ".join(columns), evaluate.quote(view)))

    def those(pick):
        parts = [F.when(pick(F.col("__r%d" % i)), F.lit(t[0])) for i, t in enumerate(tests)]
        return F.filter(F.array(*parts), lambda v: v.isNotNull()) if parts else F.array().cast("array<string>")
    skip = those(lambda c: c.isNull())
    if skipped:
        skip = F.concat(F.array(*[F.lit(s) for s in skipped]), skip)
    out = out.withColumn("DataQualityRulesPass", those(lambda c: c)).withColumn("DataQualityRulesFail", those(lambda c: ~c))
    out = out.withColumn("DataQualityRulesSkip", skip)
    out = out.withColumn("DataQualityEvaluationResult", F.when(F.size("DataQualityRulesFail") > 0, "Failed").otherwise("Passed"))
    return out.drop(*["__r%d" % i for i in range(len(tests))])


def _publish(glue, options, metrics, table):
    """The outcomes below resultsS3Prefix, and the numbers of rules as metrics."""
    context = str(options.get("dataQualityEvaluationContext") or "default_context")
    prefix = options.get("resultsS3Prefix")
    if prefix:
        if "://" not in prefix and not prefix.startswith("/"):
            prefix = "s3://" + prefix
        names = ("Rule", "Outcome", "FailureReason", "EvaluatedMetrics")
        lines = "".join(json.dumps(dict(zip(names, t), EvaluationContext=context), sort_keys=True) + "\n" for t in table)
        files.write_text(glue.spark_session, "%s/%s/%s.json" % (prefix.rstrip("/"), context, uuid.uuid4().hex), lines)
    if metrics:
        passed = sum(1 for t in table if t[1] == "Passed")
        aws.put_metrics("Glue Data Quality", {"EvaluationContext": context}, {
            "glue.data.quality.rules.passed": passed, "glue.data.quality.rules.failed": len(table) - passed})

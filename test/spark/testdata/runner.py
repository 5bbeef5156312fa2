"""Runs scripts one after another in one warm JVM: a JSON object a line comes in, and one goes out for each.

{"script": path, "argv": [...]} runs a Glue script unchanged, as spark-submit would. {"plain": path, "source": ..., "target": ...} calls
run(spark, source, target) of a script of plain PySpark. The answer is {"error": the last exception or "", "output": what was printed}.
"""

import contextlib
import io
import json
import os
import runpy
import sys

sys.path.insert(0, os.environ["AWSGLUE_TESTS"])
import common  # noqa: E402  makes the session


def script(path, argv):
    before, main = sys.argv, sys.modules["__main__"]
    sys.argv = [path] + argv
    try:
        runpy.run_path(path, run_name="__main__")
    finally:
        sys.argv, sys.modules["__main__"] = before, main


def serve(answers):
    spark = common.spark()
    for line in sys.stdin:
        ask, text, error = json.loads(line), io.StringIO(), ""
        with contextlib.redirect_stdout(text):
            try:
                if "plain" in ask:
                    runpy.run_path(ask["plain"])["run"](spark, ask["source"], ask["target"])
                else:
                    script(ask["script"], ask["argv"])
            except (Exception, SystemExit) as e:  # whatever ends a script ends it alone
                error = "%s: %s" % (type(e).__name__, e)
        for name in ("spark.sql.sources.partitionOverwriteMode",):  # each script begins with the same settings
            spark.conf.unset(name)
        spark.catalog.clearCache()
        answers.write(json.dumps({"error": error, "output": text.getvalue()}) + "\n")
        answers.flush()


answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what the JVM prints is no answer
serve(answers)

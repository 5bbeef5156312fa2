"""What 12_multiline_json_path.py must leave, by plain PySpark."""


def run(spark, source, target):
    df = spark.read.option("multiLine", True).option("pathGlobFilter", "*.json").json(source + "/trail").selectExpr("inline(Records)")
    df.selectExpr("eventName event", "user.name user", "user.id user_id").write.json(target)

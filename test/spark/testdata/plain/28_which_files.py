"""What 28_which_files.py must leave, by plain PySpark."""


def run(spark, source, target):
    p = source + "/parts/"
    files = {"near": ["1", "2"], "all": ["1", "2", "deep/3", "deep/4"], "without": ["1", "2", "deep/3"], "two": ["1", "2"], "bytes": ["1", "2"],
             "only": ["deep/4", "1"]}
    for name, some in files.items():
        spark.read.json([p + f + ".json" for f in some]).select("n").write.json(target + "/" + name)

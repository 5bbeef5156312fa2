"""What 21_csv_dialects.py must leave, by plain PySpark."""


def run(spark, source, target):
    odd = source + "/odd/"
    opts = dict(header=True, sep=";", quote="'", escape="\\", multiLine=True)
    spark.read.options(**opts).csv(odd + "semicolon.csv").write.json(target + "/people")
    spark.read.csv(odd + "bare.csv", sep="|").toDF("col0", "col1", "col2").write.json(target + "/bare")
    spark.createDataFrame([("1", "a"), ("2", "b")], "col0 string, col1 string").write.json(target + "/titled")
    spark.read.csv(odd + "latin.csv", header=True, encoding="ISO-8859-1").write.json(target + "/latin")

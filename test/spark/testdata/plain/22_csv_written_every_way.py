"""What 22_csv_written_every_way.py must leave, by plain PySpark."""


def run(spark, source, target):
    opts = dict(header=True, sep=";", quote="'", escape="\\", multiLine=True)
    df = spark.read.options(**opts).csv(source + "/odd/semicolon.csv")
    df.write.csv(target + "/plain", header=True, escape='"')
    df.write.csv(target + "/bars", sep="|", escape='"')
    df.write.csv(target + "/single", header=True, quote="'", escape="'")
    df.write.csv(target + "/packed", header=True, escape='"', compression="gzip")
    df.select("id").write.csv(target + "/bare", header=True, compression="bzip2")

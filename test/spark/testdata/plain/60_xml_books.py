"""What 60_xml_books.py must leave, by plain PySpark."""


def run(spark, source, target):
    spark.sql("""select 1 _id, 'One & all' title, named_struct('_cur', 'EUR', '_VALUE', 7.5D) price, cast(null as array<string>) tag union all
                 select 2, 'Two', named_struct('_cur', 'USD', '_VALUE', 8D), array('a', 'b')""").write.json(target + "/books")
    spark.createDataFrame([("One & all", 7.5), ("Two", 8.0)], "title string, price double").write.json(target + "/told")

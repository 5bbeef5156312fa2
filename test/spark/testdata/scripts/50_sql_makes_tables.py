import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

db = args['database']
spark.sql(f"CREATE TABLE {db}.by_country USING parquet PARTITIONED BY (country) LOCATION '{args['target']}/by_country' AS "
          f"SELECT order_id, customer, country FROM {db}.orders WHERE year = '2024'")
spark.sql(f"INSERT INTO {db}.by_country SELECT order_id, customer, country FROM {db}.orders WHERE year = '2023'")
spark.sql(f"CREATE TABLE {db}.plain_copy (id INT, name STRING) USING orc LOCATION '{args['target']}/plain_copy'")
spark.sql(f"INSERT INTO {db}.plain_copy SELECT 1, upper(name) FROM {db}.customers")
spark.table(f'{db}.plain_copy').limit(0).write.insertInto(f'{db}.plain_copy')
spark.sql(f"ALTER TABLE {db}.by_country DROP PARTITION (country = 'DE')")
glueContext.sql(f"select country, count(*) n from {db}.by_country group by country").write.json(args['target'] + '/counts')
print([r.tableName for r in spark.sql(f'SHOW TABLES IN {db}').collect()])
job.commit()

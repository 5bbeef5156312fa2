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

df = glueContext.create_data_frame.from_catalog(database=args['database'], table_name='orders')
df.select('order_id', 'amount', 'year').write.mode('overwrite').format('parquet').partitionBy('year').saveAsTable(
    args['database'] + '.saved')
again = spark.table(args['database'] + '.saved')
again.groupBy('year').count().write.json(args['target'])
job.commit()

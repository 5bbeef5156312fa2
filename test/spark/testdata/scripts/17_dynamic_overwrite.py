import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'dynamic')
df = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/orders'], 'recurse': True}, 'csv',
    {'withHeader': True}).toDF()
df.write.mode('overwrite').partitionBy('country').parquet(args['target'])
df.filter("country = 'UK'").write.mode('overwrite').partitionBy('country').parquet(args['target'])
spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'static')
job.commit()

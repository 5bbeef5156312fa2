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

prices = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/prices']}, 'avro', {'version': '1.8'}, 'prices')
print(prices.schema())
glueContext.write_dynamic_frame.from_options(prices, 's3', {'path': args['target'] + '/old'}, 'avro', {'version': '1.7'})
glueContext.write_dynamic_frame.from_options(prices, 's3', {'path': args['target'] + '/new'}, 'avro', {'version': '1.8', 'compression': 'deflate'})
job.commit()

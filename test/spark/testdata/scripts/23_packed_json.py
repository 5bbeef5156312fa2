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

gz = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/packed'], 'compressionType': 'gzip'}, 'json')
bz = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/packed2'], 'compressionType': 'bzip'}, format='json')
both = gz.union(bz)
glueContext.write_dynamic_frame.from_options(both, 's3', {'path': args['target'] + '/gz'}, 'json', {'compression': 'gzip'})
glueContext.write_dynamic_frame.from_options(both, 's3', {'path': args['target'] + '/bz', 'compression': 'bzip2'}, 'json')
again = glueContext.create_dynamic_frame.from_options('s3', {'path': args['target'] + '/gz'}, 'json')
glueContext.write_dynamic_frame.from_options(again, 'file', {'path': args['target'] + '/again'}, 'json', {'compression': 'none'})
job.commit()

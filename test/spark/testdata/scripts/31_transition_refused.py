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

people = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/people']}, 'json')
glueContext.write_dynamic_frame.from_options(people, 's3', {'path': args['target']}, 'json')
glueContext.transition_s3_path(args['target'], 'GLACIER', {'retentionPeriod': 1})
job.commit()

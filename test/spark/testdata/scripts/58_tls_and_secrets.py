import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'connection', 'target', 'source'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

people = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/people']}, 'json')
glueContext.write_dynamic_frame.from_options(people.select_fields(['name']), 'postgresql', {
    'connectionName': 'tls', 'useConnectionProperties': 'true', 'dbtable': 'never'})
job.commit()

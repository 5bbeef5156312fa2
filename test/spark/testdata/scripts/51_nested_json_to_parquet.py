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

baskets = glueContext.create_dynamic_frame.from_options(
    connection_type='s3', connection_options={'paths': [args['source'] + '/pretty'], 'recurse': True}, format='json',
    format_options={'multiline': True}, transformation_ctx='baskets')
baskets = ResolveChoice.apply(frame=baskets, specs=[('total', 'cast:decimal(10,2)')], transformation_ctx='resolved')
glueContext.write_dynamic_frame.from_options(frame=baskets, connection_type='s3', format='glueparquet', format_options={'compression': 'snappy'},
                                             connection_options={'path': args['target'] + '/baskets'}, transformation_ctx='sink')
job.commit()

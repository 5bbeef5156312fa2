import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

## @params: [JOB_NAME, source, target]
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_options(
    connection_type='s3', connection_options={'paths': [args['source'] + '/orders'], 'recurse': True, 'groupFiles': 'inPartition'},
    format='csv', format_options={'withHeader': True, 'separator': ',', 'optimizePerformance': True}, transformation_ctx='orders')
mapped = ApplyMapping.apply(frame=orders, mappings=[
    ('order_id', 'string', 'order_id', 'long'), ('customer', 'string', 'customer', 'string'),
    ('amount', 'string', 'amount', 'decimal(12,2)'),
    ('day', 'string', 'day', 'date'), ('country', 'string', 'country', 'string')], transformation_ctx='mapped')
kept = Filter.apply(frame=mapped, f=lambda r: r['amount'] is not None and r['amount'] > 0, transformation_ctx='kept')
glueContext.write_dynamic_frame.from_options(
    frame=kept, connection_type='s3', connection_options={'path': args['target'], 'partitionKeys': ['country']}, format='glueparquet',
    format_options={'compression': 'snappy'}, transformation_ctx='sink')
job.commit()

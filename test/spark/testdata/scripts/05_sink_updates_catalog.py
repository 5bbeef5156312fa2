import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'database'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

frame = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/orders'], 'recurse': True}, 'csv',
    {'withHeader': True})
frame = frame.apply_mapping([('order_id', 'string', 'Order_Id', 'int'), ('amount', 'string', 'amount', 'double'),
                             ('country', 'string', 'country', 'string')])
sink = glueContext.getSink(connection_type='s3', path=args['target'], enableUpdateCatalog=True, updateBehavior='UPDATE_IN_DATABASE',
                           partitionKeys=['country'], compression='snappy', transformation_ctx='sink')
sink.setCatalogInfo(catalogDatabase=args['database'], catalogTableName='orders_by_country')
sink.setFormat('glueparquet')
sink.writeFrame(frame)
job.commit()

import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'connection', 'source'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

conf = glueContext.extract_jdbc_conf(args['connection'])
print(conf['vendor'])
orders = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/orders'], 'recurse': True}, 'csv',
    {'withHeader': True})
orders = orders.apply_mapping([('order_id', 'string', 'ORDER_ID', 'int'), ('amount', 'string', 'AMOUNT', 'double')])
glueContext.write_dynamic_frame.from_jdbc_conf(frame=orders, catalog_connection=args['connection'],
                                               connection_options={'dbtable': 'script_orders', 'database': 'postgres'})
back = glueContext.create_dynamic_frame.from_options('postgresql', {
    'useConnectionProperties': 'true', 'connectionName': args['connection'],
    'dbtable': 'script_orders', 'hashfield': 'ORDER_ID', 'hashpartitions': '2'})
big = back.filter(lambda r: r['AMOUNT'] is not None and r['AMOUNT'] > 50)
glueContext.write_dynamic_frame.from_jdbc_conf(frame=big, catalog_connection=args['connection'], connection_options={
    'dbtable': 'script_big'})
job.commit()

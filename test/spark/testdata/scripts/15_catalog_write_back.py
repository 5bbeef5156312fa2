import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='orders', redshift_tmp_dir='s3://none/',
                                                       additional_options={'catalogPartitionPredicate': "year = '2024'"})
late = orders.filter(f=lambda r: r['order_id'] > 2)
fixed = late.apply_mapping([('order_id', 'int', 'order_id', 'int'), ('customer', 'string', 'customer', 'string'),
                            ('amount', 'double', 'amount', 'double'), ('year', 'string', 'year', 'string')])
glueContext.write_dynamic_frame.from_catalog(frame=fixed, database=args['database'], table_name='archive', redshift_tmp_dir='',
                                             transformation_ctx='w', catalog_id=None,
                                             additional_options={
    'enableUpdateCatalog': True, 'updateBehavior': 'LOG', 'partitionKeys': ['year']})
job.commit()

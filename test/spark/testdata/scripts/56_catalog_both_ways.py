import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

from awsglue.dynamicframe import DynamicFrame

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_data_frame_from_catalog(database=args['database'], table_name='sales', transformation_ctx='o', additional_options={},
                                                    redshift_tmp_dir='', push_down_predicate="day = '2024-02-01'", catalog_id=None)
glueContext.write_data_frame.from_catalog(frame=orders, database=args['database'], table_name='copied', redshift_tmp_dir='', transformation_ctx='',
                                          additional_options={}, catalog_id=None)
again = glueContext.create_data_frame.from_catalog(database=args['database'], table_name='sales', redshift_tmp_dir='', transformation_ctx='',
                                                   push_down_predicate="day = '2024-01-02'", additional_options={}, catalog_id=None)
glueContext.write_data_frame_from_catalog(frame=again, database=args['database'], table_name='copied', redshift_tmp_dir='',
                                          transformation_ctx='', additional_options={'enableUpdateCatalog': False}, catalog_id=None)
frame = DynamicFrame.fromDF(again.limit(0), glueContext)
glueContext.write_dynamic_frame_from_catalog(frame=frame, database=args['database'], table_name='copied', redshift_tmp_dir='', transformation_ctx='',
                                             additional_options={}, catalog_id=None)
glueContext.write_data_frame_from_options(again.select('id'), 's3', {'path': args['target'] + '/ids'}, 'json', {}, 'ids')
people = glueContext.create_data_frame_from_options('s3', {'paths': [args['target'] + '/ids']}, 'json', {}, 'p', '')
print(people.count())
job.commit()

import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='arriving', transformation_ctx='arriving',
                                                       push_down_predicate="day >= '2024-01-01'", additional_options={'boundedFiles': '100'})
other = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='arriving')
print('new', orders.count(), 'all', other.count())
glueContext.write_dynamic_frame.from_options(frame=orders, connection_type='s3', connection_options={'path': args['target'] + '/new'},
                                             format='json', transformation_ctx='sink')
job.commit()

import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

from pyspark.sql import functions as F
from awsglue.dynamicframe import DynamicFrame
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='orders', transformation_ctx='orders',
                                                       push_down_predicate="(year == '2024')")
orders = ResolveChoice.apply(frame=orders, choice='match_catalog', database=args['database'], table_name='orders')
customers = glueContext.create_dynamic_frame.from_catalog(name_space=args['database'], table_name='customers',
                                                          transformation_ctx='customers')
customers = customers.rename_field('name', 'customer_name').drop_fields(['note'])
joined = Join.apply(orders, customers, 'customer', 'id').drop_fields(['`.id`'])
df = joined.toDF().groupBy('customer_name').agg(F.sum('amount').alias('total'), F.count('*').alias('n'))
out = DynamicFrame.fromDF(df, glueContext, 'out')
glueContext.write_dynamic_frame.from_options(out, 's3', {'path': args['target']}, 'json', transformation_ctx='sink')
job.commit()

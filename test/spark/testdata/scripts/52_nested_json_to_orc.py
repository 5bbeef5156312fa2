import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

from awsglue.dynamicframe import DynamicFrame

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

baskets = glueContext.create_dynamic_frame_from_options(
    connection_type='s3', connection_options={'paths': [args['source'] + '/baskets']}, format='json', format_options={'multiLine': False},
    transformation_ctx='baskets', push_down_predicate='')
df = baskets.toDF().selectExpr('id', 'customer.name', 'explode(lines) as line')
lines = DynamicFrame.fromDF(df, glueContext, 'lines')
lines = lines.apply_mapping([('id', 'int', 'id', 'int'), ('name', 'string', 'name', 'string'), ('line.sku', 'string', 'sku', 'string'),
                             ('line.qty', 'int', 'qty', 'bigint'), ('line.tags', 'array', 'tags', 'array<string>')])
glueContext.write_dynamic_frame.from_options(lines, 's3', {'path': args['target'] + '/lines'}, 'orc')
job.commit()

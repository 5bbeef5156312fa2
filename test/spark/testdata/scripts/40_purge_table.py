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

glueContext.purge_table(database=args['database'], table_name='aged', options={
    'partitionPredicate': "(year < 2024)", 'retentionPeriod': 0, 'manifestFilePath': args['target'] + '/manifest'}, transformation_ctx='purge', catalog_id=None)
left = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='aged')
left.toDF().write.json(args['target'] + '/left')
glueContext.purge_s3_path(s3_path=args['target'] + '/young', options={'retentionPeriod': 1}, transformation_ctx='keep', catalog_id=None)
job.commit()

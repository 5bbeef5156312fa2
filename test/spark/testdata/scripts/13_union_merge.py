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

base = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='customers')
rdd = sc.parallelize([{'id': 'c1', 'name': 'Ann the second', 'vip': True}, {'id': 'c9', 'name': 'Zoe', 'vip': False}])
stage = glueContext.create_dynamic_frame.from_rdd(rdd, 'stage')
merged = base.mergeDynamicFrame(stage, ['id'])
merged.toDF().write.json(args['target'] + '/merged')
both = base.select_fields(['id', 'name']).union(stage.select_fields(['id', 'name']))
both.repartition(2).toDF().write.json(args['target'] + '/union')
job.commit()

import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

raw = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/changes']}, 'json')
first = raw.filter(lambda r: r['op'] == 'I' and r['ts'] == 1).select_fields(['id', 'name'])
later = raw.filter(lambda r: r['op'] in ('U', 'I') and r['ts'] > 1).select_fields(['id', 'name'])
merged = first.mergeDynamicFrame(stage_dynamic_frame=later, primary_keys=['id'], transformation_ctx='m', options={}, info='', stageThreshold=0,
                                 totalThreshold=0)
gone = [r.id for r in raw.toDF().filter("op = 'D'").collect()]
left = merged.filter(f=lambda r: r['id'] not in gone, transformation_ctx='left')
united = Union.apply(frame1=left, frame2=left.union(other_frame=left, transformation_ctx='u', info='', stageThreshold=0, totalThreshold=0),
                     transformation_ctx='u2', info='', stageThreshold=0, totalThreshold=0)
left.toDF().write.json(args['target'] + '/left')
united.toDF().groupBy('id').count().write.json(args['target'] + '/united')
job.commit()

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

trail = glueContext.create_dynamic_frame.from_options(
    's3', {'paths': [args['source'] + '/trail'], 'exclusions': '["**.tmp"]'}, 'json', {'jsonPath': '$.Records[*]', 'multiline': True})
trail.printSchema()
flat = UnnestFrame.apply(frame=trail)
flat = flat.apply_mapping([('eventName', 'string', 'event', 'string'), ('`user.name`', 'string', 'user', 'string'),
                           ('`user.id`', 'int', 'user_id', 'long')])
flat.toDF().write.json(args['target'])
job.commit()

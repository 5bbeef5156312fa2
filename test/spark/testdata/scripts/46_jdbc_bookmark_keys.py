import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'target', 'connection'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

events = glueContext.create_dynamic_frame.from_options(
    connection_type='postgresql', transformation_ctx='events', connection_options={
        'useConnectionProperties': 'true', 'connectionName': args['connection'], 'dbtable': 'events',
        'jobBookmarkKeys': ['at', 'id'], 'jobBookmarkKeysSortOrder': 'asc'})
keyed = glueContext.create_dynamic_frame.from_options(
    'postgresql', {'useConnectionProperties': 'true', 'connectionName': args['connection'], 'dbtable': 'numbered'}, transformation_ctx='keyed')
for name, frame in [('events', events), ('keyed', keyed)]:
    if frame.count():
        frame.toDF().write.mode('append').json(args['target'] + '/' + name)
job.commit()

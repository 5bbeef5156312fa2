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

glueContext.purge_s3_path(args['target'], options={'retentionPeriod': 0})
frame = glueContext.getSource('s3', paths=[args['source'] + '/people'])
frame.setFormat('json')
people = frame.getFrame().select_fields(['name', 'address.city'])
glueContext.write_from_options(frame_or_dfc=people, connection_type='s3', connection_options={'path': args['target']}, format='json',
                               format_options={}, transformation_ctx='out')
job.commit()

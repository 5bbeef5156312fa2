import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'temp'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

people = glueContext.create_dynamic_frame_from_options('s3', {'paths': [args['source'] + '/people']}, 'json')
flat = Relationalize.apply(frame=people, staging_path=args['temp'], name='people', options={}, transformation_ctx='flat', info='',
                           stageThreshold=0, totalThreshold=0)
root = SelectFromCollection.apply(dfc=flat, key='people')
phones = flat.select('people_phones')
both = root.join(['phones'], ['id'], phones).drop_fields(['id', 'phones', 'index'])
both = both.rename_field('`phones.val.number`', 'number').rename_field('`address.city`', 'city').rename_field('`phones.val.kind`', 'kind')
glueContext.write_dynamic_frame.from_options(both, 's3', {'path': args['target']}, 'orc')
job.commit()

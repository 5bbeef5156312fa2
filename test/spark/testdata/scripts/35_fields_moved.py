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

baskets = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/baskets']}, 'json')
moved = baskets.rename_field(oldName='customer.address.city', newName='customer.address.town', transformation_ctx='r', info='',
                             stageThreshold=0, totalThreshold=0)
moved = moved.rename_field('customer.name', 'name').rename_field('lines', 'items')
moved = RenameField.apply(frame=moved, old_name='gift', new_name='is_gift', transformation_ctx='g', info='', stageThreshold=0, totalThreshold=0)
less = DropFields.apply(frame=moved, paths=['total', 'items', 'customer.address.geo.lon', 'not_there'], transformation_ctx='d', info='',
                        stageThreshold=0, totalThreshold=0)
less = less.drop_fields(paths=['not_there'], transformation_ctx='e', info='', stageThreshold=0, totalThreshold=0)
flat = UnnestFrame.apply(frame=less, transformation_ctx='u', info='', stageThreshold=0, totalThreshold=0)
also = less.unnest(transformation_ctx='u2', info='', stageThreshold=0, totalThreshold=0)
less.toDF().write.parquet(args['target'] + '/nested')
flat.toDF().select('id', 'name', '`customer.address.town`', '`customer.address.geo.lat`').write.parquet(args['target'] + '/flat')
SelectFields.apply(frame=also, paths=['id', '`customer.address.town`'], transformation_ctx='s', info='', stageThreshold=0,
                   totalThreshold=0).toDF().write.json(args['target'] + '/town')
job.commit()

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

source = glueContext.getSource(connection_type='orc', transformation_ctx='shapes', paths=[args['source'] + '/shapes'])
shapes = source.getFrame()
shapes.printSchema()
glueContext.write_dynamic_frame.from_options(shapes, 's3', {'path': args['target'] + '/zlib'}, 'orc', {'compression': 'zlib'})
glueContext.write_dynamic_frame.from_options(shapes.unnest(), 'orc', {'path': args['target'] + '/flat', 'compression': 'snappy'})
by_format = glueContext.getSource('s3', format='orc', paths=[args['source'] + '/shapes'])
glueContext.write_dynamic_frame.from_options(by_format.getFrame().drop_fields(['tags', 'p.y']), 's3', {'path': args['target'] + '/less'}, 'orc')
job.commit()

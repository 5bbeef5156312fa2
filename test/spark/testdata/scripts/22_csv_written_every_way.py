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

people = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/odd/semicolon.csv']}, 'csv', {
    'withHeader': True, 'separator': ';', 'quoteChar': "'", 'escaper': '\\', 'multiLine': True})
ways = {'plain': {}, 'bars': {'separator': '|', 'writeHeader': False}, 'single': {'quoteChar': "'", 'escaper': "'"},
        'packed': {'compression': 'gzip', 'writeHeader': True}}
for name, options in ways.items():
    glueContext.write_dynamic_frame.from_options(frame=people, connection_type='s3', format='csv', format_options=options,
                                                 connection_options={'path': args['target'] + '/' + name}, transformation_ctx=name)
bare = people.select_fields(['id']).repartition(1)
glueContext.write_dynamic_frame.from_options(bare, 's3', {'path': args['target'] + '/bare', 'compression': 'bzip2'}, 'csv', {'quoteChar': -1})
job.commit()

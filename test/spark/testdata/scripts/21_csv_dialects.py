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

odd = args['source'] + '/odd'
people = glueContext.create_dynamic_frame.from_options(
    connection_type='s3', connection_options={'paths': [odd + '/semicolon.csv']}, format='csv',
    format_options={'withHeader': True, 'separator': ';', 'quoteChar': "'", 'escaper': '\\', 'multiLine': True}, transformation_ctx='people')
bare = glueContext.create_dynamic_frame.from_options('s3', {'paths': [odd + '/bare.csv']}, 'csv', {'separator': '|', 'quoteChar': -1})
titled = glueContext.create_dynamic_frame.from_options('s3', {'paths': [odd + '/title.csv']}, 'csv',
                                                       {'skipFirst': True, 'optimizePerformance': False, 'strictCheckForQuoting': False})
latin = glueContext.create_dynamic_frame.from_options('s3', {'paths': [odd + '/latin.csv']}, 'csv',
                                                      {'withHeader': 'true', 'encoding': 'ISO-8859-1', 'multiline': False})
for name, frame in [('people', people), ('bare', bare), ('titled', titled), ('latin', latin)]:
    glueContext.write_dynamic_frame.from_options(frame=frame, connection_type='s3', connection_options={'path': args['target'] + '/' + name},
                                                 format='json')
job.commit()

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

sales = glueContext.create_dynamic_frame.from_options(connection_type='parquet', connection_options={'paths': [args['source'] + '/sales/']})
drift = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/drift'], 'mergeSchema': 'true'}, 'parquet')
for codec in ['snappy', 'gzip', 'zstd', 'uncompressed']:
    glueContext.write_dynamic_frame.from_options(
        frame=sales, connection_type='s3', connection_options={'path': args['target'] + '/' + codec, 'partitionKeys': ['day']},
        format='glueparquet', format_options={'compression': codec, 'useGlueParquetWriter': True, 'blockSize': 134217728, 'pageSize': 1048576})
glueContext.write_dynamic_frame.from_options(drift, 'parquet', {'path': args['target'] + '/drift'})
job.commit()

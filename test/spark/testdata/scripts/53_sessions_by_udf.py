import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

clicks = glueContext.create_data_frame.from_options(connection_type='s3', connection_options={'paths': [args['source'] + '/clicks']}, format='csv',
                                                    format_options={'withHeader': True}, transformation_ctx='clicks', push_down_predicate='')
minutes = F.udf(lambda a, b: None if b is None else int((a - b).total_seconds() // 60), IntegerType())
by_user = Window.partitionBy('user').orderBy('at')
df = clicks.withColumn('at', F.to_timestamp('at')).withColumn('gap', minutes('at', F.lag('at').over(by_user)))
df = df.withColumn('session', F.sum(F.when(F.col('gap') > 30, 1).otherwise(0)).over(by_user))
spark.udf.register('shout', lambda s: s.upper())
df.createOrReplaceTempView('clicks')
out = spark.sql('select user, session, count(*) clicks, max(shout(page)) last from clicks group by user, session')
glueContext.write_data_frame.from_options(frame=out, connection_type='s3', connection_options={'path': args['target'] + '/sessions'},
                                          format='parquet', format_options={}, transformation_ctx='out')
stamped = glueContext.add_ingestion_time_columns(dataFrame=out, timeGranularity='hour')
print(stamped.columns)
job.commit()

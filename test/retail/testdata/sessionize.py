import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
spark.conf.set('spark.sql.shuffle.partitions', '1')
spark.conf.set('spark.sql.sources.partitionOverwriteMode', 'dynamic')
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
hits = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='hits').toDF()
sessions = hits.groupBy('visitor', 'dt').agg(
    F.min('at').alias('started_at'), F.count('*').alias('hits'), F.collect_set('page').alias('pages'))
print('sessions made: %d' % sessions.count())
sessions.select('visitor', 'started_at', 'hits', 'pages', 'dt').write.mode('overwrite').partitionBy('dt').parquet(args['target'])
job.commit()

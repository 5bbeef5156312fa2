import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.dynamicframe import DynamicFrame

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

def put(text, behavior, table='grown', partition=('day',)):
    df = spark.sql(text)
    sink = glueContext.getSink(path=args['target'] + '/' + table, connection_type='s3', updateBehavior=behavior, partitionKeys=list(partition),
                               compression='gzip', enableUpdateCatalog=True, transformation_ctx='sink_' + table, format=None)
    sink.setFormat(format='json')
    sink.setCatalogInfo(catalogDatabase=args['database'], catalogTableName=table, catalogId='')
    sink.setAccumulableSize(10)
    sink.writeFrame(dynamic_frame=DynamicFrame.fromDF(dataframe=df, glue_ctx=glueContext, name='df'), info='')


put("select 1 id, 'a' name, '2024-01-01' day", 'UPDATE_IN_DATABASE')
put("select 2 id, 'b' name, 1.5D price, '2024-01-02' day", 'UPDATE_IN_DATABASE')
put("select 3 id, 'c' name, 2.5D price, true flag, '2024-01-03' day", 'LOG')
put("select 4 id, 'd' name, 3.5D price, '2024-01-04' day", 'LOG')
print(spark.sql('select count(*) from %s.grown' % args['database']).first()[0])
job.commit()

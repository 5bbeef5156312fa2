import sys
from pyspark.sql import SparkSession
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import ApplyMapping, Join
from awsglue.utils import getResolvedOptions
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.gluetypes import StructType, Field, IntegerType, StringType
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'target'])
spark = SparkSession.builder.appName('x').getOrCreate()
glue = GlueContext(spark.sparkContext)
glue.spark_session.conf.set('spark.sql.shuffle.partitions', '2')
job = Job(glue)
job.init(args['JOB_NAME'], args)


def MyTransform(glueContext, dfc) -> DynamicFrameCollection:
    df = dfc.select(list(dfc.keys())[0]).toDF().dropDuplicates()
    return DynamicFrameCollection({'CustomTransform0': DynamicFrame.fromDF(df, glueContext, 'c')}, glueContext)


def sparkSqlQuery(glueContext, query, mapping, transformation_ctx) -> DynamicFrame:
    for alias, frame in mapping.items():
        frame.toDF().createOrReplaceTempView(alias)
    result = spark.sql(query)
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)


a = glue.create_dynamic_frame.from_rdd([(1, 'a'), (1, 'a'), (2, 'b')], 'a',
                                        StructType([Field('id', IntegerType()), Field('k', StringType())]))
b = MyTransform(glue, DynamicFrameCollection({'a': a}, glue))
c = sparkSqlQuery(glue, query='select id, upper(k) as k from t where id > 1', mapping={'t': b.select('CustomTransform0')},
                  transformation_ctx='SQL')
c.toDF().write.json(args['target'])
print(glue.read, c.count())
job.commit()

import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

from pyspark.sql.types import StructType, StructField, StringType
from awsglue.dynamicframe import DynamicFrame
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

rows = [['TX', '{"strawberry": 220, "pears": "none"}'], ['CA', '{"strawberry": 34}']]
df = spark.createDataFrame(rows, StructType([StructField('loc', StringType()), StructField('data', StringType())]))
frame = DynamicFrame.fromDF(df, glueContext, 'frame')
boxed = Unbox.apply(frame=frame, path='data', format='json')
flat = boxed.unnest()
nothing = Map.apply(frame=flat, f=lambda r: {'loc': r['loc'], 'n': r['data.strawberry'], 'nothing': None})
clean = DropNullFields.apply(frame=nothing)
print(clean.schema())
clean.toDF().write.json(args['target'])
job.commit()

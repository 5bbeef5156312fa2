import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

from pyspark.sql.functions import udf
from pyspark.sql.types import StringType
from awsglue import DynamicFrame
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)



def enrich(rec):
    rec['length'] = len(rec['name'])
    rec['address'] = {'city': rec['address']['city'].upper(), 'zip': rec['address']['zip']}
    del rec['phones']
    return rec


people = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/people']}, 'json')
mapped = Map.apply(frame=people, f=enrich)
shout = udf(lambda s: s + '!', StringType())
df = mapped.toDF().withColumn('name', shout('name'))
out = DynamicFrame.fromDF(df, glueContext, 'out')
print('errors', mapped.errorsCount())
glueContext.write_dynamic_frame.from_options(out, 's3', {'path': args['target']}, 'parquet')
job.commit()

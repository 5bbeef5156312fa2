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

raw = glueContext.create_dynamic_frame.from_options('s3', connection_options={'paths': [args['source'] + '/readings']}, format='json')
one = ResolveChoice.apply(frame=raw, specs=[('value', 'cast:double')])
two = raw.resolveChoice(choice='make_cols')
three = raw.resolveChoice(specs=[('value', 'project:double')]).select_fields(['sensor', 'value'])
four = raw.resolveChoice(choice='make_struct')
for name, frame in (('cast', one), ('cols', two), ('project', three), ('struct', four)):
    glueContext.write_dynamic_frame.from_options(frame, 's3', {'path': args['target'] + '/' + name}, 'json')
job.commit()

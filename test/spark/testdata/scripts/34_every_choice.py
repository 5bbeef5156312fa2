import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.dynamicframe import ResolveOption
from awsglue.gluetypes import IntegerType, StringType

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'database'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

mixed = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/mixed']}, 'json')
mixed.printSchema()
out = {
    'cast': mixed.resolveChoice(specs=[('v', 'cast:int'), ('in.x', 'cast:string')]),
    'project': mixed.resolveChoice(specs=[('v', 'project:string'), ('in.x', 'project:int')], choice='', transformation_ctx='p', info='',
                                   stageThreshold=0, totalThreshold=0),
    'cols': ResolveChoice.apply(frame=mixed, specs=[('in.x', 'cast:int'), ('v', 'make_cols')], transformation_ctx='cols'),
    'struct': ResolveChoice.apply(frame=mixed, choice='make_struct', info='', stageThreshold=0, totalThreshold=0),
    'all': mixed.resolveChoice(choice='cast:string'),
    'match': ResolveChoice.apply(frame=mixed.select_fields(['k', 'v']), choice='match_catalog', database=args['database'], table_name='mixed',
                                 catalog_id=None),
    'match2': mixed.select_fields(['k', 'v']).resolveChoice(database=args['database'], table_name='mixed', catalog_id=None),
}
for name, frame in out.items():
    frame.toDF().write.json(args['target'] + '/' + name)
df = mixed.toDF(options=[ResolveOption('v', 'Project', IntegerType()), ResolveOption('in.x', 'Cast', StringType()), ResolveOption('k', 'KeepAsStruct')])
df.write.json(args['target'] + '/todf')
job.commit()

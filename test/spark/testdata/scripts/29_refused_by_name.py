import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue import NotSupported

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'database'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

asked = {
    'ion': lambda: glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source']]}, 'ion'),
    'hudi': lambda: glueContext.write_dynamic_frame.from_options(people, 's3', {'path': args['target']}, 'hudi'),
    'xml': lambda: glueContext.write_dynamic_frame.from_options(people, 's3', {'path': args['target']}, 'xml'),
    'mongodb': lambda: glueContext.write_dynamic_frame.from_options(people, 'mongodb', {'uri': 'mongodb://x', 'database': 'd', 'collection': 'c'}),
    'dynamodb': lambda: glueContext.create_dynamic_frame.from_options('dynamodb', {'dynamodb.input.tableName': 't'}),
    'kafka': lambda: glueContext.create_data_frame.from_options('kafka', {'topicName': 't'}),
    'secretId': lambda: glueContext.create_dynamic_frame.from_options('postgresql', {'url': 'jdbc:postgresql://h/d', 'dbtable': 't', 'secretId': 's'}),
    'lz4': lambda: glueContext.write_dynamic_frame.from_options(people, 's3', {'path': args['target']}, 'avro', {'compression': 'lz4'}),
    'excludeStorageClasses': lambda: glueContext.purge_s3_path(args['target'], {'excludeStorageClasses': ['STANDARD_IA']}),
    'options': lambda: people.mergeDynamicFrame(people, ['name'], options={'x': 1}),
    'startingPosition': lambda: glueContext.create_data_frame.from_catalog(args['database'], 'people', additional_options={'startingPosition': 'latest'}),
    'push_down_predicate': lambda: glueContext.create_dynamic_frame.from_options('s3', {'paths': ['x']}, 'json', push_down_predicate='a = 1'),
}
people = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/people']}, 'json')
said = []
for name, call in asked.items():
    try:
        call()
    except NotSupported as e:
        said.append((name, str(e).startswith('Penstock does not support ') and name in str(e)))
spark.createDataFrame(said, 'name string, named boolean').write.json(args['target'] + '/said')
job.commit()

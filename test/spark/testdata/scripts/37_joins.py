import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'database'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/orders'], 'recurse': True}, 'csv', {'withHeader': True})
customers = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='customers')
one = Join.apply(frame1=orders, frame2=customers, keys1=['customer'], keys2=['id'], transformation_ctx='one')
two = orders.join(paths1=['customer', 'country'], paths2=['customer', 'country'], frame2=orders, transformation_ctx='two', info='',
                  stageThreshold=0, totalThreshold=0)
one.drop_fields(['note', 'day']).toDF().write.json(args['target'] + '/one')
two.toDF().selectExpr('order_id a', '`.order_id` b').write.json(args['target'] + '/two')
people = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/people']}, 'json')
cities = glueContext.create_dynamic_frame.from_rdd([{'place': {'name': 'Riga'}, 'country': 'LV'}], 'cities')
people.join(['address.city'], ['place.name'], cities).select_fields(['name', 'country']).toDF().write.json(args['target'] + '/nested')
job.commit()

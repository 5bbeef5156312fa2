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

orders = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/orders'], 'recurse': True}, 'csv',
    {'withHeader': True})
typed = orders.resolveChoice(specs=[('amount', 'cast:double'), ('order_id', 'cast:int')])
parts = SplitRows.apply(typed, {'amount': {'>=': 10, '<': 100}}, 'middle', 'rest')
fields = SplitFields.apply(frame=parts['middle'], paths=['order_id', 'amount'], name1='numbers', name2='others')
numbers = SelectFromCollection.apply(fields, 'numbers')
only = SelectFields.apply(frame=parts.select('rest'), paths=['order_id'])
less = DropFields.apply(frame=typed, paths=['day', 'country', 'amount'])
glueContext.write_dynamic_frame.from_options(numbers, 's3', {'path': args['target'] + '/numbers'}, 'csv',
    {'separator': '|', 'writeHeader': False})
glueContext.write_dynamic_frame.from_options(only, 's3', {'path': args['target'] + '/rest'}, 'json')
less.coalesce(1).write('s3', {'path': args['target'] + '/less'}, 'json')
job.commit()

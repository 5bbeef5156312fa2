import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

import json
from awsglue.gluetypes import DoubleType, Field, StringType, StructType

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

books = glueContext.create_dynamic_frame.from_options(
    connection_type='s3', connection_options={'paths': [args['source'] + '/books']}, format='xml',
    format_options={'rowTag': 'book', 'attributePrefix': '_', 'valueTag': '_VALUE', 'ignoreSurroundingSpaces': True,
                    'excludeAttribute': False, 'treatEmptyValuesAsNulls': True, 'encoding': 'UTF-8'}, transformation_ctx='books')
books.printSchema()
schema = StructType([Field('title', StringType()), Field('price', StructType([Field('_VALUE', DoubleType())]))])
told = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/books']}, 'xml', {
    'rowTag': 'book', 'withSchema': json.dumps(schema.jsonValue())})
told.toDF().selectExpr('title', 'price._VALUE price').write.json(args['target'] + '/told')
books = books.resolveChoice(specs=[('price._VALUE', 'cast:double')])
glueContext.write_dynamic_frame.from_options(books, 's3', {'path': args['target'] + '/books'}, 'json')
job.commit()

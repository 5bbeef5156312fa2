import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
import datetime
from decimal import Decimal
from awsglue.gluetypes import (ArrayType, BinaryType, BooleanType, ByteType, DateType, DecimalType, DoubleType, Field, FloatType, IntegerType,
                               LongType, MapType, ShortType, StringType, StructType, TimestampType)

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

schema = StructType([
    Field('b', BooleanType()), Field('y', ByteType()), Field('h', ShortType()), Field('i', IntegerType()), Field('l', LongType()),
    Field('f', FloatType()), Field('d', DoubleType()), Field('c', DecimalType(precision=10, scale=2)), Field('s', StringType()),
    Field('x', BinaryType()), Field('day', DateType()), Field('at', TimestampType()), Field('a', ArrayType(StringType())),
    Field('m', MapType(IntegerType())), Field('o', StructType([Field('k', StringType())]))])
row = (True, 1, 2, 3, 4, 0.5, 1.25, Decimal('9.99'), 't', bytearray(b'xy'), datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 30),
       ['u', None], {'one': 1}, ('v',))
frame = glueContext.create_dynamic_frame_from_rdd(data=[row], name='typed', schema=schema, sample_ratio=None, transformation_ctx='t')
frame.printSchema()
frame.toDF().write.parquet(args['target'] + '/typed')
narrow = glueContext.create_dynamic_frame.from_rdd([{'i': '7', 's': 5}, {'i': 'x', 's': None}], 'narrow')
narrow.with_frame_schema(schema=StructType([Field('i', IntegerType()), Field('s', StringType())])).toDF().write.parquet(args['target'] + '/narrow')
job.commit()

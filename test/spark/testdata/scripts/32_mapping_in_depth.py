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

baskets = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/baskets']}, 'json', transformation_ctx='baskets')
mapped = baskets.apply_mapping([
    ('id', 'int', 'basket.id', 'long'), ('customer.name', 'string', 'name', 'string'), ('customer.address.geo.lat', 'double', 'lat', 'float'),
    ('customer.address.city', 'string', '`home.city`', 'string'), ('gift', 'boolean', 'gift', 'string'), ('total', 'total_copy'),
    ('lines', 'array', 'lines', 'array'), ('nowhere', 'string', 'nowhere', 'string')],
    case_sensitive=False, transformation_ctx='mapped', info='map', stageThreshold=0, totalThreshold=0)
exact = ApplyMapping.apply(frame=baskets, mappings=[('ID', 'int', 'upper', 'int'), ('id', 'int', 'lower', 'smallint')], case_sensitive=True,
                           transformation_ctx='exact', info='', stageThreshold=0, totalThreshold=0)
mapped.select_fields(paths=['basket', 'name', 'lat', '`home.city`', 'gift'], transformation_ctx='sel', info='', stageThreshold=0,
                     totalThreshold=0).toDF().write.parquet(args['target'] + '/mapped')
exact.toDF().write.parquet(args['target'] + '/exact')
mapped.select_fields(['lines']).toDF().selectExpr('inline(lines)').select('sku', 'qty').write.parquet(args['target'] + '/lines')
job.commit()

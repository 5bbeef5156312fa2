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

sample = glueContext.create_sample_dynamic_frame_from_catalog(
    database=args['database'], table_name='orders', num=2, redshift_tmp_dir='', transformation_ctx='s', push_down_predicate="month = '05'",
    additional_options={}, sample_options={}, catalog_id=None)
few = glueContext.create_sample_dynamic_frame_from_options(
    connection_type='s3', connection_options={'paths': [args['source'] + '/people']}, num=1, sample_options={}, format='json', format_options={},
    transformation_ctx='f')
few.show(num_rows=1)
print(few.count(), sample.count(), few.getNumPartitions(), few)
few.schema().treeString()
few.printSchema()
two = few.repartition(num_partitions=2, transformation_ctx='r', info='', stageThreshold=0, totalThreshold=0)
one = two.coalesce(num_partitions=1, shuffle=True, transformation_ctx='c', info='', stageThreshold=0, totalThreshold=0)
numbers = glueContext.create_dynamic_frame.from_rdd(data=sc.parallelize([(1, 'a'), (2, 'b')]), name='numbers', schema=None, sampleRatio=1.0)
doubled = numbers.mapPartitions(f=lambda rows: [{'n': r['_1'] * 2} for r in rows], preservesPartitioning=True, transformation_ctx='p', info='',
                                stageThreshold=0, totalThreshold=0)
doubled.toDF().write.json(args['target'] + '/doubled')
print(two.getNumPartitions(), one.getNumPartitions())
spigot = few.spigot(path=args['target'] + '/spigot', options={'topk': 1, 'prob': 1.0}, transformation_ctx='sp', info='', stageThreshold=0,
                    totalThreshold=0)
Spigot.apply(frame=spigot, path=args['target'] + '/spigot2', options={'topk': 10}, transformation_ctx='sp2')
sample.write(connection_type='s3', connection_options={'path': args['target'] + '/count'}, format='csv', format_options={'writeHeader': False},
             accumulator_size=0)
logger = glueContext.get_logger()
for say in (logger.debug, logger.info, logger.warn):
    say('said')
job.commit()

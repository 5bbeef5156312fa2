import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.dynamicframe import DynamicFrameCollection

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'temp'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

baskets = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/baskets']}, 'json')
baskets = baskets.resolveChoice(specs=[('total', 'cast:double')])
tables = baskets.relationalize(root_table_name='b', staging_path=args['temp'], options={}, transformation_ctx='tables', info='',
                               stageThreshold=0, totalThreshold=0)
print(sorted(tables.keys()), len(tables), len(tables.values()))
lines = tables.select(key='b_lines', transformation_ctx='lines')
tags = SelectFromCollection.apply(dfc=tables, key='b_lines.val.tags', transformation_ctx='tags')
small = tables.map(callable=lambda frame, ctx: frame.coalesce(1), transformation_ctx='small')
split = tables.flatmap(f=lambda frame, ctx: frame.split_fields(['id'], 'ids', 'rest') if 'id' in frame.toDF().columns else frame,
                       transformation_ctx='split')
renamed = MapToCollection.apply(dfc=DynamicFrameCollection({'l': lines}, glueContext), BaseTransform=RenameField, frame_name='frame',
                                transformation_ctx='m', old_name='index', new_name='nr')
flat = FlatMap.apply(dfc=DynamicFrameCollection(dynamic_frames={'t': tags}, glue_ctx=glueContext), BaseTransform=SplitRows, frame_name='frame',
                     transformation_ctx='f', comparison_dict={'index': {'=': 0}}, name1='first', name2='later')
df = renamed['l'].toDF().join(small['b'].toDF().selectExpr('lines id', '`customer.name` name'), 'id')
df.selectExpr('name', 'nr', '`lines.val.sku` sku', '`lines.val.price` price').write.parquet(args['target'] + '/lines')
flat['tfirst'].toDF().selectExpr('`lines.val.tags.val` tag').write.json(args['target'] + '/first')
counts = [(name, frame.count()) for name, frame in sorted(split.items())]
spark.createDataFrame(counts, 'name string, n long').write.json(args['target'] + '/counts')
job.commit()

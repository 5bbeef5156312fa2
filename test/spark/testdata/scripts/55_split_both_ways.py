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

orders = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/orders'], 'recurse': True}, 'csv', {'withHeader': True})
orders = orders.resolveChoice(specs=[('amount', 'cast:double')])
rows = orders.split_rows(comparison_dict={'amount': {'>': 0, '<=': 100}, 'country': {'!=': 'FR'}}, name1='in', name2='out', transformation_ctx='r',
                         info='', stageThreshold=0, totalThreshold=0)
same = SplitRows.apply(frame=orders, comparison_dict={'amount': {'>=': 20}, 'country': {'==': 'FR'}}, name1='a', name2='b', transformation_ctx='s',
                       info='', stageThreshold=0, totalThreshold=0)
cols = orders.split_fields(paths=['order_id', 'customer'], name1='who', name2='what', transformation_ctx='c', info='', stageThreshold=0,
                           totalThreshold=0)
also = SplitFields.apply(frame=orders, paths=['day'], name1='day', name2='rest', transformation_ctx='d', info='', stageThreshold=0, totalThreshold=0)
for name in rows.keys():
    rows[name].select_fields(['order_id']).toDF().write.json(args['target'] + '/' + name)
same['a'].select_fields(['order_id']).toDF().write.json(args['target'] + '/a')
cols.select('who').toDF().write.json(args['target'] + '/who')
also['rest'].toDF().select('country').distinct().write.json(args['target'] + '/rest')
glueContext.write_dynamic_frame_from_options(frame=cols['what'].drop_fields(['day']), connection_type='s3', format='json', format_options={},
                                             connection_options={'path': args['target'] + '/what'}, transformation_ctx='w')
job.commit()

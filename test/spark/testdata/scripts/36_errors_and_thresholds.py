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

lines = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/orders'], 'recurse': True}, 'csv', {'withHeader': True})


def number(rec):
    rec['amount'] = float(rec['amount'])
    return rec


mapped = Map.apply(frame=lines, f=number, transformation_ctx='mapped', info='to numbers', stageThreshold=2, totalThreshold=2)
kept = mapped.filter(f=lambda r: 10 / (r['amount'] - 20) < 100, transformation_ctx='kept', info='', stageThreshold=0, totalThreshold=0)
counts = [('map', mapped.stageErrorsCount(), mapped.errorsCount()), ('filter', kept.stageErrorsCount(), kept.errorsCount())]
spark.createDataFrame(counts, 'step string, stage long, total long').write.json(args['target'] + '/counts')
kept.errorsAsDynamicFrame().toDF().selectExpr("substring_index(error.msg, ':', 1) kind",
                                              "get_json_object(error.record, '$.order_id') id").write.json(args['target'] + '/errors')
kept.select_fields(['order_id', 'amount']).toDF().write.json(args['target'] + '/good')
try:
    lines.map(f=number, preservesPartitioning=True, transformation_ctx='strict', info='', stageThreshold=1, totalThreshold=0)
    raise SystemExit('no threshold')
except ValueError as e:
    print(e)
try:
    Filter.apply(frame=mapped, f=lambda r: 1 / 0, transformation_ctx='f', info='', stageThreshold=0, totalThreshold=3)
    raise SystemExit('no threshold')
except ValueError as e:
    print(e)
job.commit()

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

rows = sc.parallelize([{'id': 1, 'note': None, 'in': {'x': None, 'y': 2}, 'blank': ''}, {'id': 2, 'note': None, 'in': {'x': None, 'y': 3}, 'blank': ''}])
frame = glueContext.create_dynamic_frame.from_rdd(rows, 'rows')
one = DropNullFields.apply(frame=frame, transformation_ctx='one', info='', stageThreshold=0, totalThreshold=0)
two = frame.drop_nulls(transformation_ctx='two', info='', stageThreshold=0, totalThreshold=0)
boxed = glueContext.create_dynamic_frame.from_rdd([{'id': 1, 'data': '{"a": 1, "b": ["x"]}'}, {'id': 2, 'data': '{"a": 2}'}], 'boxed')
a = Unbox.apply(frame=boxed, path='data', format='json', transformation_ctx='a', info='', stageThreshold=0, totalThreshold=0)
b = boxed.unbox(path='data', format='json', transformation_ctx='b', info='', stageThreshold=0, totalThreshold=0)
for name, f in [('one', one), ('two', two), ('a', a), ('b', b)]:
    f.toDF().write.json(args['target'] + '/' + name)
bad = ErrorsAsDynamicFrame.apply(frame=one)
print(bad.count(), one.stageErrorsCount(), one.errorsCount())
one.assertErrorThreshold()
job.commit()

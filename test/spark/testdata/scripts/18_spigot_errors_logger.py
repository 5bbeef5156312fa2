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

logger = glueContext.getLogger()
logger.info('begins')
raw = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/dirty']}, 'json')
logger.warn('%d lines are broken' % raw.errorsCount())
bad = ErrorsAsDynamicFrame.apply(raw)
bad.toDF().select('error.record').write.json(args['target'] + '/bad')
sampled = Spigot.apply(raw, args['target'] + '/sample', {'topk': 2})
numbers = sampled.map(lambda r: {'n': int(r['n'])})
numbers.show(3)
try:
    numbers.assertErrorThreshold()
    raise SystemExit('no error was seen')
except ValueError as e:
    logger.error(str(e))
numbers.toDF().write.json(args['target'] + '/good')
job.commit()

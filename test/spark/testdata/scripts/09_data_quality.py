import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

from awsgluedq.transforms import EvaluateDataQuality
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='orders', transformation_ctx='orders')
orders = orders.resolveChoice(choice='match_catalog', database=args['database'], table_name='orders')
RULES = '''
    Rules = [
        RowCount > 3,
        IsComplete "order_id",
        ColumnValues "amount" > 0 with threshold > 0.9,
        IsUnique "order_id"
    ]
'''
dq = EvaluateDataQuality().process_rows(frame=orders, ruleset=RULES, publishing_options={
    'dataQualityEvaluationContext': 'orders', 'enableDataQualityCloudWatchMetrics': False, 'enableDataQualityResultsPublishing': True},
    additional_options={'observations.scope': 'ALL', 'performanceTuning.caching': 'CACHE_NOTHING'})
rules = SelectFromCollection.apply(dfc=dq, key='ruleOutcomes', transformation_ctx='rules')
rows = SelectFromCollection.apply(dfc=dq, key='rowLevelOutcomes', transformation_ctx='rows')
rules.toDF().select('Rule', 'Outcome').coalesce(1).write.json(args['target'] + '/rules')
good = rows.toDF().filter("DataQualityEvaluationResult = 'Passed'")
good.select('order_id', 'amount').write.json(args['target'] + '/good')
job.commit()

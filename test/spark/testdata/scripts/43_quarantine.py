import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsgluedq.transforms import EvaluateDataQuality

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target', 'database'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_options(
    connection_type='s3', connection_options={'paths': [args['source'] + '/orders'], 'recurse': True}, format='csv',
    format_options={'withHeader': True, 'separator': ','}, transformation_ctx='orders')
RULESET = """
    Rules = [
        ColumnValues "country" in ["UK", "FR"],
        ColumnDataType "amount" = "Double",
        (ColumnValues "customer" = "c1") or (ColumnValues "order_id" in ["2", "5"]),
        IsUnique "customer" where "country = 'FR'"
    ]
"""
result = EvaluateDataQuality().process_rows(
    frame=orders, ruleset=RULESET, publishing_options={'dataQualityEvaluationContext': 'Quarantine', 'enableDataQualityResultsPublishing': False},
    additional_options={'compositeRuleEvaluation.method': 'ROW', 'performanceTuning.caching': 'CACHE_NOTHING'}, additional_data_sources={})
rows = SelectFromCollection.apply(dfc=result, key='rowLevelOutcomes', transformation_ctx='rows').toDF()
good = rows.filter(rows.DataQualityEvaluationResult == 'Passed').drop('DataQualityRulesPass', 'DataQualityRulesFail', 'DataQualityRulesSkip',
                                                                      'DataQualityEvaluationResult')
bad = rows.filter(rows.DataQualityEvaluationResult == 'Failed')
good.write.partitionBy('country').parquet(args['target'] + '/good')
bad.selectExpr('order_id', 'DataQualityRulesFail reasons').write.json(args['target'] + '/bad')
result['originalData'].toDF().select('order_id').write.json(args['target'] + '/all')
job.commit()

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

sales = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='sales')
days = glueContext.create_dynamic_frame.from_rdd([{'d': '2024-01-01'}, {'d': '2024-01-02'}], 'days')
RULES = '''Rules = [
    RowCount between 4 and 6, ColumnCount = 5, Completeness "flag" = 1.0, IsComplete "id", ColumnDataType "id" = "Long",
    ColumnNamesMatchPattern "[a-z]+", ColumnExists "day", Uniqueness "id" = 1.0, IsUnique "id", IsUnique "id" "day", IsPrimaryKey "id" "day",
    Mean "id" = 3, Sum "amount" = 16.25, StandardDeviation "id" between 1.4 and 1.5, Variance "id" = 2, Entropy "day" < 1.1,
    DistinctValuesCount "day" = 3, UniqueValueRatio "day" between 0.3 and 0.4, ColumnLength "id" = 1, ColumnValues "id" in [1, 2, 3, 4, 5],
    ColumnValues "id" > 1 with threshold > 0.7, ColumnCorrelation "id" "amount" > 0.99, DataFreshness "at" > 365 days,
    CustomSql "select count(*) from primary where flag" = 2, ReferentialIntegrity "day" "days.d" = 0.6, RowCountMatch "days" = 2.5,
    (IsComplete "id") and (RowCount > 100), (RowCount > 100) or (IsUnique "id"), ColumnValues "id" between 0 and 3
]'''
outcomes = EvaluateDataQuality.apply(
    frame=sales, ruleset=RULES, publishing_options={'dataQualityEvaluationContext': 'sales', 'enableDataQualityCloudWatchMetrics': True,
                                                    'enableDataQualityResultsPublishing': True, 'resultsS3Prefix': args['target'] + '/results'},
    additional_options={'performanceTuning.caching': 'CACHE_INPUT', 'compositeRuleEvaluation.method': 'COLUMN', 'observations.scope': 'ALL'},
    additional_data_sources={'days': days})
outcomes.toDF().select('Rule', 'Outcome').write.json(args['target'] + '/outcomes')
outcomes.toDF().selectExpr('explode(EvaluatedMetrics) as (name, value)').selectExpr('name', 'round(value, 6) value').distinct().write.json(
    args['target'] + '/metrics')
job.commit()

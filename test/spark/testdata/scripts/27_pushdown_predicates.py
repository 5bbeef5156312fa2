import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

kinds = {
    'month': dict(push_down_predicate="year = '2024' and month in ('06', '07')"),
    'compare': dict(push_down_predicate="(year < '2024' or month == '05')"),
    'server': dict(additional_options={'catalogPartitionPredicate': "year = '2024' and month >= '06'", 'useS3ListImplementation': True}),
    'both': dict(push_down_predicate="month < '06'", additional_options={'catalogPartitionPredicate': "year='2024'"}),
    'none': dict(push_down_predicate="year = '1999'"),
}
for name, options in kinds.items():
    frame = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='orders', transformation_ctx=name, **options)
    spark.createDataFrame([(name, frame.count())], 'name string, n long').write.json(args['target'] + '/counts/', mode='append')
days = glueContext.create_dynamic_frame_from_catalog(
    database=args['database'], table_name='sales', redshift_tmp_dir='', transformation_ctx='days', catalog_id=None,
    push_down_predicate="day between '2024-01-02' and '2024-01-31'", additional_options={'useCatalogSchema': True, 'useSparkDataSource': False})
glueContext.write_dynamic_frame.from_options(days, 's3', {'path': args['target'] + '/days'}, 'parquet')
some = glueContext.create_dynamic_frame.from_catalog(args['database'], 'orders', additional_options={
    'exclusions': '["**/2024/06/**"]', 'groupFiles': 'inPartition', 'groupSize': '1048576', 'recurse': True})
glueContext.write_dynamic_frame.from_options(some.select_fields(['order_id', 'month']), 's3', {'path': args['target'] + '/some'}, 'json')
job.commit()

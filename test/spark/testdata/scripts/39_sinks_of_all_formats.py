import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

sales = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='sales', catalog_id=None)
sales = sales.apply_mapping([('id', 'long', 'id', 'long'), ('amount', 'decimal', 'amount', 'decimal(10,2)'), ('day', 'date', 'day', 'date')])
for name, form, options in [('as_csv', 'csv', {'separator': ';'}), ('as_avro', 'avro', {'version': '1.8'}), ('as_parquet', 'glueparquet', {})]:
    sink = glueContext.getSink(connection_type='s3', path=args['target'] + '/' + name, enableUpdateCatalog=True, partitionKeys=['day'])
    sink.setCatalogInfo(catalogDatabase=args['database'], catalogTableName=name)
    sink.setFormat(form, **options)
    sink.writeFrame(sales)
sink = glueContext.getSink('s3', format='orc', path=args['target'] + '/both')
sink.write(dynamic_frame_or_dfc=DynamicFrameCollection({'x': sales, 'y': sales.select_fields(['id'])}, glueContext), info='')
db = args['database']
spark.sql(f'''select c.day, c.id, p.amount from {db}.as_csv c join {db}.as_parquet p on c.id = p.id join {db}.as_avro a on a.id = p.id
              where c.day > '2024-01-01' ''').write.json(args['target'] + '/joined')
job.commit()

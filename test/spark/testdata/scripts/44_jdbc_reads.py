import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'target', 'connection'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

conf = glueContext.extract_jdbc_conf(connection_name=args['connection'], catalog_id=None)
print(sorted(conf))
own = {'url': conf['fullUrl'], 'user': conf['user'], 'password': conf['password'], 'dbtable': 'stock'}
named = {'useConnectionProperties': 'true', 'connectionName': args['connection'], 'dbtable': 'shop.items'}
reads = {
    'whole': own,
    'field': dict(own, hashfield='id', hashpartitions='3'),
    'expression': dict(named, hashexpression='id', hashpartitions=2),
    'sample': dict(own, sampleQuery='select id, name from stock where id > 3'),
    'query': dict(named, query="select name, price * 2 as twice from shop.items where name like 'p%'", fetchsize='10'),
    'driver': dict(own, customJdbcDriverClassName='org.postgresql.Driver', database='postgres'),
}
for name, options in reads.items():
    frame = glueContext.create_dynamic_frame.from_options(connection_type='postgresql', connection_options=options, transformation_ctx=name)
    frame.toDF().write.parquet(args['target'] + '/' + name)
plain = spark.read.format('jdbc').option('url', conf['fullUrl']).option('user', conf['user']).option('password', conf['password']).option(
    'dbtable', 'stock').load()
print(plain.count())
job.commit()

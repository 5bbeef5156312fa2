import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

from awsglue.dynamicframe import DynamicFrame

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'connection'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

changes = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/changes']}, 'json')
last = changes.toDF().selectExpr('*', 'row_number() over (partition by id order by ts desc) as nr').filter("nr = 1 and op <> 'D'").select('id', 'name')
upserts = DynamicFrame.fromDF(last, glueContext, 'upserts')
pre = "create table if not exists stage (id int, name text); truncate table stage;"
post = "begin; delete from target using stage where target.id = stage.id; insert into target select id, name || ';' from stage; drop table stage; end;"
post = post.replace('begin; ', '').replace(' end;', '')
glueContext.write_dynamic_frame.from_jdbc_conf(
    frame=upserts, catalog_connection=args['connection'],
    connection_options={'dbtable': 'stage', 'database': 'postgres', 'preactions': pre, 'postactions': post, 'bulkSize': '100'},
    redshift_tmp_dir='s3://nowhere/temp/', transformation_ctx='write', catalog_id=None)
glueContext.write_from_jdbc_conf(frame_or_dfc=upserts, catalog_connection=args['connection'], connection_options={'dbtable': 'copies'},
                                 redshift_tmp_dir='', transformation_ctx='', catalog_id=None)
glueContext.write_dynamic_frame_from_jdbc_conf(upserts, args['connection'], {'dbtable': 'copies', 'redshiftTmpDir': 's3://nowhere/'}, 's3://nowhere/',
                                               transformation_ctx='copies', catalog_id=None)
conf = glueContext.extract_jdbc_conf(args['connection'])
glueContext.write_dynamic_frame.from_options(frame=upserts, connection_type='postgresql', connection_options={
    'url': conf['fullUrl'], 'user': conf['user'], 'password': conf['password'], 'dbtable': 'copies'})
job.commit()

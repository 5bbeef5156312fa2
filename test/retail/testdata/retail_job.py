import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import functions as F

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'database', 'target'])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
spark.conf.set('spark.sql.shuffle.partitions', '4')
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

orders = glueContext.create_dynamic_frame.from_catalog(database=args['database'], table_name='orders', transformation_ctx='orders')
lines = orders.toDF().select(
    F.col('invoiceno').cast('string').alias('invoice_no'), F.upper(F.col('stockcode').cast('string')).alias('stock_code'),
    'description', F.col('quantity').cast('int').alias('quantity'), F.col('unitprice').cast('decimal(12,3)').alias('unit_price'),
    F.col('customerid').cast('bigint').alias('customer_id'), 'country', F.col('invoicedate').cast('timestamp').alias('sold_at')).persist()
cancelled = F.col('invoice_no').startswith('C')
sold = ~cancelled & (F.col('quantity') > 0) & (F.col('unit_price') > 0)
revenue = F.col('quantity') * F.col('unit_price')

products = lines.filter(F.col('description').isNotNull() & (F.col('unit_price') > 0)).groupBy('stock_code').agg(
    F.max(F.trim('description')).alias('product'))
sales = lines.filter(sold).join(products, 'stock_code', 'left').select(
    'invoice_no', 'stock_code', 'product', 'quantity', 'unit_price', revenue.cast('decimal(18,3)').alias('revenue'), 'customer_id', 'country',
    'sold_at', F.to_date('sold_at').alias('dt'))
daily = lines.groupBy(F.to_date('sold_at').alias('dt'), 'country').agg(
    F.count('*').alias('lines'), F.sum(F.when(cancelled, 1).otherwise(0)).alias('cancellations'), F.sum(F.when(sold, 1).otherwise(0)).alias('sold'),
    F.sum(F.when(sold, revenue)).cast('decimal(18,3)').alias('revenue'))

for name, df, keys in [('products', products, []), ('sales', sales, ['dt']), ('daily', daily, [])]:
    glueContext.write_dynamic_frame.from_options(
        frame=DynamicFrame.fromDF(df, glueContext, name), connection_type='s3', format='glueparquet', format_options={'compression': 'snappy'},
        connection_options={'path': args['target'] + '/' + name, 'partitionKeys': keys}, transformation_ctx=name)
job.commit()

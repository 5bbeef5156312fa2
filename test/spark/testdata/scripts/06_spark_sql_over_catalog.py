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

db = args['database']
df = spark.sql(f'''
    -- revenue of each customer
    SELECT c.name, sum(o.amount) AS total
    FROM {db}.orders o JOIN {db}.customers c ON o.customer = c.id
    WHERE o.year = '2024' GROUP BY c.name''')
df.write.mode('overwrite').json(args['target'] + '/totals')
df.createOrReplaceTempView('totals')
spark.sql('select name from totals where total > 15').write.mode('overwrite').json(args['target'] + '/big')
job.commit()

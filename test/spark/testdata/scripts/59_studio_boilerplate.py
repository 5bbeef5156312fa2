import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue import DynamicFrame as Same
import re


def sparkUnion(glueContext, unionType, mapping, transformation_ctx) -> DynamicFrame:
    for alias, frame in mapping.items():
        frame.toDF().createOrReplaceTempView(alias)
    result = spark.sql("(select * from source1) UNION " + unionType + " (select * from source2)")
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)


def sparkAggregate(glueContext, parentFrame, groups, aggs, transformation_ctx) -> DynamicFrame:
    from pyspark.sql import functions as SqlFuncs
    funcs = [getattr(SqlFuncs, f)(c) for c, f in aggs]
    frame = parentFrame.toDF()
    result = frame.groupBy(*groups).agg(*funcs) if len(groups) > 0 else frame.agg(*funcs)
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)


args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])
sc = SparkContext.getOrCreate()
glueContext = GlueContext(sparkContext=sc)
spark = glueContext.spark_session
job = Job(glue_context=glueContext)
job.init(job_name=args['JOB_NAME'], args=args)
assert job.isInitialized() and Same is DynamicFrame

# Script generated for node Amazon S3
AmazonS3_node1 = glueContext.create_dynamic_frame.from_options(
    format_options={"quoteChar": '"', "withHeader": True, "separator": ",", "optimizePerformance": False}, connection_type="s3", format="csv",
    connection_options={"paths": [args["source"] + "/orders/"], "recurse": True}, transformation_ctx="AmazonS3_node1")
# Script generated for node Filter
Filter_node2 = Filter.apply(frame=AmazonS3_node1, f=lambda row: (bool(re.match("^c[0-9]$", row["customer"])) and not (row["country"] == "DE")),
                            transformation_ctx="Filter_node2", info="", stageThreshold=0, totalThreshold=0)
# Script generated for node Change Schema
ChangeSchema_node3 = ApplyMapping.apply(frame=Filter_node2, mappings=[
    ("customer", "string", "customer", "string"), ("amount", "string", "amount", "double"), ("country", "string", "country", "varchar")],
    transformation_ctx="ChangeSchema_node3")
# Script generated for node Union
Union_node4 = sparkUnion(glueContext, unionType="ALL", mapping={"source1": ChangeSchema_node3, "source2": ChangeSchema_node3},
                         transformation_ctx="Union_node4")
# Script generated for node Aggregate
Aggregate_node5 = sparkAggregate(glueContext, parentFrame=Union_node4, groups=["country"], aggs=[["amount", "sum"], ["customer", "countDistinct"]],
                                 transformation_ctx="Aggregate_node5")
# Script generated for node Amazon S3
AmazonS3_node6 = glueContext.write_dynamic_frame.from_options(
    frame=Aggregate_node5, connection_type="s3", format="glueparquet", connection_options={"path": args["target"] + "/", "partitionKeys": []},
    format_options={"compression": "snappy"}, transformation_ctx="AmazonS3_node6")
job.commit()

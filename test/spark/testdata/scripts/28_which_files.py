import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source', 'target'])

sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

base = {'paths': [args['source'] + '/parts']}
ways = {
    'near': dict(exclusions='["**.txt"]'),
    'all': dict(exclusions=['**.txt'], recurse=True, groupFiles='inPartition', groupSize=1024, useS3ListImplementation=True),
    'without': dict(exclusions='["**.txt", "deep/4*"]', recurse='true', isFailFast=True),
    'two': dict(exclusions='["**.txt"]', recurse=True, boundedFiles=2),
    'bytes': dict(exclusions='["**.txt"]', recurse=True, boundedSize='100', maxBand=900, maxFilesInBand=1000),
}
for name, more in ways.items():
    frame = glueContext.create_dynamic_frame.from_options('s3', dict(base, **more), 'json', transformation_ctx=name)
    glueContext.write_dynamic_frame.from_options(frame.drop_fields(['pad']), 's3', {'path': args['target'] + '/' + name}, 'json')
only = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['source'] + '/parts/deep/4.json', args['source'] + '/parts/1.json']}, 'json')
glueContext.write_dynamic_frame.from_options(only.drop_fields(['pad']), 's3', {'path': args['target'] + '/only'}, 'json')
job.commit()

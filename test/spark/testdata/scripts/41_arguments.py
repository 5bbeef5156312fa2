import json
import sys
from awsglue.utils import GlueArgumentError, getResolvedOptions
from awsglue.context import GlueContext
from pyspark.context import SparkContext

argv = ['x.py', '--JOB_NAME', 'j', '--JOB_ID', 'j_1', '--JOB_RUN_ID', 'jr_1', '--TempDir', 's3://t/', '--text', 'two words', '--empty', '',
        '--equal=a=b', '--list', '["a", "b"]', '--day-of-run', '2024-01-01', '--twice', '1', '--twice', '2', '--unknown', 'x', '--path', 's3://b/--x']
args = getResolvedOptions(argv, ['JOB_NAME', 'text', 'empty', 'equal', 'list', 'day-of-run', 'twice', 'path', 'TempDir'])
found = [(k, str(args[k])) for k in ('JOB_NAME', 'text', 'empty', 'equal', 'list', 'day-of-run', 'twice', 'path', 'TempDir')]
found.append(('parsed', ','.join(json.loads(args['list']))))
for name, names in (('missing', ['nothing']), ('reserved', ['JOB_RUN_ID']), ('abbreviated', ['tex'])):
    try:
        getResolvedOptions(args=argv, options=names)
    except (GlueArgumentError, RuntimeError) as e:
        found.append((name, type(e).__name__))
if '--{}'.format('optional') in sys.argv:
    raise SystemExit('it is not there')
spark = GlueContext(SparkContext.getOrCreate()).spark_session
real = getResolvedOptions(sys.argv, ['target'])
spark.createDataFrame(found, 'name string, value string').write.json(real['target'])

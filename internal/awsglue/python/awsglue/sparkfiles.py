# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Scans of chosen files whose partition values do not stand in their paths.

Spark reads partition values from folders named k=v, or from a catalog. Here each file has its values given: the scan is one relation of
Spark's own file formats over an index of exactly these files, so that columns and partitions are pruned as always."""

from pyspark.sql import DataFrame
from pyspark.sql import types as T

_FORMATS = {"csv": "org.apache.spark.sql.execution.datasources.csv.CSVFileFormat",
            "text": "org.apache.spark.sql.execution.datasources.text.TextFileFormat",
            "parquet": "org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat",
            "orc": "org.apache.spark.sql.execution.datasources.orc.OrcFileFormat",
            "avro": "org.apache.spark.sql.avro.AvroFileFormat"}


def scan(spark, name, options, schema, groups, keys):
    """The rows of groups: pairs of partition values (texts or None) and files. The keys are columns of text behind the others."""
    if not keys:
        reader = spark.read.format(name).options(**options).schema(schema)
        return reader.load([f.literal for _, files in groups for f in files])
    jvm, session = spark._jvm, spark._jsparkSession
    pkg = jvm.org.apache.spark.sql.execution.datasources
    to_seq = jvm.org.apache.spark.api.python.PythonUtils.toSeq
    partition = session.parseDataType(T.StructType([T.StructField(n, T.StringType()) for n, _ in keys]).json())
    data = session.parseDataType(schema.json())
    given, roots = [], []
    for values, files in groups:
        row = spark.sparkContext._gateway.new_array(jvm.java.lang.Object, len(values))
        for i, v in enumerate(values):
            row[i] = None if v is None else jvm.org.apache.spark.unsafe.types.UTF8String.fromString(v)
        row = jvm.org.apache.spark.sql.catalyst.expressions.GenericInternalRow(row)
        for folder in sorted({f.folder for f in files}):
            given.append(pkg.PartitionPath(row, jvm.org.apache.hadoop.fs.Path(folder)))
        roots += [jvm.org.apache.hadoop.fs.Path(f.path) for f in files]
    spec = pkg.PartitionSpec(partition, to_seq(given))
    empty = jvm.org.apache.spark.api.python.PythonUtils.toScalaMap({})
    no_cache = getattr(getattr(pkg, "NoopCache$"), "MODULE$")
    index = pkg.InMemoryFileIndex(session, to_seq(roots), empty, jvm.scala.Option.empty(), no_cache, jvm.scala.Option.apply(spec),
                                  jvm.scala.Option.empty())
    kind = jvm
    for part in _FORMATS[name].split("."):
        kind = getattr(kind, part)
    relation = pkg.HadoopFsRelation(index, partition, data, jvm.scala.Option.empty(), kind(),
                                    jvm.org.apache.spark.api.python.PythonUtils.toScalaMap(options), session)
    return DataFrame(session.baseRelationToDataFrame(relation), spark)

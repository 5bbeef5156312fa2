"""Compares the Parquet files of the folder of the first argument with what they should hold, and with what they say of themselves: the
statistics of each row group hold its values, and the checksums of its pages those of their bytes."""
import os
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../column/columntest"))
from exact import check

bounds = 0


def read(path):
    global bounds
    file = pq.ParquetFile(path, page_checksum_verification=True)
    for g in range(file.num_row_groups):
        group = file.read_row_group(g)
        for c in range(file.metadata.num_columns):
            column, stats = file.metadata.row_group(g).column(c), file.metadata.row_group(g).column(c).statistics
            if "." in column.path_in_schema or stats is None or not stats.has_min_max:
                continue
            values = group.column(column.path_in_schema)
            if stats.null_count != values.null_count:
                sys.exit("%s: %s has %d nulls, not %d" % (path, column.path_in_schema, values.null_count, stats.null_count))
            if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type) or pa.types.is_binary(values.type):
                continue
            low, high = pc.min_max(values).as_py().values()
            if (low, high) != (stats.min, stats.max):
                sys.exit("%s: %s is from %r to %r, not %r to %r" % (path, column.path_in_schema, low, high, stats.min, stats.max))
            bounds += 1
    return file.read()


check(sys.argv[1], ".parquet", read)
print(bounds)

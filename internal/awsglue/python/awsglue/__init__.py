# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Penstock's own awsglue: AWS Glue's Python names over PySpark, written from AWS's public guide. It is no part of AWS's library.

Modules: context (GlueContext), dynamicframe, transforms, job, utils, gluetypes. docs/awsglue.md lists every name.
"""

from awsglue.errors import DataError, NotSupported  # noqa: F401


def __getattr__(name):
    """What needs pyspark is imported when it is asked for: a Python shell job reads its arguments without it."""
    if name in ("DynamicFrame", "DynamicFrameCollection"):
        from awsglue import dynamicframe
        return getattr(dynamicframe, name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Penstock's own awsglue: AWS Glue's Python names over PySpark, written from AWS's public guide. It is no part of AWS's library.

Modules: context (GlueContext), dynamicframe, transforms, job, utils, gluetypes. docs/awsglue.md lists every name.
"""

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection  # noqa: F401
from awsglue.errors import DataError, NotSupported  # noqa: F401

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Lets a script that only uses spark.sql see the Data Catalog: what --enable-glue-datacatalog asks for.

The runtime puts this folder before others on the driver's PYTHONPATH. Nothing is imported before the script itself imports pyspark.sql. A
sitecustomize of the user's own, which this one hides, is run too.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


class _AfterPyspark(importlib.abc.MetaPathFinder):
    """Finds pyspark.sql as anybody does, and installs the catalog when it has been imported."""

    def find_spec(self, name, path=None, target=None):
        if name != "pyspark.sql":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            from awsglue import sparkcatalog
            sparkcatalog.install()

        spec.loader.exec_module = exec_module
        return spec


def _driver():
    """Spark's worker processes inherit the path, and ask no catalog."""
    return not any(word.startswith("pyspark.") for word in getattr(sys, "orig_argv", []))


def _users():
    paths = [p for p in sys.path if os.path.abspath(p) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", paths)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if _driver():
    sys.meta_path.insert(0, _AfterPyspark())
_users()

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
        spec.loader = _ThenInstall(spec.loader)
        return spec


class _ThenInstall(importlib.abc.Loader):
    """Loads one module as its loader does, which may be that of others too (an archive's), and installs the catalog then."""

    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        from awsglue import sparkcatalog
        sparkcatalog.install()


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

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Refuses what a script imports from here, all names (*) too."""

from awsglue.errors import NotSupported as _NotSupported

__all__ = ["EntityDetector", "FillMissingValues", "FindIncrementalMatches", "FindMatches"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise _NotSupported("%s (awsglueml.transforms)" % name)

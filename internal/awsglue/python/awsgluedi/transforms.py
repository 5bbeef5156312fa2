# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Refuses what a script imports from here."""

from awsglue.errors import NotSupported


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise NotSupported("%s (awsgluedi.transforms)" % name)

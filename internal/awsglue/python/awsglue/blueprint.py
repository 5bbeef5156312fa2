# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Refuses blueprints when a script imports them."""

from awsglue.errors import NotSupported

raise NotSupported("blueprints (awsglue.blueprint)")

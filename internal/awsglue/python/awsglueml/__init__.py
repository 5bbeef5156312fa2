# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""AWS Glue's transforms by machine learning: none is here, and each is refused by its name when a script imports it."""

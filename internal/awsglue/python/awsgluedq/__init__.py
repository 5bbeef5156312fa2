# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Data quality: rulesets of DQDL evaluated over frames, in the module transforms."""

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Refuses what a script imports from here, all names (*) too."""

from awsglue.errors import NotSupported as _NotSupported

__all__ = ["FormatPhoneNumber", "FormatCase", "FillWithMode", "FlagDuplicateRows", "RemoveDuplicates", "MonthName", "IsEven",
           "CryptographicHash", "Decrypt", "Encrypt", "IntToIp", "IpToInt"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise _NotSupported("%s (awsgluedi.transforms)" % name)

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The errors of this package."""


class NotSupported(NotImplementedError):
    """Something of AWS Glue that Penstock does not do. It is raised before anything is written."""

    def __init__(self, what):
        super().__init__("Penstock does not support " + what)


class DataError(ValueError):
    """An argument or a file that cannot be used; the text says which and why."""


def truth(value, name):
    """The Boolean that an option means: True, False, or their words in any case, as AWS takes both."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("true", "false"):
        return word == "true"
    raise DataError("%s is true or false, not %r" % (name, value))


def only(options, known, where):
    """Refuses by name the first option that is not known. An option that asks for nothing is not refused."""
    for key, value in options.items():
        if key not in known and value not in (None, "", False, [], {}):
            raise NotSupported("the option %r of %s" % (key, where))

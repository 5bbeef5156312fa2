# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The arguments of a job, as a script asks for them."""

import argparse

# Arguments that the service gives to each run; a script cannot ask for options of these names.
RESERVED = ("job_bookmark_option", "job_bookmark_from", "job_bookmark_to", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION",
            "encryption_type", "enable_data_lineage", "RedshiftTempDir")

_WORDS = {
    "job-bookmark-enable": "job-bookmark-enable",
    "job-bookmark-disable": "job-bookmark-disable",
    "job-bookmark-pause": "job-bookmark-pause",
}


class GlueArgumentError(Exception):
    """An argument that the script needs was not given, or has no value."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise GlueArgumentError(message)


def getResolvedOptions(args, options):
    """Returns a dict of the named options and their values. args is sys.argv; every option must have been given to the run."""
    for name in options:
        if name in RESERVED:
            raise RuntimeError("Using reserved arguments %s" % name)
        if name != name.strip() or not name or name.startswith("-"):
            raise GlueArgumentError("%r is not the name of an option" % (name,))
    parser = _Parser(prog=args[0] if args else "script", add_help=False, allow_abbrev=False)
    parser.add_argument("--job-bookmark-option", dest="job_bookmark_option", choices=sorted(_WORDS), default="job-bookmark-disable")
    for flag in ("--job-bookmark-from", "--job-bookmark-to"):
        parser.add_argument(flag, dest=flag[2:].replace("-", "_"), default=None)
    for name in ("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "encryption_type", "enable_data_lineage", "RedshiftTempDir"):
        parser.add_argument("--" + name, default=None)
    if "TempDir" not in options:
        parser.add_argument("--TempDir", default=None)
    for name in dict.fromkeys(options):
        parser.add_argument("--" + name, dest=name, required=name != "TempDir")
    parsed, _ = parser.parse_known_args(args[1:])
    found = vars(parsed)
    if (found["job_bookmark_from"] is None) != (found["job_bookmark_to"] is None):
        raise GlueArgumentError("--job-bookmark-from and --job-bookmark-to are given together or not at all")
    if found["job_bookmark_from"] is not None and found["job_bookmark_option"] != "job-bookmark-pause":
        raise GlueArgumentError("--job-bookmark-from and --job-bookmark-to need --job-bookmark-option job-bookmark-pause")
    return {k: v for k, v in found.items() if v is not None or k in options}

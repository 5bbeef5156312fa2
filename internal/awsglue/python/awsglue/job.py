# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The job that a script is."""

import sys

from awsglue import bookmark


def _argument(args, name):
    """An argument of the run: from what getResolvedOptions gave, or else from the command line."""
    key = name.replace("-", "_")
    if args and args.get(key) is not None:
        return args[key]
    for i, word in enumerate(sys.argv):
        if word == "--" + name and i + 1 < len(sys.argv):
            return sys.argv[i + 1]
        if word.startswith("--" + name + "="):
            return word.split("=", 1)[1]
    return None


class Job(object):
    """init at the beginning of a script reads the job's bookmark, commit at its end saves it."""

    def __init__(self, glue_context):
        self._glue, self._begun = glue_context, False

    def init(self, job_name, args=None):
        """Begins the job. args is what getResolvedOptions returned."""
        args = dict(args or {})
        option = _argument(args, "job-bookmark-option") or "job-bookmark-disable"
        self._glue._bookmark = bookmark.Bookmark(
            job_name, _argument(args, "JOB_RUN_ID") or "", option, _argument(args, "job-bookmark-from"), _argument(args, "job-bookmark-to"))
        self._begun = True

    def isInitialized(self):
        return self._begun

    def commit(self):
        """Saves the bookmark."""
        if not self._begun:
            raise RuntimeError("job.commit() without job.init(name, args)")
        self._glue._bookmark.commit()

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Job bookmarks: what earlier runs of a job have read, by transformation_ctx.

The service keeps the state. It is read by AWS's own GetJobBookmark, and saved by one call of Penstock's, PenstockCommitJobBookmark, which
the keys of the run may make: {JobName, RunId, Version, JobBookmark}. Version is that of the state that the run began with (0 for none);
a state that was saved in the meantime makes it fail with ConcurrentModificationException, and nothing is saved. JobBookmark is a JSON
object by transformation_ctx, of one of two forms:
  {"kind": "s3", "mark": 1732982400000, "recent": {"s3://b/k": 1732982400000}}
  {"kind": "jdbc", "keys": ["id"], "order": "asc", "last": ["17"]}
"""

import json

from awsglue import aws
from awsglue.errors import DataError

BAND = 900000  # milliseconds: how late a listing may show a file, AWS's maxBand
OPTIONS = ("job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause")


class Bookmark(object):
    """The bookmark of one run. option is one of OPTIONS; since and until are run ids, both or none, and need pause."""

    def __init__(self, job_name, run_id="", option="job-bookmark-disable", since=None, until=None, client=None):
        if option not in OPTIONS:
            raise DataError("--job-bookmark-option is %s, not %r" % (", ".join(OPTIONS), option))
        if bool(since) != bool(until):
            raise DataError("--job-bookmark-from and --job-bookmark-to are given together or not at all")
        if since and option != "job-bookmark-pause":
            raise DataError("--job-bookmark-from and --job-bookmark-to need job-bookmark-pause")
        self._job, self._run, self._client = job_name, run_id, client or aws.Glue()
        self.enabled, self._saves = option != "job-bookmark-disable", option == "job-bookmark-enable"
        self._version, self._before, self._until, self._after = 0, {}, None, {}
        if self.enabled:
            self._version, self._before = self._state(since)
            if until:
                self._until = self._state(until)[1]

    def _state(self, run_id=None):
        """The version and the state of the job, or that after one of its runs."""
        try:
            entry = self._client.call("GetJobBookmark", JobName=self._job, RunId=run_id)["JobBookmarkEntry"]
        except aws.ServiceError as e:
            if e.code == "EntityNotFoundException" and not run_id:
                return 0, {}
            raise
        text = entry.get("JobBookmark") or "{}"
        try:
            state = json.loads(text)
        except ValueError:
            raise DataError("the bookmark of the job %s is no JSON: reset it" % self._job)
        return int(entry.get("Version") or 0), state

    def of(self, ctx):
        """What earlier runs have read under a transformation_ctx, or None."""
        return self._before.get(ctx) if self.enabled and ctx else None

    def note(self, ctx, state):
        """Keeps what this run has read, for commit."""
        if self.enabled and ctx:
            self._after[ctx] = state

    def commit(self):
        """Saves the state of the contexts that were read, and keeps that of the others. Whatever was read after an earlier commit of the
        run is saved by the next one."""
        if not self._saves:
            return
        state = dict(self._before)
        state.update(self._after)
        text = json.dumps(state, sort_keys=True)
        try:
            entry = self._client.call("PenstockCommitJobBookmark", JobName=self._job, RunId=self._run or None, Version=self._version,
                                      JobBookmark=text)["JobBookmarkEntry"]
        except aws.ServiceError as e:
            if e.code != "ConcurrentModificationException":
                raise
            # The answer to a first try may have been lost: then the state is ours.
            entry = self._client.call("GetJobBookmark", JobName=self._job)["JobBookmarkEntry"]
            if (int(entry["Version"]), entry.get("RunId"), entry.get("JobBookmark")) != (self._version + 1, self._run or None, text):
                raise e
        self._version = int(entry["Version"])
        self._before = state

    # Files

    def files(self, ctx, files, band=BAND, most=None):
        """The files that no earlier run has read: changed after the mark, or as long as the band before it but not seen then. Returns them
        and a function that notes those that are read indeed."""
        if not self.enabled or not ctx:
            return files, lambda read: None
        before = self._before.get(ctx)
        if before is not None and before.get("kind") != "s3":
            raise DataError("the bookmark of %r is one of a %s source, and now it reads files: reset it" % (ctx, before.get("kind")))
        new = [f for f in files if _is_new(f, before, band)]
        if self._until is not None:
            until = self._until.get(ctx)
            new = [f for f in new if until is not None and not _is_new(f, until, band)]
        if most is not None:
            recent = sorted((f for f in new if f.time > max([g.time for g in files] or [0]) - band), key=lambda f: (f.time, f.path))
            late = {f.path for f in recent[most:]}
            new = [f for f in new if f.path not in late]

        def read(done):
            mark = max([f.time for f in done] + [before["mark"] if before else 0])
            recent = dict(before["recent"]) if before else {}
            recent.update({f.path: f.time for f in done})
            self.note(ctx, {"kind": "s3", "mark": mark, "recent": {p: t for p, t in recent.items() if t > mark - band}})
        return new, read

    # Rows of a database

    def rows(self, ctx, keys, order):
        """The last values of the keys that earlier runs have read, as text, or None; and the last that this run may read, or None."""
        if not self.enabled or not ctx:
            return None, None
        return self._jdbc(self._before.get(ctx), ctx, keys, order), self._jdbc((self._until or {}).get(ctx), ctx, keys, order)

    @staticmethod
    def _jdbc(state, ctx, keys, order):
        if state is None:
            return None
        if state.get("kind") != "jdbc" or state.get("keys") != keys or state.get("order") != order:
            raise DataError("the bookmark of %r is of other keys (%s %s): reset it" % (
                ctx, ", ".join(state.get("keys", [])), state.get("order", state.get("kind"))))
        return state["last"]

    def read_rows(self, ctx, keys, order, last):
        """Notes the last values that this run has read."""
        if last is not None:
            self.note(ctx, {"kind": "jdbc", "keys": keys, "order": order, "last": last})

    @property
    def bounded(self):
        """Whether the run reads what lies between two earlier runs."""
        return self._until is not None


def _is_new(f, state, band):
    if state is None or f.time > state["mark"]:
        return True
    return f.time > state["mark"] - band and state["recent"].get(f.path) != f.time

"""Imported by every Python program that a test starts.

pyarrow's threads hold Python objects. One that gives such an object back while the interpreter is ending is ended by CPython in the
middle of C++, and the program aborts after its last line ("terminate called without an active exception": 1 in 5 runs on a busy
machine, without any server). So a program that has loaded pyarrow ends here, with everything printed and its own exit status."""

import atexit
import os
import sys

failed = 0


def _uncaught(kind, value, trace):
    global failed
    failed = 1
    sys.__excepthook__(kind, value, trace)


def _end():
    if "pyarrow" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(failed)


sys.excepthook = _uncaught
atexit.register(_end)  # the first to be registered is the last to run

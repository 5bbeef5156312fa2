"""Imported by every Python program that a test starts.

pyarrow's threads hold Python objects. One that gives such an object back while the interpreter is ending is ended by CPython in the
middle of C++, and the program aborts after its last line ("terminate called without an active exception": 1 in 5 runs on a busy
machine, without any server). So a program that has loaded pyarrow ends here, with everything printed and its own exit status."""

import atexit
import builtins
import os
import sys

status = 0


def _uncaught(kind, value, trace):
    global status
    status = 1
    sys.__excepthook__(kind, value, trace)


class _Exit(SystemExit):
    """SystemExit that keeps the status it asks for: an atexit function is not told."""

    def __init__(self, *args):
        global status
        super().__init__(*args)
        status = 0 if self.code is None else self.code if isinstance(self.code, int) else 1


def _exit(code=None):
    raise _Exit(code)


def _end():
    if "pyarrow" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 255)


builtins.SystemExit = _Exit
sys.exit = _exit
sys.excepthook = _uncaught
atexit.register(_end)  # the first to be registered is the last to run

"""Runs the corpus of Glue scripts against a server, and holds what each leaves against golden rows that plain PySpark has made.

    corpus.py run|ci [NN ...]   all, some, or CI's dozen; needs AWS_ENDPOINT_URL and keys; CORPUS_POSTGRES is postgresql://... of an empty database
    corpus.py record [NN ...]   makes golden/NN_name.json with plain/NN_name.py

CORPUS_PYTHON is the Python that has pyspark. Scripts run one after another in one JVM (runner.py), but those that are about the job itself
are jobs that the server starts. What they leave is read by pyarrow, fastavro, csv, json, boto3 and psql.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import cases
import inputs
import readers

HERE = os.path.dirname(os.path.abspath(__file__))


def path(kind, name, end):
    return os.path.join(HERE, kind, name + end)


def scripts(given):
    """The names of the scripts whose numbers are given, or of all."""
    names = sorted(os.path.basename(p)[:-3] for p in glob.glob(path("scripts", "*", ".py")))
    return [n for n in names if not given or n[:2] in given]


class Runner(object):
    """The process with the warm JVM."""

    def __init__(self, **env):
        self.process = subprocess.Popen([os.environ["CORPUS_PYTHON"], "-W", "ignore", os.path.join(HERE, "runner.py")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=dict(os.environ, **env))

    def ask(self, **message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the runner has ended: %s" % self.process.wait())
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def record(names):
    where = tempfile.mkdtemp(prefix="corpus-")
    runner = Runner()
    try:
        inputs.lay(where + "/src")
        for name in names:
            if not os.path.exists(path("plain", name, ".py")):
                continue
            out = os.path.join(where, name)
            answer = runner.ask(plain=path("plain", name, ".py"), source=where + "/src", target=out)
            if answer["error"]:
                raise SystemExit("%s: %s" % (name, answer["error"]))
            with open(path("golden", name, ".json"), "w", encoding="utf-8") as f:
                f.write(golden(readers.read(out)))
            print(name)
    finally:
        runner.close()
        shutil.rmtree(where, ignore_errors=True)


def golden(found):
    """Data sets as text: a row a line."""
    parts = []
    for where, held in sorted(found.items()):
        rows = ",\n   ".join(json.dumps(r, ensure_ascii=False) for r in held["rows"])
        parts.append(" %s: {\"format\": %s, \"schema\": %s, \"rows\": [\n   %s]}" % (
            json.dumps(where), json.dumps(held["format"]), json.dumps(held["schema"]), rows))
    return "{\n" + ",\n".join(parts) + "}\n"


def compare(name, found):
    """Every difference to the golden rows, as text."""
    try:
        with open(path("golden", name, ".json"), encoding="utf-8") as f:
            want = json.load(f)
    except FileNotFoundError:
        want = {}
    for where in sorted(set(want) | set(found)):
        a, b = want.get(where), found.get(where)
        if a is None or b is None:
            yield "%r is %s" % (where, "not there" if b is None else "there and should not be: %s" % b)
        elif (a["format"], a["schema"], readers.order(a["rows"])) != (b["format"], b["schema"], b["rows"]):
            yield "%r:\n  want %s %s\n  got  %s %s" % (where, (a["format"], a["schema"]), readers.order(a["rows"]), (b["format"], b["schema"]), b["rows"])


def run(names):
    world = cases.World()
    runner, failed, began = Runner(AWSGLUE_REAL=world.base), [], time.time()
    try:
        for name in names:
            began_one = time.time()
            found = list(one(world, runner, name))
            print("%s %s %.1f s" % ("FAIL" if found else "ok  ", name, time.time() - began_one))
            for text in found:
                failed.append(name)
                print("   " + text)
            sys.stdout.flush()
    finally:
        runner.close()
    print("%d scripts, %d failed, %.0f s" % (len(names), len(set(failed)), time.time() - began))
    return 1 if failed else 0


def one(world, runner, name):
    """Runs one script; yields what is wrong."""
    case = cases.CASES.get(name[:2], cases.Case)(world, name)
    case.before()
    for step in case.steps():
        error, output = (case.as_job() if case.job else warm(runner, case)) if step is None else step()
        if case.error and case.error not in error:
            yield "the error is %r, not %r" % (error, case.error)
        if not case.error and error:
            yield "%s\n%s" % (error.partition("\n\tat ")[0], output)
            return
        case.output = output
    yield from compare(name, case.found())
    try:
        case.check()
    except AssertionError as e:
        yield "%r" % (e,)


def warm(runner, case):
    argv = [w for k, v in case.arguments().items() for w in ("--" + k, v)]
    answer = runner.ask(script=path("scripts", case.name, ".py"), argv=argv)
    return answer["error"], answer["output"]


if __name__ == "__main__":
    numbers = set(sys.argv[2:])
    if sys.argv[1] == "ci":
        numbers = cases.DOZEN
    sys.exit((record if sys.argv[1] == "record" else run)(scripts(numbers)))

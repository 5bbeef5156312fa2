# What the scripts beside it share: a client of a service by boto3 and by the AWS CLI. Every call that is answered is written to the file
# CALLS as "client service operation outcome", by botocore's own hook and not by the script, so that the test can see what was called.
# As a program it runs another script with that hook in place.
import contextlib, datetime, io, json, os, re, runpy, sys, time

import boto3
import botocore.exceptions
from awscli.clidriver import create_clidriver


def recorder(client):
    def record(http_response, parsed, model, **_):
        outcome = "ok" if http_response.status_code < 300 else parsed["Error"]["Code"]
        with open(os.environ["CALLS"], "a") as f:
            f.write(f"{client} {model.service_model.signing_name} {model.name} {outcome}\n")
    return record


boto3.setup_default_session()
boto3.DEFAULT_SESSION.events.register("after-call", recorder("boto3"))


def new_driver():
    driver = create_clidriver()
    driver.session.register("after-call", recorder("cli"))
    return driver


shared = new_driver()


def aws(*args):
    """Runs one command of the AWS CLI: its JSON answer, or its error text when it ends with another code than 0."""
    driver = new_driver() if "get-object" in args else shared  # get-object leaves a handler behind that takes later bodies
    out, err = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = driver.main([*args, "--output", "json"])
    text = out.buffer.getvalue().decode()
    if code:
        assert err.getvalue().strip(), f"{args} ends with {code} and says nothing"
        return "error " + err.getvalue().strip()
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def options(kw):
    """The command line of a call: lists of text as words, all that is deeper as JSON."""
    for name, v in kw.items():
        option = "--" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
        if v is True or v is False:
            yield option if v else option.replace("--", "--no-", 1)
        elif isinstance(v, list) and v and all(isinstance(x, str) for x in v):
            yield from [option, *v]
        elif isinstance(v, (dict, list)):
            yield from [option, json.dumps(v, default=str)]
        else:
            yield from [option, v.isoformat() if isinstance(v, datetime.datetime) else str(v)]


class Service:
    """One service, its operations called by name and by both clients."""

    def __init__(self, name, command=None):
        self.client, self.command = boto3.client(name), command or name
        self.methods = {op: m for m, op in self.client.meta.method_to_api_mapping.items()}

    def b(self, op, **kw):
        return getattr(self.client, self.methods[op])(**kw)

    def cli(self, op, *words, **kw):
        got = aws(self.command, self.methods[op].replace("_", "-"), *words, *options(kw))
        assert not isinstance(got, str) or not got.startswith("error "), got
        return got

    def pages(self, op, size, of, **kw):
        """What boto3's paginator gives in pages of a size: the list, and how many pages there were."""
        pages = list(self.client.get_paginator(self.methods[op]).paginate(**kw, PaginationConfig={"PageSize": size}))
        return [x for p in pages for x in p.get(of, [])], len(pages)

    def fails(self, code, text, op, *words, **kw):
        """The same error by both clients."""
        try:
            self.b(op, **kw)
        except botocore.exceptions.ClientError as e:
            got = e.response["Error"]
            assert got["Code"] == code and text in got["Message"], got
            typed = getattr(self.client.exceptions, code, None)
            assert typed is None or isinstance(e, typed), (type(e), code)
        else:
            raise AssertionError(f"{op} {kw} does not fail")
        out = aws(self.command, self.methods[op].replace("_", "-"), *words, *options(kw))
        assert isinstance(out, str) and f"({code})" in out and text in out, out


def until(f, seconds=120):
    """Calls f until it gives something."""
    end = time.monotonic() + seconds
    while not (got := f()):
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)
    return got


if __name__ == "__main__":
    runpy.run_path(sys.argv[1], run_name="__main__")
    print("ok")

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Calls of AWS Glue's API, signed with the keys of the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_GLUE or AWS_ENDPOINT_URL. What only a call needs is imported by it: not every script
makes one, and each waits for the imports."""

import datetime
import json
import os
import time
import urllib.parse

_TRIES = 4
_TIMEOUT = 60


class ServiceError(Exception):
    """The service's refusal: its code, its message."""

    def __init__(self, operation, code, message, status):
        super().__init__("%s: %s: %s" % (operation, code, message))
        self.code, self.message, self.status = code, message, status


def _hash(key, text):
    import hashlib
    import hmac
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()


def sign(method, url, headers, body, service, region, access, secret, token, now):
    """The headers with AWS's signature, version 4."""
    import hashlib
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    parts = urllib.parse.urlsplit(url)
    headers = dict(headers, Host=parts.netloc)
    headers["X-Amz-Date"] = stamp
    if token:
        headers["X-Amz-Security-Token"] = token
    lower = {k.lower(): " ".join(str(v).split()) for k, v in headers.items()}
    names = ";".join(sorted(lower))
    request = "\n".join([method, urllib.parse.quote(parts.path or "/", safe="/-_.~"), parts.query,
                         "".join("%s:%s\n" % (k, lower[k]) for k in sorted(lower)), names, hashlib.sha256(body).hexdigest()])
    scope = "/".join([day, region, service, "aws4_request"])
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode("utf-8")).hexdigest()])
    key = _hash(_hash(_hash(_hash(("AWS4" + secret).encode("utf-8"), day), region), service), "aws4_request")
    headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        access, scope, names, _hash(key, text).hex())
    return headers


class Glue(object):
    """A client of AWS Glue's JSON protocol. The environment is read when a call is made."""

    def __init__(self, environ=None):
        self._environ = os.environ if environ is None else environ

    def call(self, operation, **members):
        """The answer of an operation. Members that are None are left out. Throttling and faults of the network are tried again; a
        refusal is a ServiceError."""
        body = json.dumps({k: v for k, v in members.items() if v is not None}).encode("utf-8")
        last = None
        for turn in range(_TRIES):
            if turn:
                time.sleep(0.2 * 2 ** turn)
            try:
                status, answer = self._send(operation, body)
            except OSError as e:
                last = e
                continue
            if status == 200:
                return answer
            code = str(answer.get("__type") or answer.get("code") or status).rpartition("#")[2]
            last = ServiceError(operation, code, answer.get("message") or answer.get("Message") or "", status)
            if status < 500 and "Throttling" not in code:
                break
        if isinstance(last, ServiceError):
            raise last
        raise ConnectionError("%s: the endpoint %s cannot be reached: %s" % (operation, self._endpoint(), last))

    def pages(self, operation, member, **members):
        """All items of a paged operation."""
        token = None
        while True:
            answer = self.call(operation, NextToken=token, **members)
            for item in answer.get(member, []):
                yield item
            token = answer.get("NextToken")
            if not token:
                return

    def region(self):
        return self._environ.get("AWS_REGION") or self._environ.get("AWS_DEFAULT_REGION") or "us-east-1"

    def _endpoint(self):
        url = self._environ.get("AWS_ENDPOINT_URL_GLUE") or self._environ.get("AWS_ENDPOINT_URL")
        if not url:
            raise ConnectionError("AWS_ENDPOINT_URL is not set: it is the address of Penstock, as penstock env prints it")
        return url.rstrip("/") + "/"

    def _send(self, operation, body):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSGlue." + operation}
        status, text = _post(self._environ, self._endpoint(), "glue", self.region(), headers, body)
        try:
            return status, json.loads(text or b"{}")
        except ValueError:
            return status, {"message": text[:300].decode("utf-8", "replace")}


def put_metrics(namespace, dimensions, values, environ=None):
    """Puts counts into CloudWatch."""
    environ = os.environ if environ is None else environ
    form = [("Action", "PutMetricData"), ("Version", "2010-08-01"), ("Namespace", namespace)]
    for i, (name, value) in enumerate(sorted(values.items()), 1):
        lead = "MetricData.member.%d." % i
        form += [(lead + "MetricName", name), (lead + "Value", str(value)), (lead + "Unit", "Count")]
        for k, (key, word) in enumerate(sorted(dimensions.items()), 1):
            form += [("%sDimensions.member.%d.Name" % (lead, k), key), ("%sDimensions.member.%d.Value" % (lead, k), word)]
    glue = Glue(environ)
    url = (environ.get("AWS_ENDPOINT_URL_CLOUDWATCH") or environ.get("AWS_ENDPOINT_URL") or glue._endpoint()).rstrip("/") + "/"
    status, answer = _post(environ, url, "monitoring", glue.region(), {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
                           urllib.parse.urlencode(form).encode("utf-8"))
    if status != 200:
        raise ServiceError("PutMetricData", str(status), answer[:300].decode("utf-8", "replace"), status)


def _post(environ, url, service, region, headers, body):
    """The status and the body of the answer to a signed POST."""
    import http.client
    access, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not access or not secret:
        raise PermissionError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
    parts = urllib.parse.urlsplit(url)
    headers = sign("POST", url, headers, body, service, region, access, secret, environ.get("AWS_SESSION_TOKEN"),
                   datetime.datetime.now(datetime.timezone.utc))
    if parts.scheme == "https":
        import ssl
        context = ssl.create_default_context(cafile=environ.get("AWS_CA_BUNDLE"))
        conn = http.client.HTTPSConnection(parts.netloc, timeout=_TIMEOUT, context=context)
    else:
        conn = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT)
    try:
        conn.request("POST", parts.path, body, headers)
        answer = conn.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as e:
        raise ConnectionError("%s: %s" % (type(e).__name__, e))
    finally:
        conn.close()

# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The Data Quality Definition Language: rulesets parsed. The grammar is that of Penstock's Go package internal/dqdl."""

import re
from fractions import Fraction

from awsglue.errors import DataError

MAX_TEXT, MAX_DEPTH = 65536, 50


class Operand(object):
    """One value of a condition. kind: number, string, keyword, dynamic, date, duration or size. value is a Fraction, a text, a number of
    seconds (duration; date: before now), or bytes."""

    def __init__(self, kind, text, value=None):
        self.kind, self.text, self.value = kind, text, value


class Condition(object):
    """op is one of = != > >= < <= between in matches."""

    def __init__(self, op, operands, negated=False):
        self.op, self.operands, self.negated = op, operands, negated


class Rule(object):
    """One rule, or a composition (op is "and" or "or") of parts."""

    def __init__(self, kind="", op="", parts=()):
        self.kind, self.op, self.parts = kind, op, list(parts)
        self.params, self.condition, self.threshold, self.where, self.labels, self.tags, self.text = [], None, None, "", "", [], ""


# Rule types: fewest and most parameters (-1: any), the class of the condition (None: none), whether the condition may be missing, whether
# a threshold and a where clause may follow.
SPECS = {
    "RowCount": (0, 0, "numbers", False, False, True), "RowCountMatch": (1, 1, "numbers", False, False, False),
    "ColumnCount": (0, 0, "numbers", False, False, False), "Completeness": (1, 1, "numbers", False, False, True),
    "IsComplete": (1, 1, None, False, False, True), "ColumnDataType": (1, 1, "texts", False, True, True),
    "ColumnNamesMatchPattern": (1, 1, None, False, False, False), "ColumnExists": (1, 1, None, False, False, False),
    "ColumnCorrelation": (2, 2, "numbers", False, False, True), "Uniqueness": (1, -1, "numbers", False, False, True),
    "IsUnique": (1, -1, None, False, False, True), "Mean": (1, 1, "numbers", False, False, True),
    "Sum": (1, 1, "numbers", False, False, True),
    "StandardDeviation": (1, 1, "numbers", False, False, True), "Variance": (1, 1, "numbers", False, False, True),
    "Entropy": (1, 1, "numbers", False, False, True), "DistinctValuesCount": (1, 1, "numbers", False, False, True),
    "UniqueValueRatio": (1, 1, "numbers", False, False, True), "ColumnLength": (1, 1, "numbers", False, True, True),
    "IsPrimaryKey": (1, -1, None, False, False, True), "ColumnValues": (1, 1, "any", False, True, True),
    "DataFreshness": (1, 1, "durations", False, True, True), "CustomSql": (1, 1, "numbers", True, True, False),
    "ReferentialIntegrity": (2, 2, "numbers", False, False, False), "DatasetMatch": (2, 3, "numbers", False, False, False),
    "SchemaMatch": (1, 1, "numbers", False, False, False), "AggregateMatch": (2, 2, "numbers", False, False, False),
    "DetectAnomalies": (1, -1, None, False, False, False), "AllStatistics": (1, 1, None, False, False, False),
    "FileMatch": (0, 2, "texts", True, False, False), "FileUniqueness": (0, 1, "numbers", False, False, False),
    "FileFreshness": (0, 1, "dates", False, True, False), "FileSize": (0, 1, "sizes", False, True, False),
}
_TOKEN = re.compile(r"""(?P<skip>[ \t\r\n]+|\#[^\n]*)|(?P<string>"(?:\\.|[^"\\])*")|
                        (?P<word>[A-Za-z_][A-Za-z_0-9.]*)|(?P<number>-?(?:[0-9][0-9.]*|\.[0-9][0-9.]*))|
                        (?P<symbol>>=|<=|!=|[\[\](){},=<>!$\-+*/.:])""", re.VERBOSE | re.DOTALL)
_RESERVED = ("between", "in", "not", "matches", "with", "where", "labels", "and", "or", "of")
_KEYWORDS = ("NULL", "EMPTY", "WHITESPACES_ONLY")
_SECONDS = {"days": 86400, "hours": 3600, "minutes": 60}
_BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_KINDS = {"numbers": ("number", "dynamic"), "texts": ("string", "keyword"), "durations": ("duration",), "sizes": ("size", "number"),
          "dates": ("string", "date", "dynamic"), "any": ("string", "keyword", "number", "dynamic", "date")}


def _lex(text):
    tokens, at = [], 0
    while at < len(text):
        m = _TOKEN.match(text, at)
        if m is None:
            _fail(text, at, "this string is never closed" if text[at] == '"' else "%r has no meaning here" % text[at])
        kind = m.lastgroup
        if kind != "skip":
            value = m.group()
            if kind == "string":
                value = re.sub(r'\\(["\\])', r"\1", value[1:-1])
            if kind == "number" and value.count(".") > 1:
                _fail(text, at, "%r is not a number" % value)
            tokens.append((kind, value, at, m.end()))
        at = m.end()
    tokens.append(("end", "", len(text), len(text)))
    return tokens


def _fail(text, at, message):
    line = text.count("\n", 0, at) + 1
    raise DataError("DQDL: line %d, column %d: %s" % (line, at - (text.rfind("\n", 0, at) + 1) + 1, message))


def parse(text):
    """The rules of a ruleset. Analyzers are refused by the evaluation, other sections are read and have no meaning here."""
    if not isinstance(text, str):
        raise DataError("a ruleset is a text, not a %s" % type(text).__name__)
    if len(text.encode("utf-8")) > MAX_TEXT:
        raise DataError("the ruleset has more than %d bytes" % MAX_TEXT)
    p = _Parser(text)
    p.read()
    return p.found, p.analyzers


class _Parser(object):
    def __init__(self, text):
        self.text, self.tokens, self.pos, self.depth = text, _lex(text), 0, 0
        self.found, self.analyzers, self.variables, self.lists = [], [], {}, {}

    @property
    def next(self):
        return self.tokens[self.pos]

    def take(self):
        t = self.tokens[self.pos]
        if t[0] != "end":
            self.pos += 1
        return t

    def fail(self, message, token=None):
        _fail(self.text, (token or self.next)[2], message)

    def shown(self):
        return "the end of the text" if self.next[0] == "end" else repr(self.next[1])

    def symbol(self, s):
        if self.next[0] == "symbol" and self.next[1] == s:
            self.pos += 1
            return True
        return False

    def want(self, s):
        if not self.symbol(s):
            self.fail("%r is wanted here, not %s" % (s, self.shown()))

    def word(self, s):
        if self.next[0] == "word" and self.next[1].lower() == s:
            self.pos += 1
            return True
        return False

    def since(self, at):
        return self.text[at:self.tokens[self.pos - 1][3]]

    def read(self):
        while self.next[0] != "end":
            t = self.take()
            if t[0] != "word":
                self.fail("a section is wanted here (Rules = [ ... ]), not %r" % t[1], t)
            self.want("=")
            if t[1] == "Rules":
                self.found += self.rules()
            elif t[1] == "Analyzers":
                self.analyzers.append(self.balanced())
            elif t[1] in ("Metadata", "DataSources", "DefaultLabels"):
                self.balanced()
            else:
                self.variable(t[1])
        if not self.found and not self.analyzers:
            self.fail("a ruleset has a section Rules = [ ... ] or Analyzers = [ ... ]")

    def balanced(self):
        begin, depth = self.next[2], 0
        while True:
            t = self.take()
            if t[0] == "end":
                self.fail("this section is never closed")
            if t[0] == "symbol" and t[1] in "[{(":
                depth += 1
            elif t[0] == "symbol" and t[1] in "]})":
                depth -= 1
            if depth <= 0:
                return self.text[begin:t[3]]

    def variable(self, name):
        if name in self.variables or name in self.lists:
            self.fail("the variable %s is declared twice" % name)
        if self.symbol("["):
            self.lists[name] = self.operands()
            found = self.lists[name]
        else:
            self.variables[name] = self.operand()
            found = [self.variables[name]]
        for o in found:
            if o.kind not in ("string", "keyword"):
                self.fail("the variable %s holds a text in quotes or a list of them, not %s" % (name, o.text))

    def rules(self):
        out = []
        self.want("[")
        while not self.symbol("]"):
            if out:
                self.want(",")
                if self.symbol("]"):
                    break
            out.append(self.rule())
        if not out:
            self.fail("the list of rules is empty")
        return out

    def rule(self):
        begin = self.next[2]
        r = self.chain("or", lambda: self.chain("and", self.single))
        r.text = self.since(begin)
        return r

    def chain(self, op, part):
        begin = self.next[2]
        parts = [part()]
        while self.word(op):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        r = Rule(op=op, parts=parts)
        r.text = self.since(begin)
        return r

    def single(self):
        begin = self.next[2]
        if self.symbol("("):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self.fail("rules are composed more than %d deep" % MAX_DEPTH)
            r = self.rule()
            self.want(")")
            self.depth -= 1
            if self.word("labels"):
                self.want("=")
                r.labels = self.balanced()
            return r
        t = self.take()
        if t[0] != "word" or t[1] not in SPECS:
            self.fail("%r is not a rule type" % t[1], t)
        r, spec = Rule(t[1]), SPECS[t[1]]
        while self.parameter(r, spec):
            pass
        if len(r.params) < spec[0] or (spec[1] >= 0 and len(r.params) > spec[1]):
            self.fail("%s takes %d parameters%s, not %d" % (r.kind, spec[0], "" if spec[0] == spec[1] else " or more", len(r.params)))
        self.condition(r, spec)
        self.clauses(r, spec)
        r.text = self.since(begin)
        return r

    def parameter(self, r, spec):
        at = self.pos
        connected = self.word("of") or (r.params and len(r.params) != spec[1] and self.word("and"))
        kind, value = self.next[0], self.next[1]
        if kind == "string":
            r.params.append(self.take()[1])
            return True
        if kind == "symbol" and value == "$":
            r.params.append(self.operand().text)
            return True
        if kind == "word" and value.lower() not in _RESERVED and (spec[1] < 0 or len(r.params) < spec[1]) and (
                r.kind == "DetectAnomalies" or not connected or value not in SPECS):
            r.params.append(self.take()[1])
            return True
        self.pos = at
        return False

    def condition(self, r, spec):
        token = self.next
        c = self.comparison()
        if c is None and spec[2] is not None and not spec[3]:
            self.fail("%s is compared with something (= 1, between 1 and 5, in [...]); found %s" % (r.kind, self.shown()))
        if c is not None:
            if spec[2] is None:
                self.fail("%s has no condition" % r.kind, token)
            kinds, seen = _KINDS[spec[2]], set()
            for o in c.operands:
                if o.kind not in kinds and not (o.kind == "keyword" and o.text == "NULL"):
                    self.fail("%s is not compared with %r" % (r.kind, o.text), token)
                if o.kind not in ("keyword", "dynamic", "date"):
                    seen.add(o.kind)
            if len(seen) > 1:
                self.fail("the values of one list are of one kind", token)
        r.condition = c

    def comparison(self):
        negated = self.word("not")
        if self.word("between"):
            first = self.operand()
            if not self.word("and"):
                self.fail("between takes two values joined by \"and\"")
            return Condition("between", [first, self.operand()], negated)
        if self.word("in"):
            return Condition("in", self.list(), negated)
        if self.word("matches"):
            return Condition("matches", [self.operand()], negated)
        if not negated and self.next[0] == "symbol" and self.next[1] in ("=", "!=", ">", ">=", "<", "<="):
            return Condition(self.take()[1], [self.operand()])
        if not negated and self.symbol("!"):
            self.want("=")
            return Condition("!=", [self.operand()])
        if negated:
            self.fail("\"not\" is followed by between, in or matches")
        return None

    def list(self):
        if self.symbol("$"):
            name = self.take()
            if name[1] not in self.lists:
                self.fail("there is no list variable $%s" % name[1], name)
            return self.lists[name[1]]
        self.want("[")
        return self.operands()

    def operands(self):
        out = []
        while True:
            out.append(self.operand())
            if self.symbol("]"):
                return out
            self.want(",")

    def operand(self):
        kind, value, at, _ = self.next
        if kind == "string":
            return Operand("string", self.take()[1])
        if kind == "symbol" and value == "$":
            self.take()
            name = self.take()
            if name[1] not in self.variables:
                self.fail("there is no variable $%s" % name[1], name)
            return self.variables[name[1]]
        if kind == "word" and value in _KEYWORDS + tuple(k.lower() for k in _KEYWORDS):
            return Operand("keyword", self.take()[1].upper())
        ahead = self.tokens[self.pos + 1] if kind == "symbol" and value == "(" else self.next
        if ahead[0] == "word" and ahead[1] == "now":
            return self.date()
        number, dynamic = self.sum()
        unit = self.next
        if not dynamic and unit[0] == "word" and number.denominator == 1:
            if unit[1] in _SECONDS:
                self.take()
                return Operand("duration", self.since(at), number * _SECONDS[unit[1]])
            if unit[1] in _BYTES:
                self.take()
                return Operand("size", self.since(at), number * _BYTES[unit[1]])
        return Operand("dynamic" if dynamic else "number", self.since(at), None if dynamic else number)

    def date(self):
        at, opened = self.next[2], self.symbol("(")
        self.take()
        self.want("(")
        self.want(")")
        if not opened:
            return Operand("date", self.since(at), Fraction(0))
        sign = -1
        if self.next[0] == "number" and self.next[1].startswith("-"):
            self.tokens[self.pos] = ("number", self.next[1][1:], self.next[2], self.next[3])
        elif not self.symbol("-"):
            self.want("+")
            sign = 1
        n, unit = self.take(), self.take()
        if n[0] != "number" or "." in n[1]:
            self.fail("a number of days, hours or minutes is wanted here, not %r" % n[1], n)
        if unit[1] not in _SECONDS:
            self.fail("days, hours or minutes are wanted here, not %r" % unit[1], unit)
        self.want(")")
        return Operand("date", self.since(at), Fraction(sign * int(n[1]) * _SECONDS[unit[1]]))

    def sum(self):
        value, dynamic = self.product()
        while True:
            if self.symbol("+"):
                sign = 1
            elif self.symbol("-"):
                sign = -1
            elif self.next[0] == "number" and self.next[1].startswith("-"):
                sign = 1
            else:
                return value, dynamic
            right, d = self.product()
            value, dynamic = value + sign * right, dynamic or d

    def product(self):
        value, dynamic = self.atom()
        while True:
            token = self.next
            if self.symbol("*"):
                right, d = self.atom()
                value, dynamic = value * right, dynamic or d
            elif self.symbol("/"):
                right, d = self.atom()
                if right == 0 and not d:
                    self.fail("this divides by zero", token)
                value, dynamic = (value / right if right else Fraction(0)), dynamic or d
            else:
                return value, dynamic

    def atom(self):
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("expressions are nested more than %d deep" % MAX_DEPTH)
        try:
            kind, value = self.next[0], self.next[1]
            if kind == "number":
                self.take()
                return Fraction(value), False
            if kind == "word" and self.tokens[self.pos + 1][1] == "(" and value.lower() not in _RESERVED:
                self.take()
                self.take()
                first = True
                while not self.symbol(")"):
                    if not first:
                        self.want(",")
                    self.sum()
                    first = False
                return Fraction(0), True
            if self.symbol("("):
                out = self.sum()
                self.want(")")
                return out
            if self.symbol("-"):
                value, dynamic = self.atom()
                return -value, dynamic
            self.fail("a value is wanted here, not %s" % self.shown())
        finally:
            self.depth -= 1

    def clauses(self, r, spec):
        while True:
            if self.word("where"):
                if self.next[0] != "string" or not spec[5]:
                    self.fail("%s takes no such \"where\"; where it is allowed it is followed by SQL in quotes" % r.kind)
                r.where = self.take()[1]
            elif self.word("with"):
                if self.word("threshold"):
                    if not spec[4] or r.threshold is not None:
                        self.fail("%s takes no %sthreshold" % (r.kind, "further " if spec[4] else ""))
                    r.threshold = self.comparison()
                    if r.threshold is None:
                        self.fail("a threshold is a comparison with a fraction: with threshold > 0.9")
                else:
                    tag = self.take()
                    if self.comparison() is None:
                        self.fail("a tag is given a value: with %s = \"...\"" % tag[1], tag)
                    r.tags.append(tag[1])
            elif self.word("labels"):
                self.want("=")
                r.labels = self.balanced()
            else:
                return

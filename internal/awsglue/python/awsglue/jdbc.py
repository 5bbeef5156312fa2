# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Databases by JDBC, read and written by Spark. The driver's jar is given to the job (--extra-jars, or Spark's --packages)."""

import re

from pyspark.sql import functions as F

from awsglue import casts, paths
from awsglue.errors import DataError, NotSupported, only, truth

VENDORS = {"mysql": "com.mysql.cj.jdbc.Driver", "postgresql": "org.postgresql.Driver", "redshift": "com.amazon.redshift.jdbc42.Driver",
           "oracle": "oracle.jdbc.OracleDriver", "sqlserver": "com.microsoft.sqlserver.jdbc.SQLServerDriver", "jdbc": None}
_KNOWN = {"url", "dbtable", "user", "username", "password", "database", "redshiftTmpDir", "connectionName", "useConnectionProperties",
          "customJdbcDriverClassName", "hashfield", "hashexpression", "hashpartitions", "sampleQuery", "query", "bulkSize", "preactions",
          "postactions", "jobBookmarkKeys", "jobBookmarkKeysSortOrder", "fetchsize", "batchsize", "aws_iam_role", "driver"}
_REFUSED = ("customJdbcDriverS3Path", "secretId", "sampleSize", "autopushdown", "extracopyoptions", "tempformat",
            "enablePartitioningForSampleQuery")


class Target(object):
    """Where rows come from or go to: Spark's options, the table, and statements around a write."""

    def __init__(self, kind, spark_options, table, options):
        self.kind, self.spark, self.table, self.options = kind, spark_options, table, options


def connection(glue, name, catalog_id=None):
    """The properties of a connection of the Data Catalog: url, user, password, vendor, fullUrl, and its driver if it names one."""
    answer = glue._client.call("GetConnection", Name=name, CatalogId=catalog_id, HidePassword=False)["Connection"]
    if str(answer.get("ConnectionType") or "JDBC").upper() != "JDBC":
        raise NotSupported("a connection of the type %s: %s" % (answer["ConnectionType"], name))
    p = answer.get("ConnectionProperties") or {}
    url = p.get("JDBC_CONNECTION_URL")
    if not url:
        raise DataError("the connection %s has no JDBC_CONNECTION_URL" % name)
    if p.get("SECRET_ID"):
        raise NotSupported("a connection with a secret (SECRET_ID): %s" % name)
    vendor = url.split(":")[1] if url.startswith("jdbc:") else ""
    base = url
    m = re.match(r"^(jdbc:[a-z]+://[^/]+)/.*$", url)
    if m:
        base = m.group(1)
    return {"user": p.get("USERNAME", ""), "password": p.get("PASSWORD", ""), "vendor": vendor, "url": base, "fullUrl": url,
            "enforceSSL": str(p.get("JDBC_ENFORCE_SSL", "false")).lower(), "driver": p.get("JDBC_DRIVER_CLASS_NAME")}


def options(glue, kind, given, writing=False):
    """The target of connection options, checked."""
    for name in _REFUSED:
        if given.get(name) not in (None, "", False):
            raise NotSupported("the option %r of a connection to a database%s" % (
                name, "; give the driver's jar to the job by --extra-jars" if name == "customJdbcDriverS3Path" else ""))
    only(given, _KNOWN, "a connection to a database")
    url, user, password = given.get("url"), given.get("user", given.get("username")), given.get("password")
    driver = given.get("customJdbcDriverClassName") or given.get("driver")
    if given.get("connectionName"):
        conf = connection(glue, given["connectionName"])
        if conf["enforceSSL"] == "true":  # each driver has options of its own for it: never connect in the clear instead
            raise NotSupported("JDBC_ENFORCE_SSL of the connection %s: leave it false, and ask for TLS in JDBC_CONNECTION_URL in the "
                               "driver's own words (PostgreSQL: ?sslmode=verify-full, MySQL: ?sslMode=VERIFY_IDENTITY)"
                               % given["connectionName"])
        url, user, password = url or conf["fullUrl"], user or conf["user"], password or conf["password"]
        driver = driver or conf["driver"]
    elif truth(given.get("useConnectionProperties", False), "useConnectionProperties"):
        raise DataError("useConnectionProperties needs connectionName")
    if not url or not str(url).startswith("jdbc:"):
        raise DataError("a connection to a database needs url (jdbc:...) or connectionName, not %r" % (url,))
    if given.get("database"):
        url = with_database(url, given["database"])
    query = given.get("query") or given.get("sampleQuery")
    table = given.get("dbtable")
    if not table and not (query and not writing):
        raise DataError("a connection to a database needs dbtable")
    out = {"url": url}
    for key, value in (("user", user), ("password", password), ("fetchsize", given.get("fetchsize")),
                       ("batchsize", given.get("bulkSize") or given.get("batchsize"))):
        if value not in (None, ""):
            out[key] = str(value)
    driver = driver or VENDORS.get(url.split(":")[1]) or VENDORS.get(kind)
    if driver:
        out["driver"] = driver
        _require(glue, driver, url)
    return Target(kind, out, "(%s) glue_query" % query if query and not writing else table, dict(given))


def with_database(url, name):
    """The URL with another database. URLs without // (Oracle's, Derby's) and with ; (SQL Server's) stay."""
    m = re.match(r"^(jdbc:[a-z]+://[^/?;]+)(?:/[^?;]*)?(\?[^;]*)?$", url)
    return "%s/%s%s" % (m.group(1), name, m.group(2) or "") if m else url


def _require(glue, driver, url):
    jvm = glue.spark_session._jvm
    try:
        loader = jvm.org.apache.spark.util.Utils.getContextOrSparkClassLoader()
        jvm.java.lang.Class.forName(driver, True, loader)
    except Exception:  # py4j wraps ClassNotFoundException
        raise DataError("the JDBC driver %s for %s is not on the job's class path: give its jar by --extra-jars" % (
            driver, re.sub(r"//[^/@]*@", "//", url.split("?")[0])))


def reader(glue, target):
    """The rows of a table or query; with hashfield or hashexpression in parallel parts."""
    r = glue.spark_session.read.format("jdbc").options(**target.spark).option("dbtable", target.table)
    field, expression = target.options.get("hashfield"), target.options.get("hashexpression")
    if field or expression:
        if expression and not re.match(r"^[A-Za-z_][A-Za-z_0-9]*$", str(expression)):
            raise NotSupported("a hashexpression that is more than a column: %r" % expression)
        count = int(target.options.get("hashpartitions") or 7)
        low = r.load().agg(F.min(paths.column(expression or field)), F.max(paths.column(expression or field))).collect()[0]
        if isinstance(low[0], int) and low[1] > low[0]:
            return r.option("partitionColumn", expression or field).option("lowerBound", low[0]).option("upperBound", low[1] + 1).option(
                "numPartitions", count).load()
        if field and low[0] is not None and not isinstance(low[0], int):
            raise NotSupported("the hashfield %s, which is no whole number" % field)
    return r.load()


def primary_keys(glue, target):
    """The columns of the table's primary key, in its order."""
    jvm = glue.spark_session._jvm
    conn = _connect(jvm, target)
    try:
        schema, _, table = target.table.rpartition(".")
        found = []
        for s, t in ((schema or None, table), (schema.upper() or None, table.upper()), (schema.lower() or None, table.lower())):
            rows = conn.getMetaData().getPrimaryKeys(None, s, t)
            while rows.next():
                found.append((rows.getShort("KEY_SEQ"), rows.getString("COLUMN_NAME")))
            if found:
                break
        return [n for _, n in sorted(found)]
    finally:
        conn.close()


def _connect(jvm, target):
    if target.spark.get("driver"):
        jvm.org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry.register(target.spark["driver"])
    props = jvm.java.util.Properties()
    for key in ("user", "password"):
        if target.spark.get(key):
            props.setProperty(key, target.spark[key])
    return jvm.java.sql.DriverManager.getConnection(target.spark["url"], props)


def _execute(glue, target, statements):
    """Statements separated by semicolons outside of quotes, in one transaction."""
    todo = [s for s in split_statements(statements or "") if s]
    if not todo:
        return
    conn = _connect(glue.spark_session._jvm, target)
    try:
        conn.setAutoCommit(False)
        statement = conn.createStatement()
        for text in todo:
            statement.execute(text)
        conn.commit()
    finally:
        conn.close()


def split_statements(text):
    """The statements of a text, split at semicolons outside of quotes."""
    out, begin, quote = [], 0, None
    for i, c in enumerate(text):
        if quote:
            quote = None if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c == ";":
            out.append(text[begin:i].strip())
            begin = i + 1
    out.append(text[begin:].strip())
    return out


def write(glue, target, frame):
    """Appends a frame's rows to a table, which is made when there is none. preactions run before, postactions after."""
    df = casts.unnulled(frame.toDF())
    for f in df.schema.fields:
        if not casts.is_scalar(f.dataType):
            raise DataError("a database cannot hold the nested field %s: unnest or relationalize the frame, or drop the field" % f.name)
    _execute(glue, target, target.options.get("preactions"))
    df.write.format("jdbc").options(**target.spark).option("dbtable", target.table).mode("append").save()
    _execute(glue, target, target.options.get("postactions"))


def bookmarked(glue, target, ctx):
    """The rows that no earlier run has read, by jobBookmarkKeys or else the primary key."""
    df, mark = reader(glue, target), glue._bookmark
    if not (mark.enabled and ctx):
        return df
    keys = target.options.get("jobBookmarkKeys") or []
    keys = [keys] if isinstance(keys, str) else list(keys)
    order = str(target.options.get("jobBookmarkKeysSortOrder") or "asc").lower()
    if order not in ("asc", "desc"):
        raise DataError("jobBookmarkKeysSortOrder is asc or desc, not %r" % order)
    if not keys:
        keys = _default_keys(glue, target, df)
        if not keys:
            glue._warn("bookmark of %s: the table has no primary key of one whole number without gaps, so all rows are read; give "
                       "jobBookmarkKeys" % ctx)
            return df
    fields = []
    for name in keys:
        path, kind = paths.resolve(df.schema, "`%s`" % name)
        if path is None:
            raise DataError("jobBookmarkKeys: the table has no column %s" % name)
        fields.append((path[0], kind))
    since, until = mark.rows(ctx, keys, order)
    if mark.bounded and until is None:
        return df.limit(0)
    if since is not None:
        df = df.filter(_beyond(fields, since, order))
    if until is None:
        by = [paths.column(n).desc() if order == "asc" else paths.column(n).asc() for n, _ in fields]
        row = df.filter(_known(fields)).orderBy(*by).select(*[paths.column(n).cast("string") for n, _ in fields]).limit(1).collect()
        until = list(row[0]) if row else None
        mark.read_rows(ctx, keys, order, until if until is not None else since)
        if until is None:
            return df
    return df.filter(~_beyond(fields, until, order))


def _known(fields):
    test = None
    for name, _ in fields:
        one = paths.column(name).isNotNull()
        test = one if test is None else test & one
    return test


def _beyond(fields, values, order):
    """Whether the compound key of a row comes after values, in an order."""
    (name, _), value = fields[0], F.lit(values[0]).cast(fields[0][1])
    c = paths.column(name)
    after = c > value if order == "asc" else c < value
    if len(fields) > 1:
        return after | ((c == value) & _beyond(fields[1:], values[1:], order))
    return after


def _default_keys(glue, target, df):
    if target.table.startswith("("):
        return []
    keys = primary_keys(glue, target)
    if len(keys) != 1:
        return []
    path, kind = paths.resolve(df.schema, "`%s`" % keys[0])
    if path is None or kind.typeName() not in ("integer", "long", "short", "decimal"):
        return []
    c = paths.column(path[0])
    low, high, count = df.agg(F.min(c), F.max(c), F.count(c)).collect()[0]
    return [path[0]] if count and high - low + 1 == count else []

"""What the scripts read: small files of every format, the same for the Glue scripts (in S3) and for plain PySpark (in a folder)."""

import bz2
import gzip
import io
import json
import os


def lines(*records):
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)


HEAD = "order_id,customer,amount,day,country\n"
PEOPLE = [{"name": "ann", "address": {"city": "Riga", "zip": 5}, "phones": [{"kind": "h", "number": "1"}, {"kind": "w", "number": "2"}]},
          {"name": "bob", "address": {"city": "Oslo", "zip": 7}, "phones": []}]
BASKETS = [
    {"id": 1, "customer": {"name": "ann", "address": {"city": "Riga", "geo": {"lat": 56.9, "lon": 24.1}}}, "total": 30.5, "gift": True,
     "lines": [{"sku": "a1", "qty": 2, "price": 10.0, "tags": ["new", "red"]}, {"sku": "b2", "qty": 1, "price": 10.5, "tags": []}]},
    {"id": 2, "customer": {"name": "bob", "address": {"city": "Oslo", "geo": None}}, "total": 7, "gift": False,
     "lines": [{"sku": "a1", "qty": 1, "price": 7.0, "tags": ["old"]}]},
    {"id": 3, "customer": {"name": "cyd \u00e9"}, "total": 0.1, "gift": None, "lines": []}]
TEXT = {
    "orders/2024/05/a.csv": HEAD + "1,c1,10.50,2024-05-01,UK\n2,c2,-3,2024-05-02,UK\n3,c1,99.999,2024-05-03,FR\n",
    "orders/2024/06/a.csv": HEAD + "4,c3,oops,2024-06-01,DE\n5,c2,20,2024-06-31,FR\n",
    "orders/2023/12/a.csv": HEAD + "6,c9,100,2023-12-01,UK\n",
    "people/a.json": lines(*PEOPLE),
    "customers/a.json": lines({"id": "c1", "Name": "Ann", "note": "x"}, {"id": "c2", "Name": "Bob", "note": "y"}),
    "readings/a.json": lines({"sensor": "a", "value": 1.5}, {"sensor": "b", "value": "2.5"}, {"sensor": "c", "value": "n/a"}),
    "mixed/a.json": lines({"k": 1, "v": 7, "in": {"x": 1}}, {"k": 2, "v": "8", "in": {"x": "one"}}, {"k": 3, "v": "y", "in": {"x": 3}}),
    "trail/a.json": json.dumps({"Records": [{"eventName": "Put", "user": {"name": "ann", "id": 1}},
                                            {"eventName": "Get", "user": {"name": "bob", "id": 2}}]}, indent=1),
    "trail/half.tmp": "{\"Records\": [",
    "dirty/a.json": "{\"n\": \"1\"}\n{\"n\": \n{\"n\": \"x\"}\n{\"n\": \"3\"}\n",
    "baskets/a.json": lines(*BASKETS),
    "pretty/a.json": "[\n" + ",\n".join(json.dumps(b, indent=2) for b in BASKETS) + "\n]\n",
    "odd/semicolon.csv": "id;name;note\n1;'Ann; the first';'two\nlines'\n2;'it\\'s';x\n3;;'y'\n",
    "odd/bare.csv": "7|ann|1.5\n8|bob|\n",
    "odd/title.csv": "the title,line\n1,a\n2,b\n",
    "odd/latin.csv": "id,name\n1,Zo\u00eb\n2,Ren\u00e9\n".encode("latin-1"),
    "parts/1.json": lines({"n": 1, "pad": "x" * 40}), "parts/2.json": lines({"n": 2, "pad": "x" * 40}),
    "parts/deep/3.json": lines({"n": 3, "pad": "x" * 40}), "parts/deep/4.json": lines({"n": 4, "pad": "x" * 40}),
    "parts/skip.txt": "no json", "parts/_hidden.json": "no json",
    "packed/a.json.gz": gzip.compress(lines({"n": 1}, {"n": 2}).encode(), mtime=0), "packed/b.json.gz": gzip.compress(b"{\"n\": 3}\n", mtime=0),
    "packed2/a.json.bz2": bz2.compress(lines({"n": 4}).encode()),
    "changes/1.json": lines({"id": 1, "op": "I", "ts": 1, "name": "ann"}, {"id": 2, "op": "I", "ts": 1, "name": "bob"},
                            {"id": 1, "op": "U", "ts": 3, "name": "anna"}, {"id": 2, "op": "D", "ts": 4, "name": "bob"},
                            {"id": 3, "op": "I", "ts": 5, "name": "cyd"}),
    "clicks/a.csv": "user,at,page\nu1,2024-01-01 00:00:00,a\nu1,2024-01-01 00:10:00,b\nu1,2024-01-01 02:00:00,c\nu2,2024-01-01 00:05:00,a\n",
    "books/a.xml": "<?xml version=\"1.0\"?>\n<shop><book id=\"1\"><title>One &amp; all</title><price cur=\"EUR\">7.5</price></book>\n"
                   "<book id=\"2\"><title>Two</title><price cur=\"USD\">8</price><tag>a</tag><tag>b</tag></book></shop>\n",
    "access/a.log": "10.0.0.1 GET /a 200\n10.0.0.2 GET /b 404\n",
}


def parquet(rows, schema):
    import pyarrow as pa
    import pyarrow.parquet as pq
    out = io.BytesIO()
    pq.write_table(pa.table({n: [r[i] for r in rows] for i, n in enumerate(schema.names)}, schema=schema), out)
    return out.getvalue()


def files():
    """All files: names and bytes."""
    import datetime
    import decimal

    import fastavro
    import pyarrow as pa
    from pyarrow import orc
    found = {n: v.encode() if isinstance(v, str) else v for n, v in TEXT.items()}
    sales = pa.schema([("id", pa.int64()), ("amount", pa.decimal128(10, 2)), ("at", pa.timestamp("us", tz="UTC")), ("flag", pa.bool_())])
    utc = datetime.timezone.utc
    for day, ids in (("2024-01-01", (1, 2)), ("2024-01-02", (3,)), ("2024-02-01", (4, 5))):
        rows = [(i, decimal.Decimal(i) + decimal.Decimal("0.25"), datetime.datetime(2024, 1, i, 12, tzinfo=utc), i % 2 == 0) for i in ids]
        found["sales/day=%s/a.parquet" % day] = parquet(rows, sales)
    wider = sales.append(pa.field("channel", pa.string()))
    found["drift/a.parquet"] = parquet([(1, decimal.Decimal("1.00"), None, None)], sales)
    found["drift/b.parquet"] = parquet([(2, decimal.Decimal("2.00"), None, True, "web")], wider)
    out = io.BytesIO()
    orc.write_table(pa.table({"id": pa.array([1, 2], pa.int32()), "tags": [["a", "b"], []],
                              "p": [{"x": 1, "y": "u"}, {"x": None, "y": "v"}]}), out)
    found["shapes/a.orc"] = out.getvalue()
    out = io.BytesIO()
    fastavro.writer(out, {"type": "record", "name": "r", "fields": [
        {"name": "id", "type": "long"}, {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}}, {"name": "tags", "type": {"type": "array", "items": "string"}}]},
        [{"id": 1, "price": decimal.Decimal("1.50"), "day": datetime.date(2024, 1, 31), "tags": ["a"]},
         {"id": 2, "price": None, "day": datetime.date(1969, 12, 31), "tags": []}])
    found["prices/a.avro"] = out.getvalue()
    return found


def lay(folder):
    """Writes all files below a folder."""
    for name, data in files().items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)

# sqlalchemy-redshift over both of its drivers. Over psycopg2 it verifies with a bundle of its own, AWS's, unless it is told another.
import os

import sqlalchemy as sa

at = dict(host=os.environ["PGHOST"], port=int(os.environ["PGPORT"]), username=os.environ["PGUSER"], password=os.environ["PGPASSWORD"], database=os.environ["PGDATABASE"])
for driver, args in (("redshift_connector", {}), ("psycopg2", {"sslrootcert": os.environ["PGSSLROOTCERT"]})):
    engine = sa.create_engine(sa.engine.URL.create("redshift+" + driver, **at), connect_args=args)
    with engine.begin() as c:
        c.execute(sa.text("drop table if exists alchemy"))
        c.execute(sa.text("create table alchemy(a int, b varchar(10))"))
        c.execute(sa.text("insert into alchemy values (:a, :b)"), {"a": 1, "b": "x"})
    with engine.connect() as c:
        assert c.execute(sa.text("select a, b from alchemy")).all() == [(1, "x")]
    assert sa.inspect(engine).has_table("alchemy")
    engine.dispose()
print("ok")

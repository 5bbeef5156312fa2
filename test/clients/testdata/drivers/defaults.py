# redshift_connector with its defaults: TLS, the certificate verified by what "penstock env" exports.
import os

import redshift_connector

at = dict(host=os.environ["PGHOST"], port=int(os.environ["PGPORT"]), user=os.environ["PGUSER"], password=os.environ["PGPASSWORD"], database=os.environ["PGDATABASE"])
for more in ({}, {"sslmode": "verify-full"}, {"sslmode": "verify-ca"}):
    with redshift_connector.connect(**at, **more) as c:
        cur = c.cursor()
        cur.execute("drop table if exists drv")
        cur.execute("create table drv(a int, b varchar(10))")
        cur.execute("insert into drv values (%s, %s)", (1, "x"))
        c.commit()
        cur.execute("select a, b from drv")
        assert [list(r) for r in cur.fetchall()] == [[1, "x"]]
os.environ["SSL_CERT_FILE"] = "/dev/null"  # what is not trusted is refused: it is verified indeed
try:
    redshift_connector.connect(**at, sslmode="verify-full")
    raise SystemExit("connected without trust")
except redshift_connector.Error as e:
    assert "ertificate" in str(e), e
except OSError as e:
    assert "ertificate" in str(e), e
print("ok")

-- An order book in eight tables, made from hashes: the same rows each time. $N orders, four lines each on average.
CREATE SCHEMA made;
CREATE TABLE made.region AS SELECT CAST(i AS INTEGER) AS r_regionkey, ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'][i + 1] AS r_name FROM range(5) t(i);
CREATE TABLE made.nation AS SELECT CAST(i AS INTEGER) AS n_nationkey, 'NATION ' || i AS n_name, CAST(i % 5 AS INTEGER) AS n_regionkey FROM range(25) t(i);
CREATE TABLE made.supplier AS SELECT CAST(i + 1 AS INTEGER) AS s_suppkey, 'Supplier#' || lpad(CAST(i + 1 AS VARCHAR), 9, '0') AS s_name, 'street ' || hash(i, 1) % 900 AS s_address,
  CAST(hash(i, 2) % 25 AS INTEGER) AS s_nationkey, (10 + hash(i, 3) % 25) || '-' || hash(i, 4) % 1000 || '-' || hash(i, 5) % 10000 AS s_phone,
  CAST(hash(i, 6) % 1099999 AS DECIMAL(15,2)) / 100 - 999 AS s_acctbal,
  CASE WHEN hash(i, 7) % 200 = 0 THEN 'slow Customer many Complaints' ELSE 'usual deliveries ' || hash(i, 8) % 10 END AS s_comment
  FROM range($N // 150) t(i);
CREATE TABLE made.customer AS SELECT CAST(i + 1 AS INTEGER) AS c_custkey, 'Customer#' || lpad(CAST(i + 1 AS VARCHAR), 9, '0') AS c_name, 'road ' || hash(i, 11) % 900 AS c_address,
  CAST(hash(i, 12) % 25 AS INTEGER) AS c_nationkey, (10 + hash(i, 12) % 25) || '-' || hash(i, 13) % 1000 || '-' || hash(i, 14) % 10000 AS c_phone,
  CAST(hash(i, 15) % 1099999 AS DECIMAL(15,2)) / 100 - 999 AS c_acctbal,
  ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY'][1 + CAST(hash(i, 16) % 5 AS BIGINT)] AS c_mktsegment, 'notes ' || hash(i, 17) % 1000 AS c_comment
  FROM range($N // 10) t(i);
CREATE TABLE made.part AS SELECT CAST(i + 1 AS INTEGER) AS p_partkey,
  ['green', 'blue', 'red', 'forest', 'azure', 'beige'][1 + CAST(hash(i, 21) % 6 AS BIGINT)] || ' ' || ['lace', 'metal', 'linen', 'smoke'][1 + CAST(hash(i, 22) % 4 AS BIGINT)] AS p_name,
  'Manufacturer#' || 1 + hash(i, 23) % 5 AS p_mfgr, 'Brand#' || 1 + hash(i, 23) % 5 || 1 + hash(i, 24) % 5 AS p_brand,
  ['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO'][1 + CAST(hash(i, 25) % 6 AS BIGINT)] || ' ' || ['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED'][1 + CAST(hash(i, 26) % 5 AS BIGINT)]
    || ' ' || ['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER'][1 + CAST(hash(i, 27) % 5 AS BIGINT)] AS p_type,
  CAST(1 + hash(i, 28) % 50 AS INTEGER) AS p_size, ['SM', 'LG', 'MED', 'JUMBO', 'WRAP'][1 + CAST(hash(i, 29) % 5 AS BIGINT)] || ' ' || ['CASE', 'BOX', 'BAG', 'JAR', 'PKG', 'PACK'][1 + CAST(hash(i, 30) % 6 AS BIGINT)] AS p_container,
  CAST(90000 + hash(i, 31) % 20000 AS DECIMAL(15,2)) / 100 AS p_retailprice
  FROM range($N * 2 // 15) t(i);
CREATE TABLE made.partsupp AS SELECT p_partkey AS ps_partkey, CAST(1 + (p_partkey * 7 + k * ($N // 600)) % ($N // 150) AS INTEGER) AS ps_suppkey,
  CAST(1 + hash(p_partkey, k, 41) % 9999 AS INTEGER) AS ps_availqty, CAST(100 + hash(p_partkey, k, 42) % 99900 AS DECIMAL(15,2)) / 100 AS ps_supplycost
  FROM made.part, range(4) t(k);
CREATE TABLE made.orders AS SELECT CAST(i + 1 AS INTEGER) AS o_orderkey, CAST(1 + hash(i, 51) % ($N // 10) // 3 * 3 AS INTEGER) AS o_custkey, ['O', 'F', 'P'][1 + CAST(hash(i, 52) % 3 AS BIGINT)] AS o_orderstatus,
  CAST(100000 + hash(i, 53) % 40000000 AS DECIMAL(15,2)) / 100 AS o_totalprice, DATE '1992-01-01' + CAST(hash(i, 54) % 2406 AS INTEGER) AS o_orderdate,
  ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'][1 + CAST(hash(i, 55) % 5 AS BIGINT)] AS o_orderpriority,
  CASE WHEN hash(i, 56) % 50 = 0 THEN 'was special packages, requests' ELSE 'went by the usual way ' || hash(i, 57) % 100000 END AS o_comment
  FROM range($N) t(i);
CREATE TABLE made.lineitem AS SELECT o_orderkey AS l_orderkey, CAST(1 + hash(o_orderkey, k, 61) % ($N * 2 // 15) AS INTEGER) AS l_partkey,
  CAST(1 + ((1 + hash(o_orderkey, k, 61) % ($N * 2 // 15)) * 7 + hash(o_orderkey, k, 62) % 4 * ($N // 600)) % ($N // 150) AS INTEGER) AS l_suppkey, CAST(k + 1 AS INTEGER) AS l_linenumber,
  CAST(1 + hash(o_orderkey, k, 63) % 50 AS DECIMAL(15,2)) AS l_quantity, CAST(CAST(90000 + hash(o_orderkey, k, 64) % 9500000 AS DECIMAL(15,2)) / 100 AS DECIMAL(15,2)) AS l_extendedprice,
  CAST(CAST(hash(o_orderkey, k, 65) % 11 AS DECIMAL(15,2)) / 100 AS DECIMAL(15,2)) AS l_discount, CAST(CAST(hash(o_orderkey, k, 66) % 9 AS DECIMAL(15,2)) / 100 AS DECIMAL(15,2)) AS l_tax,
  CASE WHEN o_orderdate > DATE '1995-06-17' THEN 'N' ELSE ['A', 'R'][1 + CAST(hash(o_orderkey, k, 67) % 2 AS BIGINT)] END AS l_returnflag, CASE WHEN o_orderdate > DATE '1995-06-17' THEN 'O' ELSE 'F' END AS l_linestatus,
  CAST(o_orderdate + CAST(1 + hash(o_orderkey, k, 68) % 121 AS INTEGER) AS DATE) AS l_shipdate, CAST(o_orderdate + CAST(30 + hash(o_orderkey, k, 69) % 61 AS INTEGER) AS DATE) AS l_commitdate,
  CAST(o_orderdate + CAST(2 + hash(o_orderkey, k, 70) % 150 AS INTEGER) AS DATE) AS l_receiptdate,
  ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'][1 + CAST(hash(o_orderkey, k, 71) % 4 AS BIGINT)] AS l_shipinstruct,
  ['AIR', 'REG AIR', 'MAIL', 'SHIP', 'RAIL', 'TRUCK', 'FOB'][1 + CAST(hash(o_orderkey, k, 72) % 7 AS BIGINT)] AS l_shipmode
  FROM made.orders, range(7) t(k) WHERE k <= hash(o_orderkey, 60) % 7;

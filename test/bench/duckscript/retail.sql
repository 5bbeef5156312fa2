-- The retail example as a plain DuckDB script: the same reads, checks, joins, writes and load, without a catalog, a state machine,
-- a ledger or anything that survives a crash in the middle. $INPUT and $OUT are replaced by the program that runs it; the files
-- that COPY writes are fsynced by that program, as a durable publish has to.
CREATE TABLE orders AS
  SELECT * FROM read_csv('$INPUT/*/*/*/*.csv.gz', header = true, filename = true, columns = {
    'invoiceno': 'VARCHAR', 'stockcode': 'VARCHAR', 'description': 'VARCHAR', 'quantity': 'BIGINT', 'invoicedate': 'VARCHAR',
    'unitprice': 'DOUBLE', 'customerid': 'DOUBLE', 'country': 'VARCHAR'});

-- checks of the raw rows
SELECT CASE WHEN count(*) > 0 AND count(invoiceno) = count(*) AND count(stockcode) = count(*) AND count(quantity) = count(*)
             AND count(country) = count(*) AND count_if(regexp_full_match(invoiceno, '[AC]?[0-9]{6}')) = count(*)
       THEN 'ok' ELSE error('a rule of orders is broken') END FROM orders;

-- products
CREATE TABLE products AS
  SELECT upper(stockcode) AS stock_code, max(trim(description)) AS product
  FROM orders WHERE description IS NOT NULL AND unitprice > 0 GROUP BY upper(stockcode);
SELECT CASE WHEN count(stock_code) = count(DISTINCT stock_code) THEN 'ok' ELSE error('a rule of products is broken') END FROM products;
COPY products TO '$OUT/products.parquet' (FORMAT parquet, COMPRESSION snappy);

-- sales
CREATE TABLE sales AS
  SELECT o.invoiceno AS invoice_no, upper(o.stockcode) AS stock_code, p.product, CAST(o.quantity AS INTEGER) AS quantity,
         CAST(o.unitprice AS DECIMAL(12,3)) AS unit_price,
         CAST(CAST(o.quantity AS INTEGER) * CAST(o.unitprice AS DECIMAL(12,3)) AS DECIMAL(18,3)) AS revenue,
         CAST(o.customerid AS BIGINT) AS customer_id, o.country, CAST(o.invoicedate AS TIMESTAMP) AS sold_at,
         CAST(o.invoicedate AS DATE) AS dt, 'run' AS _run
  FROM orders o LEFT JOIN products p ON p.stock_code = upper(o.stockcode)
  WHERE o.invoiceno NOT LIKE 'C%' AND o.quantity > 0 AND o.unitprice > 0;
SELECT CASE WHEN count(sold_at) = count(*) AND count_if(unit_price > 0) = count(*) AND count_if(revenue <> quantity * unit_price) = 0
       THEN 'ok' ELSE error('a rule of sales is broken') END FROM sales;
COPY sales TO '$OUT/sales' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (dt), WRITE_PARTITION_COLUMNS true);

-- daily
CREATE TABLE daily AS
  SELECT CAST(invoicedate AS DATE) AS dt, country, count(*) AS lines, count_if(invoiceno LIKE 'C%') AS cancellations,
         count_if(invoiceno NOT LIKE 'C%' AND quantity > 0 AND unitprice > 0) AS sold,
         CAST(sum(CASE WHEN invoiceno NOT LIKE 'C%' AND quantity > 0 AND unitprice > 0
                       THEN CAST(quantity AS INTEGER) * CAST(unitprice AS DECIMAL(12,3)) END) AS DECIMAL(18,3)) AS revenue
  FROM orders GROUP BY ALL;
COPY daily TO '$OUT/daily.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync

-- load
ATTACH '$OUT/warehouse.duckdb' AS warehouse;
BEGIN;
CREATE TABLE warehouse.sales AS SELECT * FROM read_parquet('$OUT/sales/*/*.parquet', hive_partitioning = false);
CREATE TABLE warehouse.daily AS SELECT * FROM read_parquet('$OUT/daily.parquet');
COMMIT;

-- report
SELECT 'rows landed', sum(lines) FROM warehouse.daily;
SELECT 'cancellation lines', sum(cancellations) FROM warehouse.daily;
SELECT 'rows kept', count(*) FROM warehouse.sales;
SELECT 'rows without a product', count(*) FROM warehouse.sales WHERE product IS NULL;
SELECT 'invoices', count(DISTINCT invoice_no) FROM warehouse.sales;
SELECT 'known customers', count(DISTINCT customer_id) FROM warehouse.sales;
SELECT 'revenue', sum(revenue) FROM warehouse.sales;
SELECT 'revenue', country, sum(revenue) FROM warehouse.sales GROUP BY country ORDER BY 3 DESC;
SELECT 'revenue', strftime(sold_at, '%Y-%m'), sum(revenue) FROM warehouse.sales GROUP BY 2 ORDER BY 2;

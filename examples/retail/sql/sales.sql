-- Lines that were really sold. Money is decimal; ids written '17850.0' become numbers; an article that the product table
-- does not know keeps its line, without a product.
SELECT CAST(o.invoiceno AS string)                          AS invoice_no,
       upper(CAST(o.stockcode AS string))                   AS stock_code,
       p.product                                            AS product,
       CAST(o.quantity AS int)                              AS quantity,
       CAST(o.unitprice AS decimal(12,3))                   AS unit_price,
       CAST(CAST(o.quantity AS int) * CAST(o.unitprice AS decimal(12,3)) AS decimal(18,3)) AS revenue,
       CAST(o.customerid AS bigint)                         AS customer_id,
       CAST(o.country AS varchar(64))                       AS country,
       CAST(o.invoicedate AS timestamp)                     AS sold_at,
       CAST(o.invoicedate AS date)                          AS dt
FROM STREAM orders o
LEFT JOIN products p ON p.stock_code = upper(CAST(o.stockcode AS string))
WHERE CAST(o.invoiceno AS string) NOT LIKE 'C%'
  AND o.quantity > 0
  AND o.unitprice > 0

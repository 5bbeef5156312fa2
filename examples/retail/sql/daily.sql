-- Every line that came in, by day and country: cancellations ('C' invoices), lines sold, and what they brought.
SELECT CAST(invoicedate AS date)                            AS dt,
       CAST(country AS varchar(64))                         AS country,
       count(*)                                             AS lines,
       count_if(CAST(invoiceno AS string) LIKE 'C%')        AS cancellations,
       count_if(CAST(invoiceno AS string) NOT LIKE 'C%' AND quantity > 0 AND unitprice > 0) AS sold,
       CAST(sum(CASE WHEN CAST(invoiceno AS string) NOT LIKE 'C%' AND quantity > 0 AND unitprice > 0
                     THEN CAST(quantity AS int) * CAST(unitprice AS decimal(12,3)) END) AS decimal(18,3)) AS revenue
FROM STREAM orders
GROUP BY CAST(invoicedate AS date), CAST(country AS varchar(64))

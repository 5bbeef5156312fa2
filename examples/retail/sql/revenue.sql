SELECT country,
       to_char(sold_at, 'YYYY-MM')  AS month,
       sum(revenue)                 AS revenue,
       count(DISTINCT invoice_no)   AS invoices
FROM shop.sales
GROUP BY country, to_char(sold_at, 'YYYY-MM')

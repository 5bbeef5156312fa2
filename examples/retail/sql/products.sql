-- The product table, derived from the orders: the name under which an article was sold.
SELECT upper(CAST(stockcode AS string))        AS stock_code,
       max(trim(CAST(description AS string)))  AS product
FROM orders
WHERE description IS NOT NULL AND unitprice > 0
GROUP BY upper(CAST(stockcode AS string))

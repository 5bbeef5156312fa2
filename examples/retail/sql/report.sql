-- Asked of the warehouse after each run. The last column is the figure, the others label it.
SELECT 'rows landed', sum(lines) FROM shop.daily;
SELECT 'cancellation lines', sum(cancellations) FROM shop.daily;
SELECT 'rows kept', count(*) FROM shop.sales;
SELECT 'rows without a product', count(*) FROM shop.sales WHERE product IS NULL;
SELECT 'invoices', count(DISTINCT invoice_no) FROM shop.sales;
SELECT 'known customers', count(DISTINCT customer_id) FROM shop.sales;
SELECT 'revenue', sum(revenue) FROM shop.sales;
SELECT 'revenue', country, sum(revenue) AS figure FROM shop.revenue GROUP BY country ORDER BY figure DESC, country;
SELECT 'revenue', month, sum(revenue) AS figure FROM shop.revenue GROUP BY month ORDER BY month;

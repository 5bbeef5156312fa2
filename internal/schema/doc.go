// Package schema holds column types as the Glue Data Catalog writes them (Hive's type language), their names in DuckDB, Redshift and
// Parquet, and the inference of a type from the text of CSV cells. It reads no files, knows no table, and has no SQL of its own.
package schema

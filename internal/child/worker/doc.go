// Package worker is what runs inside a worker child: one Glue job run, natively. It knows three steps: manifest (which objects are new),
// check (are the source's files and rows as they should be) and sql (transform a source's rows into a table). Go reads delimited text,
// DuckDB computes and writes Parquet; the control process says which files are meant and makes the result visible.
//
// It changes nothing but its own scratch folder. What it finished it offers to the control process, which publishes it whole or not at
// all. Scripts (Spark, Python) do not run here yet.
package worker

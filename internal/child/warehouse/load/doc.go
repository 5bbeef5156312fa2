// Package load is COPY: options, manifests, the conversion of text fields by Redshift's rules, Parquet by position. A load runs inside
// the transaction of its caller and is all or nothing; a row that cannot be loaded is an error that carries the row of
// stl_load_errors.
//
// It reads local files that its caller's Resolve names for S3 keys; it knows neither S3 nor sessions.
package load

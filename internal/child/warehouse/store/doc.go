// Package store keeps a warehouse's databases: one DuckDB file each, with Penstock's own tables in its schema "penstock". What
// Redshift knows of a table and DuckDB does not (types with lengths, DISTKEY, SORTKEY, ENCODE, owner, dependencies) lies there and
// changes in the transaction that changes the table; so do the ids of Data API statements that wrote.
//
// It parses no SQL and has no sessions: package session does, on a Tx of this package. It does not read S3.
package store

// Package session runs Redshift SQL: it parses and binds a statement with package sql, locks what it writes, runs the printed text on
// the engine and gives rows to a Sink. It holds a session's state: transaction, settings, temporary tables. The PostgreSQL server and
// the Data API both run on it.
//
// It keeps no file (package store does) and speaks no protocol; statements that Redshift has and Penstock does not are refused by name.
package session

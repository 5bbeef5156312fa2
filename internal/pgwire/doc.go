// Package pgwire is the server side of the PostgreSQL protocol, version 3, as Redshift speaks it: start-up, passwords, the simple and
// the extended query protocol, row encoding, cancel requests. Messages are pgx's pgproto3; rows are written straight from values into
// the connection's buffer, in text or binary form, because a scan is mostly encoding.
//
// It is not a database: a Backend prepares and runs statements. It knows no SQL, no file and no AWS API.
// Protocol: https://www.postgresql.org/docs/current/protocol.html.
package pgwire

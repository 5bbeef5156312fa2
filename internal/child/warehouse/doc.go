// Package warehouse is the inside of a warehouse child, the process that is one Redshift workgroup: it owns the workgroup's database
// files, serves its clients' PostgreSQL sessions on the listener that the control process passed on, and runs the statements of the Data
// API. When its parent is gone it ends.
//
// Statements are package session's, files package store's, loading package load's, the wire package pgwire's. Users, S3 objects
// and the certificate are the control process's: the child asks for them.
package warehouse

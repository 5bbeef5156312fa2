// Package warehouse is Redshift's control side: namespaces, workgroups and users, the listener of each workgroup and the child process
// behind it, and the statements of the Data API with their states and results. Everything here lies in meta; the rows of tables lie in
// the children's files.
//
// It runs no SQL and links no engine: child/warehouse does. It knows no wire format: service/redshiftserverless and service/redshiftdata do.
package warehouse

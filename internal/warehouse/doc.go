// Package warehouse is Redshift's control side: namespaces, workgroups and users, the endpoint where each workgroup listens and the child
// process behind it, and the statements of the Data API with their states and results. Everything here lies in meta; the rows of tables
// lie in the children's files. There is one Warehouses a region, and one store and one budget for all of them.
//
// It runs no SQL and links no engine: child/warehouse does, and where this package says "a warehouse" it means such a child. It knows no
// wire format: service/redshiftserverless and service/redshiftdata do.
package warehouse

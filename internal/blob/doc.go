// Package blob keeps immutable bytes on disk: a blob is written once under a name that nobody had before, never changed, and removed as
// a whole. It knows nothing of buckets and keys: package object gives blobs their meaning in rows, and a blob without a row does not
// exist for anybody.
//
// When Write, Adopt or Join returns, the bytes and the name are durable: the file is synced, then its folder. Writers that finish at the
// same time share one sync of the folder. A crash before that leaves at most a file that no row names; Walk finds it.
//
// The layout is docs/formats/blobs.md.
package blob

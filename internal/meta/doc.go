// Package meta is the metadata store: one SQLite database that holds every acknowledged truth but the warehouse's rows and the bytes
// of objects. It gives transactions (View, Update), group commit, migrations, wake-ups on change, and page tokens. It owns no tables
// of the nouns above it: each of those exports a Schema, and the server lists them.
//
// An Update is durable when it returns: the write-ahead log is synced (synchronous=FULL) before the caller is answered. One goroutine
// writes; closures that arrive while it commits share the next commit. Each closure runs in a savepoint of its own, so one that fails
// takes nothing of its neighbours with it.
//
// Inside a closure there is no input or output, no Invoke and no other View or Update (tests panic on it): the whole server waits for it.
// A View is a snapshot; while it is open the log cannot shrink, so it writes to no socket and returns at most about 1,000 rows. (The
// one exception is object.Resolve, which reads a table's file list at one instant into memory.)
//
// The format of the file is docs/formats/meta.md.
package meta

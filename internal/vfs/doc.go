// Package vfs is the file system as the stores see it: OS, the machine's; Mem, in memory, which can show what a disk would hold after
// a power cut at any instant; and Faulty, which fails on demand. It knows paths and bytes and no format. SQLite and DuckDB do
// their own input and output, so nothing of theirs passes through here.
//
// Durability has two halves here as on every POSIX disk: File.Sync makes a file's bytes durable, SyncDir makes the names in a folder
// durable. A file that was synced inside a folder that was not may be gone after a crash.
package vfs

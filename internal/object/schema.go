package object

import "penstock/internal/meta"

// Schema is the tables of this package. Times are milliseconds since 1970 UTC. The id of a bucket is never used again, so that what is
// known of a deleted one is nobody else's. seq orders the versions of a key, newest highest. blob is the blob's id; it is empty for a
// delete marker, and "+" with the id of a row of object_body for a small body: that id is the seq of the version that was written with it.
// attrs is JSON (see Attrs), lock one of a lock.Bucket, "" without object lock.
var Schema = meta.Schema{Name: "object", Migrations: []string{`
CREATE TABLE object_bucket (
	id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, region TEXT NOT NULL, created INTEGER NOT NULL,
	versioning TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE object_current (
	bucket INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, version TEXT NOT NULL, marker INTEGER NOT NULL,
	size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, blob TEXT NOT NULL, attrs TEXT NOT NULL,
	PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_current_blob ON object_current (blob) WHERE blob <> '';
CREATE TABLE object_old (
	bucket INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, version TEXT NOT NULL, marker INTEGER NOT NULL,
	size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, blob TEXT NOT NULL, attrs TEXT NOT NULL,
	PRIMARY KEY (bucket, key, seq DESC)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_old_blob ON object_old (blob) WHERE blob <> '';
CREATE TABLE object_upload (
	bucket INTEGER NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, attrs TEXT NOT NULL, completed TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (bucket, key, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE object_part (
	upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
	blob TEXT NOT NULL, sums TEXT NOT NULL,
	PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_part_blob ON object_part (blob);
CREATE TABLE object_garbage (blob TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE object_setting (
	bucket INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
	PRIMARY KEY (bucket, name)
) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE object_body (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
DROP INDEX object_current_blob;
CREATE INDEX object_current_blob ON object_current (blob) WHERE blob >= '0';
DROP INDEX object_old_blob;
CREATE INDEX object_old_blob ON object_old (blob) WHERE blob >= '0';
`, `
CREATE TABLE object_bucket_new (
	id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, region TEXT NOT NULL, created INTEGER NOT NULL,
	versioning TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO object_bucket_new (id, name, region, created, versioning, tags) SELECT id, name, region, created, versioning, tags FROM object_bucket;
DROP TABLE object_bucket;
ALTER TABLE object_bucket_new RENAME TO object_bucket;
`, `
ALTER TABLE object_bucket ADD COLUMN lock TEXT NOT NULL DEFAULT '';
`}}

// Package object is the lake: buckets, keys, versions and uploads in parts, as Amazon S3 means them, over rows in package meta and bytes
// in package blob. It speaks no protocol (service/s3 does) and reads no content.
//
// An object exists when its row is committed; its bytes were durable before. A row never changes its bytes: a new version is a new blob and
// a new row, and what no row names any more is removed later (see Collect), so a file list that was resolved stays readable for a while
// and, under a lease, until the lease ends.
//
// The current version of each key is in object_current, all others in object_old, so that listing a bucket costs the same whatever its
// history. Format: docs/formats/meta.md. Behaviour: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html.
package object

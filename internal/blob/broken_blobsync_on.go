//go:build broken_blobsync

package blob

// brokenBlobSync makes a build that is wrong on purpose (Write and Adopt do not sync the file): a proof of
// durability that does not catch it proves nothing.
const brokenBlobSync = true

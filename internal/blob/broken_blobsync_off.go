//go:build !broken_blobsync

package blob

const brokenBlobSync = false

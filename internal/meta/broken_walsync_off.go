//go:build !broken_walsync

package meta

const brokenWALSync = false

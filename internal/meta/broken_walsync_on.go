//go:build broken_walsync

package meta

// brokenWALSync makes a build that is wrong on purpose (commits are not synced to disk): a proof of
// durability that does not catch it proves nothing.
const brokenWALSync = true

//go:build broken_foldersync

package blob

// brokenFolderSync makes a build that is wrong on purpose (no folder is synced): a proof of
// durability that does not catch it proves nothing.
const brokenFolderSync = true

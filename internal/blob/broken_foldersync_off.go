//go:build !broken_foldersync

package blob

const brokenFolderSync = false

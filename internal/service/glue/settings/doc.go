// Package settings answers what clients ask of the account's settings of Glue before they work: there are no security configurations and no
// resource policies, and nothing of the catalog is encrypted by a key. None of them can be set: the operations that would are not served.
package settings

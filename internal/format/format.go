// Package format has what the readers of file formats below it share: how a text becomes a value of a column, and what the first bytes of a
// file say about its format. It reads no format itself.
package format

// Package search is SearchTables of the Glue API: tables of all databases of a region by words, filters and order. It reads the catalog's
// tables one after the other; there is no index of words.
package search

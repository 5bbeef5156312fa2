// Package stats is the column statistics of the Glue API: what writers have found of the values of a column, of a table or of a partition.
// They are kept and shown as they were given. It computes none: column statistics tasks are not served.
package stats

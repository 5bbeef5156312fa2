// Package orc reads and writes ORC files, version 1 of the specification (https://orc.apache.org/specification/ORCv1/), into and from
// column batches.
//
// A Reader takes what a table wants, by name or by position, from the columns that a file has, and reads no other bytes than theirs. It
// trusts no length that a file states: memory is bounded, and what contradicts itself is an error that names the part of the file, the
// column and the offset. Row indexes, bloom filters and statistics are not used: every row of every stripe is read, so nothing that a
// writer computed wrongly can hide rows. A union is read as the struct that Trino makes of it. Not read, and refused by name: LZO and
// Brotli, encrypted columns, geometry and geography, the unfinished version 2.
//
// A Writer makes files as the Java and C++ libraries do: stripes, RLE version 2, dictionaries, row indexes and statistics.
package orc

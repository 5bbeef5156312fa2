// Package wire is what ORC files are made of, below their columns: protobuf messages, streams of compressed chunks, and the run length
// encodings of integers, bytes and booleans, for reading and for writing. It knows nothing of types, stripes or rows.
//
// What reads bounds its memory by the block size of the file, whatever lengths the bytes state, and never panics.
package wire

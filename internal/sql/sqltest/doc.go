// Package sqltest holds no code: its tests run statements of both dialects on the real engine and compare the rows, from the text files
// in testdata and from the conformance corpus.
package sqltest

// Package magic tells what a file is from its first bytes, and what is wrong with one that ought to be Parquet. It reads no data: the
// readers of the formats are elsewhere.
package magic

import (
	"bytes"
	"os"
	"unicode/utf8"
)

// looked is how many of the first bytes tell a text.
const looked = 512

// Format names the format that the first bytes of a file show: gzip, Parquet, ORC, ... ; "" is none that has such bytes. Those of some
// formats are letters, with which a text may begin as well (ORCHARD,TREES): head should have some hundred bytes, where the file does.
func Format(head []byte) string {
	for _, m := range [...]struct{ bytes, name string }{
		{"\x1f\x8b", "gzip"}, {parquet, "Parquet"}, {"ORC", "ORC"}, {"Obj\x01", "Avro"}, {"BZh", "bzip2"}, {"PK\x03\x04", "a zip archive"},
		{"\x28\xb5\x2f\xfd", "Zstandard"}, {"\xff\x06\x00\x00sNaP", "Snappy"}, {"\x04\x22\x4d\x18", "LZ4"}, {"\xfd7zXZ\x00", "XZ"},
		{"\xe0\x01\x00\xea", "Ion"},
	} {
		if bytes.HasPrefix(head, []byte(m.bytes)) && (len(head) == len(m.bytes) || !Text(head)) {
			return m.name
		}
	}
	return ""
}

// Text reports whether the first bytes of a file are characters of a text in UTF-8.
func Text(head []byte) bool {
	head = head[:min(len(head), looked)]
	for len(head) > 0 {
		r, size := utf8.DecodeRune(head)
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r == utf8.RuneError && size == 1 && len(head) >= utf8.UTFMax {
			return false
		}
		head = head[size:]
	}
	return true
}

// parquet stands at both ends of a Parquet file.
const parquet = "PAR1"

// ParquetFault says what is wrong with a file that cannot be read as Parquet.
func ParquetFault(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "it cannot be opened"
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() < 12 {
		return "it is too short to be a Parquet file"
	}
	var head, tail [len(parquet)]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[:]) != parquet {
		return "it is no Parquet file: it does not begin with PAR1"
	}
	if _, err := f.ReadAt(tail[:], info.Size()-int64(len(parquet))); err != nil || string(tail[:]) != parquet {
		return "the Parquet file is cut off: it does not end with PAR1"
	}
	return "the footer or a page of the Parquet file is broken"
}

// Package magic tells what a file is from its first bytes, and what is wrong with one that ought to be Parquet. It reads no data: the
// readers of the formats are elsewhere.
package magic

import (
	"bytes"
	"os"
)

// Format names the format that the first bytes of a file show: gzip, Parquet, ORC, ... ; "" is none that has such bytes.
func Format(head []byte) string {
	for _, m := range [...]struct{ bytes, name string }{
		{"\x1f\x8b", "gzip"}, {parquet, "Parquet"}, {"ORC", "ORC"}, {"Obj\x01", "Avro"}, {"BZh", "bzip2"}, {"PK\x03\x04", "a zip archive"},
		{"\x28\xb5\x2f\xfd", "Zstandard"}, {"\xff\x06\x00\x00sNaP", "Snappy"}, {"\x04\x22\x4d\x18", "LZ4"}, {"\xfd7zXZ\x00", "XZ"},
		{"\xe0\x01\x00\xea", "Ion"},
	} {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.name
		}
	}
	return ""
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

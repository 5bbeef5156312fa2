// Package compression unpacks files that are compressed as a whole, and writes such files: gzip, bzip2, zip, Zstandard, Snappy, LZ4 and
// zlib. A codec is known by the first bytes of a file, where it has such bytes, else by the file's name. Every checksum and length that a
// format has is verified, a cut or damaged file is an Error that says how far it could be read, and what unpacks beyond all measure stops.
//
// It is not for what a file format compresses inside of itself (Parquet, ORC, Avro), and it reads archives of one file only.
package compression

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path"
	"strings"
)

// A Codec is a way in which a whole file is compressed.
type Codec uint8

// The codecs. Snappy and LZ4 are the libraries' own frame formats, which begin with bytes of their own; HadoopSnappy and HadoopLZ4 are what
// Hadoop, Hive and Spark write: blocks with lengths before them, without a checksum. Deflate is what Hadoop calls so, a zlib stream.
const (
	None Codec = iota
	Gzip
	Bzip2
	Zip
	Zstd
	Snappy
	HadoopSnappy
	LZ4
	HadoopLZ4
	Deflate
)

var codecs = [...]struct {
	name string // as crawlers write it in compressionType
	ext  string // as Hadoop and Spark end a file's name
	full string // in messages
}{
	{"none", "", "plain"}, {"gzip", ".gz", "gzip"}, {"bzip2", ".bz2", "bzip2"}, {"zip", ".zip", "zip"}, {"zstd", ".zst", "zstd"},
	{"snappy", ".sz", "snappy"}, {"snappy", ".snappy", "snappy (Hadoop's blocks)"}, {"lz4", ".lz4", "lz4"},
	{"lz4", ".lz4", "lz4 (Hadoop's blocks)"}, {"deflate", ".deflate", "deflate"},
}

// String is the name that crawlers write in compressionType: none, gzip, bzip2, zip, zstd, snappy, lz4, deflate.
func (c Codec) String() string { return codecs[c].name }

// Ext is how the names of such files end: ".gz", ".bz2", ...; "" for None.
func (c Codec) Ext() string { return codecs[c].ext }

// Named finds the codec that the option `compression` of a writer names, as Spark and Glue spell it. Where a name stands for two formats it
// is Hadoop's, which is what Spark writes and what Athena and Redshift Spectrum read.
func Named(name string) (Codec, error) {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", "none", "uncompressed":
		return None, nil
	case "gzip", "gz":
		return Gzip, nil
	case "bzip2", "bz2", "bzip":
		return Bzip2, nil
	case "zip":
		return Zip, nil
	case "zstd", "zstandard":
		return Zstd, nil
	case "snappy":
		return HadoopSnappy, nil
	case "lz4":
		return HadoopLZ4, nil
	case "deflate", "zlib":
		return Deflate, nil
	}
	return None, fmt.Errorf("compression %q is not supported by Penstock (it has none, gzip, bzip2, zip, zstd, snappy, lz4 and deflate)", name)
}

// Head is how many bytes of a file Of looks at.
const Head = 16

// Of tells how a file is compressed by its first bytes (Head of them, or all that it has) and its name, which may be "". What has bytes of
// its own is known by them whatever the name says; Hadoop's formats and zlib have none and need the name.
func Of(head []byte, name string) Codec {
	begins := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch {
	case begins("\x1f\x8b"):
		return Gzip
	case begins("BZh") && len(head) >= 10 && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return Bzip2
	case begins("PK\x03\x04"), begins("PK\x05\x06"):
		return Zip
	case begins("\x28\xb5\x2f\xfd"):
		return Zstd
	case begins("\xff\x06\x00\x00sNaPpY"):
		return Snappy
	case begins("\x04\x22\x4d\x18"):
		return LZ4
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18": // a frame to skip: of zstd, or of lz4
		if strings.EqualFold(path.Ext(name), ".lz4") {
			return LZ4
		}
		return Zstd
	}
	return byName(head, name)
}

func byName(head []byte, name string) Codec {
	switch strings.ToLower(path.Ext(name)) {
	case ".snappy", ".hsnappy":
		if len(head) > 0 {
			return HadoopSnappy
		}
	case ".lz4":
		if len(head) > 0 {
			return HadoopLZ4
		}
	case ".deflate", ".zlib":
		if len(head) >= 2 && head[0]&0x0f == 8 && binary.BigEndian.Uint16(head)%31 == 0 {
			return Deflate
		}
	}
	return None
}

// Bare is a file's name without the ending that its compression gives it: "a.json" of "a.json.gz".
func Bare(name string) string {
	switch ext := path.Ext(name); strings.ToLower(ext) {
	case ".gz", ".gzip", ".bz2", ".zip", ".zst", ".zstd", ".sz", ".snappy", ".hsnappy", ".lz4", ".deflate", ".zlib":
		return strings.TrimSuffix(name, ext)
	}
	return name
}

package blob

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"

	"github.com/cespare/xxhash/v2"
	"github.com/minio/crc64nvme"
	"github.com/zeebo/xxh3"
)

// An Algorithm is one of S3's checksum algorithms, by its S3 name.
type Algorithm string

// The checksum algorithms: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html.
const (
	CRC32     Algorithm = "CRC32"
	CRC32C    Algorithm = "CRC32C"
	CRC64NVME Algorithm = "CRC64NVME"
	MD5       Algorithm = "MD5"
	SHA1      Algorithm = "SHA1"
	SHA256    Algorithm = "SHA256"
	SHA512    Algorithm = "SHA512"
	XXHASH128 Algorithm = "XXHASH128"
	XXHASH3   Algorithm = "XXHASH3"
	XXHASH64  Algorithm = "XXHASH64"
)

// Algorithms lists those that Hash knows.
func Algorithms() []Algorithm {
	return []Algorithm{CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64}
}

// Linear reports whether the checksum of a whole can be had from those of its parts: S3 gives such checksums to whole objects that were
// uploaded in parts.
func (a Algorithm) Linear() bool { return a == CRC32 || a == CRC32C || a == CRC64NVME }

// Hash returns a new hash for an algorithm, or nil for one that is not known. Sums are big-endian, as S3 writes them.
func (a Algorithm) Hash() hash.Hash {
	switch a {
	case CRC32:
		return crc32.NewIEEE()
	case CRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli)) // the standard library makes this table once
	case CRC64NVME:
		return crc64nvme.New()
	case MD5:
		return md5.New()
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	case SHA512:
		return sha512.New()
	case XXHASH128:
		return xxh128{xxh3.New()}
	case XXHASH3:
		return xxh3.New()
	case XXHASH64:
		return xxhash.New()
	}
	return nil
}

// xxh128 is the 128-bit form of the same state as XXH3's 64-bit form.
type xxh128 struct{ *xxh3.Hasher }

// Size implements hash.Hash.
func (xxh128) Size() int { return 16 }

// Sum implements hash.Hash.
func (h xxh128) Sum(b []byte) []byte {
	sum := h.Sum128().Bytes()
	return append(b, sum[:]...)
}

// sums computes the MD5 and the checksums of what is written to it.
type sums struct {
	md5    hash.Hash
	others map[Algorithm]hash.Hash
	size   int64
}

func newSums(algorithms []Algorithm) *sums {
	s := &sums{md5: md5.New(), others: map[Algorithm]hash.Hash{}}
	for _, a := range algorithms {
		if h := a.Hash(); h != nil {
			s.others[a] = h
		}
	}
	return s
}

func (s *sums) Write(p []byte) (int, error) {
	s.md5.Write(p)
	for _, h := range s.others {
		h.Write(p)
	}
	s.size += int64(len(p))
	return len(p), nil
}

// blob describes what was written, under a name.
func (s *sums) blob(id string) Blob {
	b := Blob{ID: id, Size: s.size, MD5: hex.EncodeToString(s.md5.Sum(nil)), Sums: map[Algorithm]string{}}
	for a, h := range s.others {
		b.Sums[a] = base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	return b
}

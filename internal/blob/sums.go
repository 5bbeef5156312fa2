package blob

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
)

// An Algorithm is one of S3's checksum algorithms, by its S3 name.
type Algorithm string

// The checksum algorithms: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html.
const (
	CRC32     Algorithm = "CRC32"
	CRC32C    Algorithm = "CRC32C"
	CRC64NVME Algorithm = "CRC64NVME"
	SHA1      Algorithm = "SHA1"
	SHA256    Algorithm = "SHA256"
)

// Algorithms lists those that Hash knows.
func Algorithms() []Algorithm { return []Algorithm{CRC32, CRC32C, CRC64NVME, SHA1, SHA256} }

// nvme is the polynomial of the NVM Express specification, reflected.
const nvme = 0x9a6c9329ac4bc9b5

// Hash returns a new hash for an algorithm, or nil for one that is not known.
func (a Algorithm) Hash() hash.Hash {
	switch a {
	case CRC32:
		return crc32.NewIEEE()
	case CRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case CRC64NVME:
		return crc64.New(crc64.MakeTable(nvme))
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	}
	return nil
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

package object

import (
	"time"

	"penstock/internal/blob"
	"penstock/internal/object/lock"
)

// Versioning is the state of a bucket: "" (never switched on), Enabled or Suspended.
type Versioning string

// The states of versioning. There is no way back to Unversioned.
const (
	Unversioned Versioning = ""
	Enabled     Versioning = "Enabled"
	Suspended   Versioning = "Suspended"
)

// NullVersion is the id of the version that a key has without versioning.
const NullVersion = "null"

// MinPart is the size in bytes that all parts but the last must reach.
const MinPart = 5 << 20

// A Bucket is a namespace of keys.
type Bucket struct {
	Name, Region string
	Created      time.Time
	Versioning   Versioning
	Tags         map[string]string
	Lock         lock.Bucket

	id int64
}

// Attrs are what a version carries beside its bytes.
type Attrs struct {
	ContentType        string            `json:"type,omitempty"`
	CacheControl       string            `json:"cache,omitempty"`
	ContentDisposition string            `json:"disposition,omitempty"`
	ContentEncoding    string            `json:"encoding,omitempty"`
	ContentLanguage    string            `json:"language,omitempty"`
	Expires            string            `json:"expires,omitempty"` // as the client wrote it
	Redirect           string            `json:"redirect,omitempty"`
	StorageClass       string            `json:"class,omitempty"` // "" is STANDARD
	Metadata           map[string]string `json:"meta,omitempty"`  // keys in lower case
	Tags               map[string]string `json:"tags,omitempty"`
	ACL                string            `json:"acl,omitempty"` // the access list, in the service's own form; "" gives all to the owner

	// Sums are the checksums to answer with, base64 (of an upload in parts "base64-N" when Composite).
	Sums      map[blob.Algorithm]string `json:"sums,omitempty"`
	Composite bool                      `json:"composite,omitempty"`
	// Check is the CRC64NVME of the bytes, base64, when Sums does not hold it: reads are verified by it (see Proof).
	Check string `json:"crc,omitempty"`
	// PartSizes are the sizes in bytes of the parts of an object that was uploaded in parts, and PartSums their checksums if the upload
	// named an algorithm.
	PartSizes []int64  `json:"parts,omitempty"`
	PartSums  []string `json:"partSums,omitempty"`

	Lock lock.Lock `json:"lock,omitzero"`
}

// size is about how many bytes of memory the attributes take.
func (a *Attrs) size() int {
	n := 8*cap(a.PartSizes) + sizeOf(a.Metadata) + sizeOf(a.Tags)
	for _, sum := range a.PartSums {
		n += 16 + len(sum)
	}
	return n + len(a.ContentType) + len(a.CacheControl) + len(a.ContentDisposition) + len(a.ContentEncoding) + len(a.ContentLanguage) +
		len(a.Expires) + len(a.Redirect) + len(a.ACL)
}

func sizeOf(m map[string]string) (n int) {
	for k, v := range m {
		n += 64 + len(k) + len(v)
	}
	return n
}

// Info describes one version of one key.
type Info struct {
	Bucket, Key  string
	VersionID    string // "null" without versioning
	ETag         string // without quotes: MD5 in hexadecimal, or MD5 of the parts' MD5s and "-" and their number
	Size         int64
	LastModified time.Time
	Latest       bool
	DeleteMarker bool
	Versioned    bool   // the bucket has or had versioning
	Blob         string // the id of the bytes in the blob store; "" for a delete marker, "+" and a number for a small body
	Attrs

	seq  int64
	body []byte // of a small one that Head has read; shared
}

// PartSum is the checksum of part n, counted from 0, of an object whose upload named an algorithm.
func (i Info) PartSum(n int) map[blob.Algorithm]string {
	for a := range i.Sums { // an upload has one
		return map[blob.Algorithm]string{a: i.PartSums[n]}
	}
	return nil
}

// Version is what Put and its kin answer.
type Version = Info

// A KeyVersion names a version of a key; an empty VersionID means the current one.
type KeyVersion struct{ Key, VersionID string }

// PutOptions says how a version is to be stored.
type PutOptions struct {
	Attrs
	Conditions PutConditions
	// MD5 is the announced MD5 in base64, or "".
	MD5 string
	// Want are announced checksums; they are stored.
	Want map[blob.Algorithm]string
	// Algorithms are checksums to compute and store although none was announced.
	Algorithms []blob.Algorithm
	// Verified, when set, is called after the end of the body for checksums that the body's reader has verified itself; they are stored.
	// It says that the body comes over the wire: what is locked must then have a checksum of the client's.
	Verified func() map[blob.Algorithm]string
	// Reason names the operation for events: "Put" when empty.
	Reason string

	small []byte // the body itself, when it goes into a row; nil otherwise
}

// PutConditions are conditions on the current version of the key.
type PutConditions struct {
	IfMatch     string // an ETag
	IfNoneMatch string // "*": the key must not exist
}

// An Event is a change of a bucket, told inside the transaction that makes it.
type Event struct {
	Name string // as S3 names it: "ObjectCreated:Put", "ObjectRemoved:DeleteMarkerCreated"
	Info Info
	Time time.Time
	Seq  int64 // grows with each change of a key
}

package object

import (
	"errors"
	"fmt"

	"penstock/internal/object/lock"
)

// What can be wrong with a request. Errors of this package wrap one of these or are one of the types below.
var (
	ErrNoBucket     = errors.New("the bucket does not exist")
	ErrBucketExists = errors.New("the bucket exists")
	ErrNotEmpty     = errors.New("the bucket is not empty")
	ErrBucketName   = errors.New("not a bucket name")
	ErrKey          = errors.New("not an object key")
	ErrKeyText      = fmt.Errorf("%w: not UTF-8", ErrKey)
	ErrKeyPath      = fmt.Errorf("%w: it climbs above its bucket", ErrKey)
	ErrNoKey        = errors.New("the key does not exist")
	ErrNoVersion    = errors.New("the version does not exist")
	ErrNoUpload     = errors.New("the upload does not exist")
	ErrPartNumber   = errors.New("part numbers are 1 to 10000")
	ErrPartOrder    = errors.New("the parts are not in ascending order")
	ErrNoParts      = errors.New("an upload is completed from at least one part")
	ErrDigest       = errors.New("the content does not have the MD5 that was announced")
	ErrNotModified  = errors.New("the object has not changed")
	ErrToken        = errors.New("the continuation token is not valid for this listing")
	ErrCopySize     = errors.New("the source of a copy is too large")
	ErrBusy         = errors.New("the source is replaced faster than it can be copied")
	ErrRotten       = errors.New("the bytes on disk are not those that were stored")

	ErrUnproven        = errors.New("what is locked must come with a checksum")
	ErrLockUnversioned = errors.New("object lock needs versioning")
	ErrLockVersioning  = errors.New("versioning cannot be suspended under object lock")
)

// A PreconditionError says which condition of a request does not hold.
type PreconditionError struct{ Condition string }

// Error implements error.
func (e *PreconditionError) Error() string { return "precondition " + e.Condition + " does not hold" }

// refused tells an answer to the client from a failure of the store.
func refused(err error) bool {
	var p *PreconditionError
	return errors.As(err, &p) || errors.Is(err, ErrNoKey) || errors.Is(err, ErrKey) || errors.Is(err, lock.ErrLocked)
}

// A SourceError is an error about the source of a copy, not about the copy.
type SourceError struct{ Err error }

// Error implements error.
func (e *SourceError) Error() string { return "source: " + e.Err.Error() }

// Unwrap gives the error as a read of the source would.
func (e *SourceError) Unwrap() error { return e.Err }

// An AlgorithmError says that a part has a checksum of another algorithm than its upload's; "" is none.
type AlgorithmError struct{ Want, Got string }

// Error implements error.
func (e *AlgorithmError) Error() string {
	return fmt.Sprintf("the upload's checksums are %s, the part's %q", e.Want, e.Got)
}

// A MarkerError is answered for a version that is a delete marker: the object has no content.
type MarkerError struct {
	Info Info
	// Named says that the request named the marker's version; otherwise the marker is the current version and the key counts as absent.
	Named bool
}

// Error implements error.
func (e *MarkerError) Error() string { return fmt.Sprintf("%s is deleted", e.Info.Key) }

// Unwrap gives ErrNoKey for a marker that the request did not name.
func (e *MarkerError) Unwrap() error {
	if e.Named {
		return nil
	}
	return ErrNoKey
}

// What a ChecksumError can be about beside a checksum: the size of an object in parts, and the kind of its checksum.
const (
	WholeSize = "size"
	WholeType = "checksum type"
)

// A ChecksumError says that the content does not have the checksum that was announced.
type ChecksumError struct {
	Algorithm, Want, Got string
	Part                 int // of a part of a completion, which must tell it (Want "" is none); 0 is the whole
}

// Error implements error.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("the %s checksum of the content is %s, announced was %s", e.Algorithm, e.Got, e.Want)
}

// A PartError says why a part cannot be in a completed object.
type PartError struct {
	Number int
	ETag   string
	// Missing: no such part, or another ETag or checksum. Otherwise the part is smaller than MinPart and not the last.
	Missing bool
	Size    int64
}

// Error implements error.
func (e *PartError) Error() string {
	if e.Missing {
		return fmt.Sprintf("part %d with ETag %q was not uploaded", e.Number, e.ETag)
	}
	return fmt.Sprintf("part %d has %d bytes and is not the last; parts have at least %d", e.Number, e.Size, MinPart)
}

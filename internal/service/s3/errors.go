package s3

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
)

func malformedXML() *api.Error {
	return fault.New(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

// A target is what a request was about, for the fields of its errors.
type target struct {
	bucket, key, version, upload string
	part                         int
	method                       string // "" is GET, or one that needs not be told
}

// mapped gives an error of package object S3's code and words.
func (t target) mapped(err error) error {
	if err == nil {
		return nil
	}
	var worded *api.Error
	if errors.As(err, &worded) {
		return err
	}
	for _, try := range []func(error) *api.Error{t.missing, t.condition, t.content, t.parts, t.locks, naming} {
		if e := try(err); e != nil {
			e.Err = err
			return e
		}
	}
	return err
}

func (t target) missing(err error) *api.Error {
	var m *object.MarkerError
	switch {
	case errors.As(err, &m):
		return t.marker(m)
	case errors.Is(err, object.ErrNoBucket):
		return fault.New(404, "NoSuchBucket", "The specified bucket does not exist", "BucketName", t.bucket)
	case errors.Is(err, object.ErrNoKey):
		return fault.New(404, "NoSuchKey", "The specified key does not exist.", "Key", t.key)
	case errors.Is(err, object.ErrNoVersion) && !versionForm(t.version):
		return fault.Argument("versionId", t.version, "Invalid version id specified")
	case errors.Is(err, object.ErrNoVersion):
		return fault.New(404, "NoSuchVersion", "The specified version does not exist.", "Key", t.key, "VersionId", t.version)
	case errors.Is(err, object.ErrNoUpload):
		return fault.New(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, "+
			"or the upload may have been aborted or completed.", "UploadId", t.upload)
	}
	return nil
}

// marker answers for a delete marker, which the headers tell.
func (t target) marker(m *object.MarkerError) *api.Error {
	e := fault.New(404, "NoSuchKey", "The specified key does not exist.", "Key", t.key)
	if m.Named {
		e = fault.New(405, "MethodNotAllowed", "The specified method is not allowed against this resource.",
			"Method", or(t.method, "GET"), "ResourceType", "DeleteMarker")
	}
	e.Header = map[string]string{"x-amz-delete-marker": "true", "x-amz-version-id": m.Info.VersionID}
	if m.Named {
		e.Header["Last-Modified"] = m.Info.LastModified.Format(httpTime)
		e.Header["Allow"] = "DELETE"
	}
	return e
}

func (t target) condition(err error) *api.Error {
	var p *object.PreconditionError
	switch {
	case errors.As(err, &p):
		return fault.New(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", "Condition", p.Condition)
	case errors.Is(err, object.ErrNotModified):
		return fault.New(304, "NotModified", "Not Modified")
	}
	return nil
}

func (t target) content(err error) *api.Error {
	var c *object.ChecksumError
	var a *object.AlgorithmError
	switch {
	case errors.As(err, &a):
		got := or(strings.ToLower(a.Got), "null")
		return fault.New(400, "InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: "+strings.ToLower(a.Want)+
			", actual checksum Type: "+got)
	case errors.As(err, &c) && c.Part > 0 && c.Want == "":
		return fault.New(400, "InvalidRequest",
			fmt.Sprintf("The upload was created using a %s checksum. The complete request must include the checksum "+
				"for each part. It was missing for part %d in the request.", strings.ToLower(c.Algorithm), c.Part))
	case errors.As(err, &c) && c.Part > 0:
		return fault.New(400, "BadDigest",
			fmt.Sprintf("The %s you specified for part %d did not match what we received.", strings.ToLower(c.Algorithm), c.Part))
	case errors.As(err, &c) && c.Algorithm == object.WholeSize:
		return fault.New(400, "InvalidRequest", "The provided 'x-amz-mp-object-size' header value "+c.Want+
			" does not match what was computed: "+c.Got)
	case errors.As(err, &c) && c.Algorithm == object.WholeType:
		return fault.New(400, "InvalidRequest", "The upload was created using the "+c.Got+
			" checksum mode. The complete request must use the same checksum mode.")
	case errors.As(err, &c):
		return fault.New(400, "BadDigest", fmt.Sprintf("The %s you specified did not match the calculated checksum.", c.Algorithm))
	case errors.Is(err, object.ErrDigest):
		return fault.New(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	case meta.IsFull(err):
		return fault.New(507, "InsufficientStorage", meta.Full)
	}
	return nil
}

func (t target) parts(err error) *api.Error {
	var p *object.PartError
	switch {
	case errors.As(err, &p) && p.Missing:
		return fault.New(400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, "+
			"or the specified entity tag may not match the part's entity tag.",
			"UploadId", t.upload, "PartNumber", strconv.Itoa(p.Number), "ETag", p.ETag)
	case errors.As(err, &p):
		return fault.New(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", "ETag", p.ETag, "MinSizeAllowed",
			strconv.Itoa(object.MinPart),
			"PartNumber", strconv.Itoa(p.Number), "ProposedSize", strconv.FormatInt(p.Size, 10))
	case errors.Is(err, object.ErrPartOrder):
		return fault.New(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.",
			"UploadId", t.upload)
	case errors.Is(err, object.ErrNoParts):
		return fault.New(400, "InvalidRequest", "You must specify at least one part")
	case errors.Is(err, object.ErrPartNumber):
		return badPartNumber(t.part)
	}
	return nil
}

func badPartNumber(n int) *api.Error {
	return fault.Argument("partNumber", strconv.Itoa(n), "Part number must be an integer between 1 and 10000, inclusive")
}

func naming(err error) *api.Error {
	switch {
	case errors.Is(err, object.ErrBucketName):
		return fault.New(400, "InvalidBucketName", "The specified bucket is not valid.")
	case errors.Is(err, object.ErrNotEmpty):
		return fault.New(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	case errors.Is(err, object.ErrBucketExists):
		return fault.New(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	case errors.Is(err, object.ErrKeyText):
		return fault.New(400, "InvalidURI", "Couldn't parse the specified URI.")
	case errors.Is(err, object.ErrKeyPath):
		return fault.New(400, "BadRequest", "An error occurred when parsing the HTTP request.")
	case errors.Is(err, object.ErrKey):
		return fault.New(400, "KeyTooLongError", "Your key is too long", "MaxSizeAllowed", strconv.Itoa(object.MaxKey))
	case errors.Is(err, object.ErrToken):
		return fault.Argument("continuation-token", "", "The continuation token provided is incorrect")
	}
	return nil
}

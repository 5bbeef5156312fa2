package object

import (
	"strings"
	"time"
)

// Conditions are those of a read, as HTTP gives them (RFC 9110, section 13); zero values are absent.
type Conditions struct {
	IfMatch, IfNoneMatch               string
	IfModifiedSince, IfUnmodifiedSince time.Time
}

// Check says whether a version may be read under the conditions: nil, ErrNotModified, or a PreconditionError.
func (c Conditions) Check(i Info) error {
	modified := i.LastModified.Truncate(time.Second) // HTTP dates have no fraction
	switch {
	case c.IfMatch != "":
		if !matches(c.IfMatch, i.ETag) {
			return &PreconditionError{"If-Match"}
		}
	case !c.IfUnmodifiedSince.IsZero() && modified.After(c.IfUnmodifiedSince):
		return &PreconditionError{"If-Unmodified-Since"}
	}
	switch {
	case c.IfNoneMatch != "":
		if matches(c.IfNoneMatch, i.ETag) {
			return ErrNotModified
		}
	case !c.IfModifiedSince.IsZero() && !modified.After(c.IfModifiedSince):
		return ErrNotModified
	}
	return nil
}

// matches compares an ETag with a list of them, "*" matching any.
func matches(list, etag string) bool {
	for _, e := range strings.Split(list, ",") {
		e = strings.Trim(strings.TrimPrefix(strings.TrimSpace(e), "W/"), `"`)
		if e == "*" || e == etag {
			return true
		}
	}
	return false
}

// check says whether a key may be written whose current version is cur (exists false: none, or a delete marker).
func (c PutConditions) check(cur Info, exists bool) error {
	exists = exists && !cur.DeleteMarker
	if c.IfNoneMatch != "" && exists && matches(c.IfNoneMatch, cur.ETag) {
		return &PreconditionError{"If-None-Match"}
	}
	if c.IfMatch == "" {
		return nil
	}
	if !exists {
		return ErrNoKey
	}
	if !matches(c.IfMatch, cur.ETag) {
		return &PreconditionError{"If-Match"}
	}
	return nil
}

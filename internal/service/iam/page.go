package iam

import (
	"strings"

	"penstock/internal/meta"
)

// page collects one page of a list that is read in key order.
type page struct {
	hash, after, last string
	size, n           int
	more              bool
}

// newPage reads Marker and MaxItems (100 unless given).
func newPage(marker *string, size *int32, filter ...string) (*page, error) {
	p := &page{hash: meta.FilterHash(filter...), size: 100}
	if size != nil {
		p.size = int(*size)
	}
	if marker == nil {
		return p, nil
	}
	var err error
	if p.after, err = meta.ParseToken(*marker, p.hash); err != nil {
		return nil, invalid("Invalid Marker.")
	}
	return p, nil
}

// add takes the next key, or reports that the page is full.
func (p *page) add(key string) bool {
	if p.n == p.size {
		p.more = true
		return false
	}
	p.n++
	p.last = key
	return true
}

func (p *page) marker() *string {
	if !p.more {
		return nil
	}
	t := meta.Token(p.hash, p.last)
	return &t
}

func checkPath(path *string) (string, error) {
	if path == nil {
		return "/", nil
	}
	if !strings.HasPrefix(*path, "/") || !strings.HasSuffix(*path, "/") {
		return "", invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return *path, nil
}

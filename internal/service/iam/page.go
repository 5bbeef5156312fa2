package iam

import (
	"strings"

	"penstock/internal/meta/page"
)

// newPage reads Marker and MaxItems (100 unless given).
func newPage(marker *string, size *int32, filter ...string) (*page.Page, error) {
	return page.Read(marker, page.Size(size, 100, 1000), invalid("Invalid Marker."), "", filter...)
}

func checkPath(path *string) (string, error) {
	if path == nil {
		return "/", nil
	}
	if !strings.HasPrefix(*path, "/") || !strings.HasSuffix(*path, "/") {
		return "", invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters " +
			"and/or / characters.")
	}
	return *path, nil
}

package access

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"

	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
)

// Source reads x-amz-copy-source: bucket and key, URL-encoded or not, with a slash before them or not, and a version after them.
func Source(text *string) (object.Source, error) {
	wrong := func(what string) error {
		return fault.Argument("x-amz-copy-source", aws.ToString(text), "Invalid copy source "+what)
	}
	path, query, versioned := strings.Cut(strings.TrimPrefix(aws.ToString(text), "/"), "?")
	var src object.Source
	if versioned {
		version, ok := strings.CutPrefix(query, "versionId=")
		if !ok || version == "" {
			return src, fault.Argument("x-amz-copy-source", *text, "Unsupported copy source parameter.")
		}
		src.VersionID = version
	}
	plain, err := url.QueryUnescape(path)
	if err != nil || !utf8.ValidString(plain) {
		return src, wrong("encoding")
	}
	var ok bool
	if src.Bucket, src.Key, ok = strings.Cut(strings.TrimPrefix(plain, "/"), "/"); object.CheckBucketName(src.Bucket) != nil {
		return src, wrong("bucket name")
	}
	if !ok || src.Key == "" || errors.Is(object.CheckKey(src.Key), object.ErrKeyPath) {
		return src, wrong("object key")
	}
	return src, nil
}

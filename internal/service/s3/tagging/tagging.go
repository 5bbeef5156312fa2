// Package tagging is the rules of S3's tags: what a set, a header or a new bucket may have. It knows no store.
package tagging

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/service/s3/fault"
)

// Limits of tags: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html.
const (
	MaxBucket = 50 // tags of a bucket
	MaxObject = 10 // tags of an object
	maxKey    = 128
	maxValue  = 256
)

// systemTag begins the keys of tags that AWS gives itself.
const systemTag = "aws:"

// First checks the tags that a bucket is made with, whose system keys have words of their own.
func First(tags []types.Tag) (map[string]string, error) {
	if slices.ContainsFunc(tags, func(t types.Tag) bool { return strings.HasPrefix(aws.ToString(t.Key), systemTag) }) {
		return nil, fault.New(400, "InvalidTag",
			`User-defined tag keys can't start with "aws:". This prefix is reserved for system tags. `+
				`Remove "aws:" from your tag keys and try again.`)
	}
	return Map(tags, MaxBucket)
}

// Map checks a tag set of at most limit tags, which is MaxBucket or MaxObject, and returns it by key; nil is none.
func Map(tags []types.Tag, limit int) (map[string]string, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	if len(tags) > limit {
		if limit == MaxObject {
			return nil, fault.New(400, "BadRequest", "Object tags cannot be greater than 10")
		}
		return nil, fault.New(400, "BadRequest", "Bucket tag count cannot be greater than 50")
	}
	m := map[string]string{}
	for _, t := range tags {
		k, v := aws.ToString(t.Key), aws.ToString(t.Value)
		if limit == MaxObject && strings.HasPrefix(k, systemTag) {
			return nil, fault.New(400, "InvalidTag", "Your TagKey cannot be prefixed with aws:", "TagKey", k)
		}
		if err := check(k, v); err != nil {
			return nil, err
		}
		if _, twice := m[k]; twice {
			return nil, fault.New(400, "InvalidTag", "Cannot provide multiple Tags with the same key", "TagKey", k)
		}
		m[k] = v
	}
	return m, nil
}

func check(key, value string) error {
	if strings.HasPrefix(key, systemTag) {
		return fault.New(400, "InvalidTag", "System tags cannot be added/updated by requester", "TagKey", key)
	}
	if n := utf8.RuneCountInString(key); n < 1 || n > maxKey || !isText(key) {
		return fault.New(400, "InvalidTag", "The TagKey you have provided is invalid", "TagKey", key)
	}
	if utf8.RuneCountInString(value) > maxValue || !isText(value) {
		return fault.New(400, "InvalidTag", "The TagValue you have provided is invalid", "TagKey", key, "TagValue", value)
	}
	return nil
}

// isText reports whether a text has only the characters of tags: letters, digits, spaces and _ . : / = + - @.
func isText(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool {
		return !unicode.In(c, unicode.L, unicode.N, unicode.Z) && !strings.ContainsRune("_.:/=+-@", c)
	})
}

// Header reads the x-amz-tagging header: tags as a query string.
func Header(text *string) (map[string]string, error) {
	if aws.ToString(text) == "" {
		return nil, nil
	}
	q, err := url.ParseQuery(*text)
	var tags []types.Tag
	for k, vs := range q {
		tags = append(tags, types.Tag{Key: aws.String(k), Value: aws.String(vs[0])})
		if k == "" || len(vs) > 1 {
			err = errors.Join(err, errors.New("no name, or one twice"))
		}
	}
	if err != nil {
		return nil, fault.Argument("x-amz-tagging", *text,
			"The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	return Map(tags, MaxObject)
}

// Set returns tags as documents have them, in the order of their keys.
func Set(m map[string]string) []types.Tag {
	out := []types.Tag{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(m[k])})
	}
	return out
}

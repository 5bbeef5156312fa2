// Package s3uri takes the address of an object or of a prefix, s3://bucket/key, apart. It does not know which names a bucket may have, nor
// what an address is for: whoever reads one says what else it must be.
package s3uri

import (
	"fmt"
	"strings"
)

// Cut gives the bucket and the key, either of which may be empty; ok reports whether the text begins with s3://.
func Cut(text string) (bucket, key string, ok bool) {
	rest, ok := strings.CutPrefix(text, "s3://")
	if !ok {
		return "", "", false
	}
	bucket, key, _ = strings.Cut(rest, "/")
	return bucket, key, true
}

// Parse is Cut for whom a text without a bucket is a mistake. The key may be empty.
func Parse(text string) (bucket, key string, err error) {
	bucket, key, ok := Cut(text)
	if !ok || bucket == "" {
		return "", "", fmt.Errorf("%q is no address of the form s3://bucket/key", text)
	}
	return bucket, key, nil
}

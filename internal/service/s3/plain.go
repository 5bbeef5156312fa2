package s3

import (
	"context"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/blob"
	"penstock/internal/object"
	"penstock/internal/object/lock"
)

// The short way: what GetObject, HeadObject and PutObject answer, for objects and requests without any extra. TestBothWays and FuzzBothWays
// hold it to the general way, header by header.

// plainGet answers a small object that is in memory.
func (s *Service) plainGet(ctx context.Context, bucket, key string, sums bool, h http.Header) (body []byte, ok bool) {
	if !s.guard.Plain(ctx, bucket) {
		return nil, false
	}
	i, body, versioned, ok := s.objects.Hot(ctx, bucket, key)
	if !ok || i.DeleteMarker || !isPlain(&i.Attrs) {
		return nil, false
	}
	v := [...]string{string(sse), "bytes", `"` + i.ETag + `"`, i.LastModified.Format(httpTime), i.ContentType, i.VersionID} // one allocation
	h["X-Amz-Server-Side-Encryption"], h["Accept-Ranges"], h["Etag"] = v[0:1:1], v[1:2:2], v[2:3:3]
	h["Last-Modified"], h["Content-Type"] = v[3:4:4], v[4:5:5]
	if versioned {
		h["X-Amz-Version-Id"] = v[5:6:6]
	}
	if sums {
		plainSums(&i.Attrs, h)
	}
	return body, true
}

// isPlain reports whether an object has nothing but a type and checksums.
func isPlain(a *object.Attrs) bool {
	return a.ContentType != "" && a.CacheControl == "" && a.ContentDisposition == "" && a.ContentEncoding == "" &&
		a.ContentLanguage == "" && a.Expires == "" && a.Redirect == "" && a.StorageClass == "" && len(a.Metadata) == 0 &&
		len(a.Tags) == 0 && len(a.PartSizes) == 0 && !a.Composite && a.Lock == (lock.Lock{}) &&
		!strings.ContainsAny(a.ContentType, "\r\n")
}

func plainSums(a *object.Attrs, h http.Header) {
	h["X-Amz-Checksum-Type"] = []string{string(types.ChecksumTypeFullObject)}
	for algorithm, sum := range a.Sums {
		h[sumHeader(algorithm)] = []string{sum}
	}
}

func sumHeader(a blob.Algorithm) string {
	if a == blob.CRC64NVME { // what an object has whose client announced nothing
		return "X-Amz-Checksum-Crc64nvme"
	}
	return http.CanonicalHeaderKey("x-amz-checksum-" + strings.ToLower(string(a)))
}

// plainPut stores an object with its type.
func (s *Service) plainPut(ctx context.Context, bucket, key, contentType string, body []byte, h http.Header) bool {
	if b, err := s.objects.HeadBucket(ctx, bucket); err != nil || b.Lock.Enabled || !s.guard.Plain(ctx, bucket) { // which wants a checksum
		return false
	}
	if contentType == "" {
		contentType = defaultType
	}
	v, err := s.objects.PutSmall(ctx, bucket, key, body, object.PutOptions{Attrs: object.Attrs{ContentType: contentType}})
	if err != nil {
		return false // the general way tries again and words it
	}
	h["X-Amz-Server-Side-Encryption"] = []string{string(sse)}
	h["Etag"] = []string{`"` + v.ETag + `"`}
	if id := writtenVersion(v); id != nil {
		h["X-Amz-Version-Id"] = []string{*id}
	}
	plainSums(&v.Attrs, h)
	return true
}

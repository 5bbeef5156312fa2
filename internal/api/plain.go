package api

import (
	"context"
	"net/http"
)

// MaxPlain is the largest body of a plain request, in bytes.
const MaxPlain = 16 << 10

// A Plain answers, without tables and reflection, the requests for whole objects that ask for nothing else: the door's short way. What it
// does not answer, every refusal included, goes the general way, which would have given the same answer: headers are set when ok is true
// only.
type Plain struct {
	// Get finds an object in memory. sums asks for its checksums.
	Get func(ctx context.Context, bucket, key string, sums bool, h http.Header) (body []byte, ok bool)
	// Put stores an object durably. The body is the callee's to keep.
	Put func(ctx context.Context, bucket, key, contentType string, body []byte, h http.Header) (ok bool)
	// List answers a listing of a bucket, whose query it reads, with one XML document; body is valid until send returns.
	List func(ctx context.Context, bucket, query string, send func(body []byte)) (ok bool)
}

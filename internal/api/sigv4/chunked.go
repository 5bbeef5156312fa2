package sigv4

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Words that stand in x-amz-content-sha256 instead of a hash.
const (
	unsignedPayload = "UNSIGNED-PAYLOAD"
	signedChunks    = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// emptyHash is the SHA-256 of nothing.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// startBody makes Result.Body, which verifies the body while it is read.
func startBody(r *http.Request, c *Claim, key []byte, hash string, res *Result) error {
	body := &countedBody{r: r.Body, left: r.ContentLength}
	switch hash {
	case unsignedPayload:
		res.Body = body
		return nil
	case signedChunks, signedTrailer, unsignedTrailer:
		n, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
		if err != nil || n < 0 {
			return &Fault{Kind: NoLength}
		}
		res.Length, res.Chunked = n, true
		cr := &chunkReader{r: bufio.NewReaderSize(body, 64<<10), want: n, signed: hash != unsignedTrailer, trailers: hash != signedChunks,
			key: key, stamp: c.stamp, scope: c.scope, prev: strings.ToLower(c.signature), names: trailerNames(r.Header)}
		res.Body, res.Trailer = cr, func() http.Header { return cr.trailer }
		dropChunkedEncoding(r.Header)
		return nil
	}
	want, err := hex.DecodeString(hash)
	if (err != nil || len(want) != sha256.Size) && c.form != unsigned {
		return &Fault{Kind: BadHash, Text: hash}
	}
	res.Body = &hashedBody{r: body, text: hash, want: want, h: sha256.New()}
	return nil
}

// dropChunkedEncoding takes aws-chunked out of Content-Encoding: it is the transfer's, not the object's.
func dropChunkedEncoding(h http.Header) {
	var keep []string
	for _, v := range h.Values("Content-Encoding") {
		for _, e := range strings.Split(v, ",") {
			if e = strings.TrimSpace(e); e != "" && e != "aws-chunked" {
				keep = append(keep, e)
			}
		}
	}
	h.Del("Content-Encoding")
	if len(keep) > 0 {
		h.Set("Content-Encoding", strings.Join(keep, ","))
	}
}

// countedBody makes an early end of the connection an error that says so.
type countedBody struct {
	r    io.Reader
	left int64 // -1: unknown
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left >= 0 {
		b.left -= int64(n)
	}
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF && b.left <= 0:
		return n, io.EOF
	}
	return n, &Fault{Kind: Incomplete, Err: err}
}

// hashedBody ends in an error when the body has not the hash that came with it.
type hashedBody struct {
	r    io.Reader
	text string // as sent
	want []byte
	h    hash.Hash
}

func (b *hashedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.h.Write(p[:n])
	if err != io.EOF {
		return n, err
	}
	if got := b.h.Sum(nil); !hmac.Equal(got, b.want) {
		return n, &Fault{Kind: BodyHash, Fields: map[string]string{
			"ClientComputedContentSHA256": b.text, "S3ComputedContentSHA256": hex.EncodeToString(got)}}
	}
	return n, err
}

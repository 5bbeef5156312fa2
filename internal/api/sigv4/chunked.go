package sigv4

import (
	"bufio"
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
			return &Fault{Kind: Incomplete}
		}
		res.Length = n
		cr := &chunkReader{r: bufio.NewReaderSize(body, 64<<10), want: n, signed: hash != unsignedTrailer, trailers: hash != signedChunks,
			key: key, stamp: c.stamp, scope: c.scope, prev: strings.ToLower(c.signature)}
		res.Body, res.Trailer = cr, func() http.Header { return cr.trailer }
		dropChunkedEncoding(r.Header)
		return nil
	}
	want, err := hex.DecodeString(hash)
	if err != nil || len(want) != sha256.Size {
		return &Fault{Kind: BadHash, Text: hash}
	}
	res.Body = &hashedBody{r: body, want: want, h: sha256.New()}
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

// hashedBody ends in an error when the body has not the signed hash.
type hashedBody struct {
	r    io.Reader
	want []byte
	h    hash.Hash
}

func (b *hashedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.h.Write(p[:n])
	if err == io.EOF && !equalHex(hex.EncodeToString(b.want), b.h.Sum(nil)) {
		return n, &Fault{Kind: BodyHash}
	}
	return n, err
}

// A chunkReader takes aws-chunked framing off a body and verifies the chunks' signatures and the trailer's.
type chunkReader struct {
	r        *bufio.Reader
	want     int64 // decoded length that was announced
	signed   bool
	trailers bool
	key      []byte
	stamp    string
	scope    string
	prev     string // the signature before this chunk's

	left    int64 // of the current chunk
	inChunk bool
	sum     hash.Hash
	sig     string
	got     int64
	trailer http.Header
	err     error
}

// Read implements io.Reader.
func (c *chunkReader) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.read(p)
	if err != nil {
		c.err = err
	}
	return n, err
}

func (c *chunkReader) read(p []byte) (int, error) {
	if !c.inChunk {
		if err := c.begin(); err != nil {
			return 0, err
		}
		if c.left == 0 {
			return 0, c.finish()
		}
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.r.Read(p)
	if c.signed {
		c.sum.Write(p[:n])
	}
	c.left -= int64(n)
	c.got += int64(n)
	if c.got > c.want {
		return n, &Fault{Kind: Incomplete}
	}
	if c.left == 0 {
		return n, c.end()
	}
	if err == io.EOF {
		return n, &Fault{Kind: Incomplete}
	}
	return n, err
}

// begin reads "hex-size[;chunk-signature=...]\r\n".
func (c *chunkReader) begin() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	size, ext, _ := strings.Cut(line, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 62)
	if err != nil {
		return &Fault{Kind: BadChunk, Text: "a chunk's size is not hexadecimal"}
	}
	c.left, c.inChunk = int64(n), true
	if c.signed {
		sig, ok := strings.CutPrefix(strings.TrimSpace(ext), "chunk-signature=")
		if !ok {
			return &Fault{Kind: BadChunk, Text: "a chunk is not signed"}
		}
		c.sig, c.sum = sig, sha256.New()
	}
	return nil
}

// end verifies the chunk that was read and takes the line end behind it.
func (c *chunkReader) end() error {
	c.inChunk = false
	if err := c.verifyChunk(); err != nil {
		return err
	}
	line, err := c.line()
	if err == nil && line != "" {
		return &Fault{Kind: BadChunk, Text: "no line end after a chunk"}
	}
	return err
}

func (c *chunkReader) verifyChunk() error {
	if !c.signed {
		return nil
	}
	text := "AWS4-HMAC-SHA256-PAYLOAD\n" + c.stamp + "\n" + c.scope + "\n" + c.prev + "\n" + emptyHash + "\n" + hex.EncodeToString(c.sum.Sum(nil))
	if !equalHex(c.sig, mac(c.key, text)) {
		return &Fault{Kind: Mismatch}
	}
	c.prev = strings.ToLower(c.sig)
	return nil
}

// finish handles the last, empty chunk and the trailer.
func (c *chunkReader) finish() error {
	if err := c.verifyChunk(); err != nil {
		return err
	}
	if c.got != c.want {
		return &Fault{Kind: Incomplete}
	}
	if !c.trailers {
		line, err := c.line()
		if err != nil && !(c.atEnd() && line == "") {
			return err
		}
		return io.EOF
	}
	return c.readTrailer()
}

func (c *chunkReader) atEnd() bool {
	_, err := c.r.Peek(1)
	return err != nil
}

// maxTrailer bounds the number of trailer lines.
const maxTrailer = 20

func (c *chunkReader) readTrailer() error {
	c.trailer = http.Header{}
	signed, signature := "", ""
	for range maxTrailer {
		if c.atEnd() {
			break
		}
		line, err := c.line()
		if err != nil {
			return err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return &Fault{Kind: BadChunk, Text: "a trailer line has no colon"}
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if name == "x-amz-trailer-signature" {
			signature = value
			continue
		}
		c.trailer.Add(name, value)
		signed += name + ":" + value + "\n"
	}
	if c.signed {
		sum := sha256.Sum256([]byte(signed))
		text := "AWS4-HMAC-SHA256-TRAILER\n" + c.stamp + "\n" + c.scope + "\n" + c.prev + "\n" + hex.EncodeToString(sum[:])
		if !equalHex(signature, mac(c.key, text)) {
			return &Fault{Kind: Mismatch}
		}
	}
	return io.EOF
}

// line reads a line without its end. A line longer than the buffer is broken framing.
func (c *chunkReader) line() (string, error) {
	b, err := c.r.ReadSlice('\n')
	switch {
	case err == bufio.ErrBufferFull:
		return "", &Fault{Kind: BadChunk, Text: "a line of the framing is too long"}
	case err == io.EOF:
		return string(b), &Fault{Kind: Incomplete}
	case err != nil:
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}

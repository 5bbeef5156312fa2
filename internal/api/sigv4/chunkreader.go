package sigv4

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// leastChunk is the least size of a chunk that another one follows, in bytes.
const leastChunk = 8192

// A chunkReader takes aws-chunked framing off a body and verifies the chunks' signatures and the trailer's. What S3 calls each fault was
// measured by the authors of versitygw (its issues 1660, 1665, 1666 and 1683).
type chunkReader struct {
	r        *bufio.Reader
	want     int64 // decoded length that was announced
	signed   bool
	trailers bool
	names    []string // of the trailer's fields, as announced, in small letters
	key      []byte
	stamp    string
	scope    string
	prev     string // the signature before this chunk's

	n       int   // of this chunk: the first is 1
	size    int64 // of this chunk
	left    int64 // of this chunk
	inChunk bool
	sum     hash.Hash
	sig     string
	got     int64
	trailer http.Header
	err     error
}

// trailerNames are the fields that a request says will follow its body.
func trailerNames(h http.Header) (names []string) {
	for _, list := range h.Values("X-Amz-Trailer") {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
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
	if err == nil && c.left == 0 {
		err = c.end()
	}
	switch {
	case err == io.EOF:
		return n, broken("it ends within a chunk")
	case err == nil && c.got > c.want:
		return n, &Fault{Kind: Incomplete}
	}
	return n, err
}

func broken(why string) *Fault { return &Fault{Kind: BadChunk, Text: why} }

// begin reads "hex-size[;chunk-signature=...]\r\n".
func (c *chunkReader) begin() error {
	line, err := c.line(false)
	if err != nil {
		return err
	}
	size, sig := line, ""
	if c.signed {
		var ok bool
		if size, sig, ok = strings.Cut(line, ";chunk-signature="); !ok || len(sig) != 2*sha256.Size {
			return broken("a chunk is not signed")
		}
		c.sig, c.sum = sig, sha256.New()
	}
	n, err := strconv.ParseUint(size, 16, 62)
	if err != nil {
		return broken("a chunk's size is not hexadecimal")
	}
	if c.n++; c.n > 1 && n > 0 && c.size < leastChunk {
		return &Fault{Kind: SmallChunk, Text: strconv.Itoa(c.n), Want: strconv.FormatInt(c.size, 10)}
	}
	c.size, c.left, c.inChunk = int64(n), int64(n), true
	return nil
}

// end verifies the chunk that was read and takes the line end behind it.
func (c *chunkReader) end() error {
	c.inChunk = false
	line, err := c.line(false)
	if err == nil && line != "" {
		err = broken("no line end after a chunk")
	}
	if err != nil {
		return err
	}
	return c.verifyChunk()
}

func (c *chunkReader) verifyChunk() error {
	if !c.signed {
		return nil
	}
	text := "AWS4-HMAC-SHA256-PAYLOAD\n" + c.stamp + "\n" + c.scope + "\n" + c.prev + "\n" + emptyHash + "\n" +
		hex.EncodeToString(c.sum.Sum(nil))
	if !equalHex(c.sig, mac(c.key, text)) {
		return &Fault{Kind: Mismatch}
	}
	c.prev = strings.ToLower(c.sig)
	return nil
}

// finish handles the last, empty chunk and the trailer. The framing is looked at before the signature, as S3 does.
func (c *chunkReader) finish() error {
	fields, signature, err := c.fields()
	if err != nil {
		return err
	}
	if _, err := c.r.ReadByte(); err != io.EOF {
		return broken("bytes after the end")
	}
	if err := c.verifyChunk(); err != nil {
		return err
	}
	if c.trailers {
		if err := c.readTrailer(fields, signature); err != nil {
			return err
		}
	}
	if c.got != c.want {
		return &Fault{Kind: Incomplete}
	}
	return io.EOF
}

// maxTrailer bounds the number of trailer lines.
const maxTrailer = 20

// fields reads the lines behind the last chunk to the empty one. Those of a signed trailer end with their signature; minio-go ends each
// line before it with "\n" and all of them with "\r\n", as the example in AWS's documentation does.
func (c *chunkReader) fields() (fields []string, signature string, err error) {
	for range maxTrailer {
		line, err := c.line(c.trailers)
		sig, ok := strings.CutPrefix(line, "x-amz-trailer-signature:")
		switch {
		case err != nil:
			return nil, "", err
		case line == "" && (signature != "" || !c.signed || !c.trailers):
			return fields, signature, nil
		case line == "":
		case !c.trailers || signature != "":
			return nil, "", broken("lines after the end")
		case ok && c.signed && len(sig) == 2*sha256.Size:
			signature = sig
		default:
			fields = append(fields, line)
		}
	}
	return nil, "", broken("too many lines after the last chunk")
}

// readTrailer takes the fields behind the last chunk: each that the request's header named, and no other.
func (c *chunkReader) readTrailer(fields []string, signature string) error {
	c.trailer = http.Header{}
	text := ""
	for _, line := range fields {
		name, value, _ := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !slices.Contains(c.names, name) {
			return &Fault{Kind: BadTrailer}
		}
		c.trailer.Add(name, value)
		text += name + ":" + value + "\n"
	}
	for _, name := range c.names {
		if len(c.trailer.Values(name)) != 1 {
			return &Fault{Kind: BadTrailer}
		}
	}
	return c.verifyTrailer(text, signature)
}

func (c *chunkReader) verifyTrailer(fields, signature string) error {
	if !c.signed {
		return nil
	}
	sum := sha256.Sum256([]byte(fields))
	text := "AWS4-HMAC-SHA256-TRAILER\n" + c.stamp + "\n" + c.scope + "\n" + c.prev + "\n" + hex.EncodeToString(sum[:])
	if !equalHex(signature, mac(c.key, text)) {
		return &Fault{Kind: Mismatch}
	}
	return nil
}

// line reads a line without its end, "\r\n" or (bare) "\n" alone. A line longer than the buffer
// is broken framing, as is one without an end.
func (c *chunkReader) line(bare bool) (string, error) {
	b, err := c.r.ReadSlice('\n')
	switch {
	case err == bufio.ErrBufferFull:
		return "", broken("a line of the framing is too long")
	case err == io.EOF:
		return "", broken("it ends within a line")
	case err != nil:
		return "", err
	}
	line, ok := strings.CutSuffix(string(b[:len(b)-1]), "\r")
	if !ok && !bare {
		return "", broken("a line of the framing has no end")
	}
	return line, nil
}

package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// A signer knows the server and its keys.
type signer struct{ host, id, secret string }

// A client is one connection. It writes a request in one piece and reads nothing of the answer but its status, length and body.
type client struct {
	*signer
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	key  []byte // of the day
	day  string
}

func (s *signer) dial() (*client, error) {
	conn, err := net.Dial("tcp", s.host)
	if err != nil {
		return nil, err
	}
	return &client{signer: s, conn: conn, in: bufio.NewReader(conn)}, nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// authorization is SigV4 with the four headers that call writes.
func (c *client) authorization(stamp, target, body string) string {
	const signed = "content-type;host;x-amz-date;x-amz-target"
	hash := func(text string) string { h := sha256.Sum256([]byte(text)); return hex.EncodeToString(h[:]) }
	canonical := "POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:" + c.host + "\nx-amz-date:" + stamp +
		"\nx-amz-target:" + target + "\n\n" +
		signed + "\n" + hash(body)
	scope := stamp[:8] + "/us-east-1/states/aws4_request"
	if c.day != stamp[:8] {
		c.day = stamp[:8]
		c.key = mac(mac(mac(mac([]byte("AWS4"+c.secret), c.day), "us-east-1"), "states"), "aws4_request")
	}
	signature := hex.EncodeToString(mac(c.key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hash(canonical)))
	return "AWS4-HMAC-SHA256 Credential=" + c.id + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + signature
}

// call makes one request; the answer is valid until the next.
func (c *client) call(op, body string) ([]byte, error) {
	target, stamp := "AWSStepFunctions."+op, time.Now().UTC().Format("20060102T150405Z")
	c.out = append(c.out[:0], "POST / HTTP/1.1\r\nHost: "+c.host+"\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: "+
		target+"\r\nX-Amz-Date: "+stamp+
		"\r\nAuthorization: "+c.authorization(stamp, target, body)+"\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, err
	}
	status, length := "", -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if status == "" {
			status = string(line)
		} else if name, v, _ := bytes.Cut(line, []byte(": ")); bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(v)); err != nil {
				return nil, err
			}
		}
	}
	if length < 0 {
		return nil, fmt.Errorf("%s answered %s without a length", op, status)
	}
	answer := make([]byte, length)
	if _, err := io.ReadFull(c.in, answer); err != nil {
		return nil, err
	}
	if status != "HTTP/1.1 200 OK" {
		return nil, fmt.Errorf("%s answered %s: %s", op, status, answer)
	}
	return answer, nil
}

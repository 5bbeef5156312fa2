package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// prepare makes the bucket and the objects, or the table.
func (r *run) prepare() error {
	c, err := r.dial()
	if err != nil {
		return err
	}
	defer c.conn.Close()
	if r.op == "table" {
		for target, body := range map[string]string{"CreateDatabase": `{"DatabaseInput":{"Name":"bench"}}`} {
			if _, _, err := c.do(r.glue(target, body)); err != nil {
				return err
			}
		}
		status, answer, err := c.do(r.glue("CreateTable", tableBody))
		if err == nil && status != 200 && !bytes.Contains(answer, []byte("AlreadyExists")) {
			err = fmt.Errorf("CreateTable: %d %s", status, answer)
		}
		return err
	}
	if _, _, err := c.do(r.s3("PUT", "/"+r.bucket, "", nil)); err != nil { // it may be there
		return err
	}
	if r.op == "put" {
		return nil
	}
	body := bytes.Repeat([]byte("x"), r.size)
	for k := range r.keys {
		status, answer, err := c.do(r.s3("PUT", r.object(k), "", body))
		if err != nil || status != 200 {
			return errors.Join(err, fmt.Errorf("put: %d %s", status, answer))
		}
	}
	return nil
}

func (r *run) object(k int) string { return fmt.Sprintf("/%s/objects/%06d", r.bucket, k) }

// client asks until the time has come.
func (r *run) client(number int, end time.Time, ops, entries *atomic.Int64) (latencies []time.Duration, err error) {
	c, err := r.dial()
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	body := bytes.Repeat([]byte("x"), r.size)
	for n := 0; ; n++ {
		began := time.Now()
		if began.After(end) {
			return latencies, nil
		}
		var request []byte
		switch r.op {
		case "get":
			request = r.s3("GET", r.object((number*31+n*7)%r.keys), "", nil)
		case "head":
			request = r.s3("HEAD", r.object((number*31+n*7)%r.keys), "", nil)
		case "put":
			request = r.s3("PUT", fmt.Sprintf("/%s/puts/%d-%d-%d", r.bucket, end.UnixMilli(), number, n), "", body)
		case "list":
			request = r.s3("GET", "/"+r.bucket, "list-type=2&prefix=objects%2F", nil)
		case "table":
			request = r.glue("GetTable", `{"DatabaseName":"bench","Name":"orders"}`)
		}
		status, answer, err := c.do(request)
		if err != nil || status != 200 {
			return nil, errors.Join(err, fmt.Errorf("%s: %d %s", r.op, status, answer))
		}
		if r.op == "list" {
			entries.Add(int64(bytes.Count(answer, []byte("<Key>"))))
		}
		ops.Add(1)
		latencies = append(latencies, time.Since(began))
	}
}

// tableBody is a table of twenty columns.
var tableBody = func() string {
	var columns []string
	for i := range 20 {
		columns = append(columns, fmt.Sprintf(`{"Name":"column_%d","Type":"string"}`, i))
	}
	return `{"DatabaseName":"bench","TableInput":{"Name":"orders","TableType":"EXTERNAL_TABLE","Parameters":{"classification":"csv"},` +
		`"StorageDescriptor":{"Location":"s3://bench/orders/","Columns":[` +
		strings.Join(columns, ",") + `],"InputFormat":"org.apache.hadoop.mapred.TextInputFormat",` +
		`"SerdeInfo":{"SerializationLibrary":"org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}}}}`
}()

// A wire is a connection.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

func (r *run) dial() (*wire, error) {
	conn, err := net.Dial("tcp", r.host)
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, err
}

// do sends a request and reads its answer; the body is valid until the next.
func (w *wire) do(request []byte) (status int, body []byte, err error) {
	if _, err := w.conn.Write(request); err != nil {
		return 0, nil, err
	}
	length, chunked := 0, false
	for first := true; ; first = false {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch name, value, _ := bytes.Cut(line, []byte(":")); {
		case first:
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, nil, err
			}
		case len(line) == 0:
			return status, w.body, w.read(length, chunked, bytes.HasPrefix(request, []byte("HEAD ")))
		case len(name) == len("Content-Length") && bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
}

func (w *wire) read(length int, chunked, none bool) error {
	w.body = w.body[:0]
	if none {
		return nil
	}
	if !chunked {
		return w.add(length)
	}
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return err
		}
		if err := errors.Join(w.add(int(n)), skipLine(w.in)); err != nil || n == 0 {
			return err
		}
	}
}

func (w *wire) add(n int) error {
	at := len(w.body)
	if cap(w.body) < at+n {
		w.body = append(make([]byte, 0, 2*(at+n)), w.body...)
	}
	w.body = w.body[:at+n]
	_, err := io.ReadFull(w.in, w.body[at:])
	return err
}

func skipLine(in *bufio.Reader) error {
	_, err := in.ReadSlice('\n')
	return err
}

func (r *run) s3(method, path, query string, body []byte) []byte {
	return r.signed("s3", method, path, query, "", "UNSIGNED-PAYLOAD", body)
}

func (r *run) glue(op, body string) []byte {
	return r.signed("glue", "POST", "/", "", "AWSGlue."+op, sum([]byte(body)), []byte(body))
}

// signed writes a request with its signature.
func (r *run) signed(service, method, path, query, target, hash string, body []byte) []byte {
	stamp := time.Now().UTC().Format("20060102T150405Z")
	headers, names := "host:"+r.host+"\nx-amz-content-sha256:"+hash+"\nx-amz-date:"+stamp+"\n", "host;x-amz-content-sha256;x-amz-date"
	more := ""
	if target != "" {
		headers, names = headers+"x-amz-target:"+target+"\n", names+";x-amz-target"
		more = "X-Amz-Target: " + target + "\r\nContent-Type: application/x-amz-json-1.1\r\n"
	}
	canonical := method + "\n" + path + "\n" + query + "\n" + headers + "\n" + names + "\n" + hash
	scope := stamp[:8] + "/us-east-1/" + service + "/aws4_request"
	key := mac(mac(mac(mac([]byte("AWS4"+r.secret), stamp[:8]), "us-east-1"), service), "aws4_request")
	signature := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+sum([]byte(canonical))))
	if query != "" {
		path += "?" + query
	}
	if method == "PUT" || method == "POST" {
		more += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	out := make([]byte, 0, 600+len(body))
	out = fmt.Appendf(out, "%s %s HTTP/1.1\r\nHost: %s\r\nX-Amz-Date: %s\r\nX-Amz-Content-Sha256: %s\r\n%sAuthorization: "+
		"AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s\r\n\r\n",
		method, path, r.host, stamp, hash, more, r.key, scope, names, signature)
	return append(out, body...)
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

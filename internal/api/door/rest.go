package door

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/checksum"
	"penstock/internal/api/restxml"
	"penstock/internal/api/sigv4"
)

func (d *door) router(service string) (*restxml.Router, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.routers[service]; ok {
		return r, nil
	}
	svc, err := d.table.Shapes(service)
	if err != nil {
		return nil, err
	}
	r := restxml.NewRouter(svc)
	d.routers[service] = r
	return r, nil
}

// hostSuffixes are the hosts below which a name is a bucket: http://bucket.localhost:4566/key.
var hostSuffixes = []string{".s3.localhost", ".localhost"}

// hostBucket is the bucket of a virtual host, or "".
func hostBucket(hostPort string) string {
	host, _, _ := strings.Cut(hostPort, ":")
	for _, s := range hostSuffixes {
		if bucket, ok := strings.CutSuffix(host, s); ok && bucket != "" && bucket != "s3" {
			return bucket
		}
	}
	return ""
}

// escapedPath is the request's path with the bucket of a virtual host put first.
func escapedPath(r *http.Request) string {
	path := r.URL.EscapedPath()
	if bucket := hostBucket(r.Host); bucket != "" {
		return "/" + bucket + path
	}
	return path
}

// route finds the operation: among those that fit, the best one that is served; a key of the query that asks for a sub-resource
// which no fitting operation knows is refused by its name.
func (d *door) route(c *call, query url.Values) (restxml.Match, error) {
	router, err := d.router(c.service)
	if err != nil {
		return restxml.Match{}, err
	}
	matches := router.Match(c.r.Method, escapedPath(c.r), query, c.r.Header)
	if len(matches) == 0 {
		return restxml.Match{}, &api.Error{Code: "MethodNotAllowed", Status: 405, Message: "The specified method is not allowed against this resource.",
			Fields: map[string]string{"Method": c.r.Method}}
	}
	best := matches[0]
	if best.Stray != "" {
		return best, api.UnknownOp(c.service, c.r.Method+" ?"+best.Stray)
	}
	for _, m := range matches {
		if _, err := d.table.Op(c.service, m.Op.Name); err == nil && m.Stray == "" && len(m.Keys) == len(best.Keys) && len(m.Heads) == len(best.Heads) {
			return m, nil
		}
	}
	return best, nil
}

func (d *door) rest(ctx context.Context, c *call, res *sigv4.Result) error {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return &api.Error{Code: "InvalidURI", Status: 400, Message: "Couldn't parse the specified URI."}
	}
	for _, k := range res.Params {
		delete(query, k)
	}
	m, err := d.route(c, query)
	if err != nil {
		return err
	}
	if err := d.bind(c, m.Op.Name); err != nil {
		return err
	}
	body, err := d.object(c, res)
	if err != nil {
		return err
	}
	in := reflect.New(c.bound.Op.In)
	req := &restxml.Request{Labels: m.Labels, Route: m.Keys, Query: query, Header: c.r.Header, Body: body, Limit: maxBody}
	if err := restxml.Decode(req, c.bound.In, in.Elem()); err != nil {
		return api.Undecodable(c.service, c.op, err)
	}
	if c.r.Method == http.MethodPost { // CompleteMultipartUpload tells where the object is
		ctx = api.WithURL(ctx, address(c.r))
	}
	out, err := d.invoke(ctx, c, in.Interface())
	if err != nil {
		return err
	}
	answer, err := restxml.Encode(c.bound.Service, m.Op, c.bound.Out, reflect.ValueOf(out))
	if err != nil {
		return err
	}
	d.sendObject(ctx, c, answer)
	return nil
}

// address is the URL of a request as the client wrote it, without the query.
func address(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + r.URL.EscapedPath()
}

// object is the request's body, verified against signature and checksums while it is read. Content-Length becomes the payload's.
func (d *door) object(c *call, res *sigv4.Result) (io.Reader, error) {
	h := c.r.Header
	if res.Length >= 0 {
		h.Set("Content-Length", strconv.FormatInt(res.Length, 10))
	}
	if c.bound.In.Shape.Payload != "" && c.r.Method == http.MethodPut && res.Length < 0 {
		return nil, &api.Error{Code: "MissingContentLength", Status: 411, Message: "You must provide the Content-Length HTTP header."}
	}
	if res.Length > maxObject {
		return nil, &api.Error{Code: "EntityTooLarge", Status: 400, Message: fmt.Sprintf("Your proposed upload exceeds the maximum allowed size of %d bytes", int64(maxObject))}
	}
	if op := c.bound.Shape; op == nil || op.Checksum.RequestAlgorithmMember == "" && !op.Checksum.Required {
		h = http.Header{"Content-Md5": h.Values("Content-Md5")} // x-amz-checksum-* is then the object's, not the body's
	}
	return checksum.NewReader(res.Body, h, res.Trailer)
}

// sendObject writes an answer; a body that breaks off ends the connection, so that the client sees it.
func (d *door) sendObject(ctx context.Context, c *call, a *restxml.Response) {
	for k, v := range a.Header {
		c.w.Header()[k] = v
	}
	c.ids()
	if a.Stream == nil {
		if c.w.Header().Get("Content-Length") == "" && a.Status != http.StatusNoContent {
			c.w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
		}
		c.w.WriteHeader(a.Status)
		c.w.Write(a.Body) //nolint:errcheck // the client is gone: nobody to tell
		return
	}
	c.w.WriteHeader(a.Status)
	_, err := io.Copy(c.w, a.Stream)
	if cerr := a.Stream.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		if d.log != nil {
			d.log.WarnContext(ctx, "answer broke off", "op", c.op, "id", c.id, "err", err)
		}
		panic(http.ErrAbortHandler)
	}
}

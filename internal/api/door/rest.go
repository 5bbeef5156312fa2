package door

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/checksum"
	"penstock/internal/api/rest"
	"penstock/internal/api/restjson"
	"penstock/internal/api/restxml"
	"penstock/internal/api/shapes"
	"penstock/internal/api/sigv4"
)

func (d *door) router(service string) (*rest.Router, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.routers[service]; ok {
		return r, nil
	}
	svc, err := d.table.Shapes(service)
	if err != nil {
		return nil, err
	}
	r := rest.NewRouter(svc)
	d.routers[service] = r
	return r, nil
}

// hostLabel is the first part of the path that stands in a virtual host of a service, or "".
func (d *door) hostLabel(hostPort, service string) string {
	host, _, _ := strings.Cut(hostPort, ":")
	svc, _ := d.table.Service(service)
	for _, end := range svc.Hosts {
		if first, ok := strings.CutSuffix(host, end); ok && first != "" && first != service {
			return first
		}
	}
	return ""
}

// escapedPath is the request's path; what a virtual host says of it is put first.
func (d *door) escapedPath(c *call) string {
	path := c.r.URL.EscapedPath()
	if first := d.hostLabel(c.r.Host, c.service); first != "" {
		return "/" + first + path
	}
	return path
}

// route finds the operation: among those that fit, the best one that is served; a key of the query that asks for a sub-resource
// which no fitting operation knows is refused by its name.
func (d *door) route(c *call, query url.Values) (rest.Match, error) {
	router, err := d.router(c.service)
	if err != nil {
		return rest.Match{}, err
	}
	matches := router.Match(c.r.Method, d.escapedPath(c), query, c.r.Header)
	if len(matches) == 0 {
		return rest.Match{}, &api.Error{Code: "MethodNotAllowed", Status: 405,
			Message: "The specified method is not allowed against this resource.",
			Fields:  map[string]string{"Method": c.r.Method}}
	}
	best := matches[0]
	if best.Stray != "" {
		return best, d.unknownOp(c, c.r.Method+" ?"+best.Stray)
	}
	for _, m := range matches {
		if _, err := d.table.Op(c.service, m.Op.Name); err == nil && m.Stray == "" && len(m.Keys) == len(best.Keys) &&
			len(m.Heads) == len(best.Heads) {
			return m, nil
		}
	}
	return best, nil
}

// misroute asks a service whether a request can be one of its operations'. What has neither a query nor a body to look at is not asked.
func (d *door) misroute(c *call, ask func(*http.Request, string, string, url.Values) *api.Error) *api.Error {
	switch c.r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		if c.r.URL.RawQuery == "" && c.r.Header["X-Amz-Copy-Source"] == nil {
			return nil
		}
	}
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil // told when the query is read
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(d.escapedPath(c), "/"), "/")
	return ask(c.r, first, rest, query)
}

func decodeRESTXML(d *door, c *call, res *sigv4.Result) (any, error) {
	return d.rest(c, res, restxml.Decode)
}

func decodeRESTJSON(d *door, c *call, res *sigv4.Result) (any, error) {
	return d.rest(c, res, restjson.Decode)
}

// rest routes a request and reads its input.
func (d *door) rest(c *call, res *sigv4.Result, decode func(*rest.Request, *shapes.Type, reflect.Value) error) (any, error) {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, &api.Error{Code: "InvalidURI", Status: 400, Message: "Couldn't parse the specified URI."}
	}
	for _, k := range res.Params {
		delete(query, k)
	}
	m, err := d.route(c, query)
	if err == nil {
		err = d.bind(c, m.Op.Name)
	}
	if refused := d.stranger(c, err == nil); refused != nil {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	body, err := d.object(c, res)
	if err != nil {
		return nil, err
	}
	in := reflect.New(c.bound.Op.In)
	req := &rest.Request{Labels: m.Labels, Route: m.Keys, Query: query, Header: c.r.Header, Body: body, Limit: c.bound.Op.MaxBody()}
	return in.Interface(), decode(req, c.bound.In, in.Elem())
}

func encodeRESTXML(ctx context.Context, d *door, c *call, out any) error {
	answer, err := restxml.Encode(c.bound.Service, c.bound.Shape, c.bound.Out, reflect.ValueOf(out))
	if err == nil {
		d.sendObject(ctx, c, answer)
	}
	return err
}

func encodeRESTJSON(ctx context.Context, d *door, c *call, out any) error {
	answer, err := restjson.Encode(c.bound.Shape, c.bound.Out, reflect.ValueOf(out))
	if err == nil {
		d.sendObject(ctx, c, answer)
	}
	return err
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
	if res.Chunked && !streams(c.bound.In.Shape) {
		return nil, &api.Error{Code: "InvalidRequest", Status: 400, Message: "The value of x-amz-content-sha256 header is invalid."}
	}
	if limit := c.bound.Op.MaxBody(); res.Length > limit {
		return nil, tooLarge(c, limit)
	}
	if op := c.bound.Shape; op == nil || op.Checksum.RequestAlgorithmMember == "" && !op.Checksum.Required {
		h = http.Header{"Content-Md5": h.Values("Content-Md5")} // x-amz-checksum-* is then the object's, not the body's
	}
	return checksum.NewReader(res.Body, h, res.Trailer)
}

// streams reports whether an input's body is bytes that a client may send in chunks: documents are sent whole.
func streams(in *shapes.Shape) bool {
	if in.Payload == "" {
		return false
	}
	m := in.Member(in.Payload)
	return m != nil && m.Shape.Kind == shapes.Blob
}

// sendObject writes an answer; a body that breaks off ends the connection, so that the client sees it.
func (d *door) sendObject(ctx context.Context, c *call, a *rest.Response) {
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

package door

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/checksum"
	"penstock/internal/api/form"
	"penstock/internal/api/rest"
	"penstock/internal/api/restxml"
	"penstock/internal/api/sigv4"
)

// postsForm reports whether a request is a browser's upload: a POST to a bucket that is not signed itself, since its form is.
func (d *door) postsForm(c *call) bool {
	_, signed := c.r.Header["Authorization"]
	return c.r.Method == http.MethodPost && !signed && c.r.URL.RawQuery == "" && d.bucketPath(c) != ""
}

// bucketPath is the bucket, escaped, of a path that names nothing else.
func (d *door) bucketPath(c *call) string {
	bucket := strings.TrimSuffix(strings.TrimPrefix(d.escapedPath(c), "/"), "/")
	if strings.Contains(bucket, "/") {
		return ""
	}
	return bucket
}

// form answers a browser's upload: PutObject with the form's fields in place of headers, if the policy allows it.
func (d *door) form(c *call, op string) error {
	f, err := form.Read(c.r.Body, c.r.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	bucket, err := url.PathUnescape(d.bucketPath(c))
	if err != nil {
		return &api.Error{Code: "InvalidURI", Status: 400, Message: "Couldn't parse the specified URI."}
	}
	if f.Fields["key"] == "" {
		return sigv4.FormField("key")
	}
	principal, region, err := d.verifyForm(c, op, f)
	if err != nil {
		d.refuse(c, err)
		return nil
	}
	f.Fields["bucket"] = bucket // the one that is posted to, whatever a field says
	least, most, err := d.allows(c, f)
	if err != nil {
		return err
	}
	where := strings.TrimSuffix(address(c.r), "/") + "/" + (&url.URL{Path: f.Fields["key"]}).EscapedPath()
	ctx := api.WithURL(api.WithPrincipal(c.r.Context(), principal), c.service, where)
	if svc, _ := d.table.Service(c.service); svc.Guard != nil {
		ctx = api.WithWire(ctx, formWire(c.r, f))
	}
	ctx, at := d.at(ctx, c.service, region)
	answer, err := d.putForm(ctx, c, op, f, at, &ranged{r: f.File, least: least, most: most, limit: d.table.MaxBody(c.service)})
	if err != nil {
		return err
	}
	c.formDone(f, bucket, where, answer)
	return nil
}

// verifyForm tells who has signed a form. A stranger's is let in where a guard will ask.
func (d *door) verifyForm(c *call, op string, f *form.Form) (api.Principal, string, error) {
	principal, region, err := d.verifier.VerifyForm(f.Fields)
	svc, _ := d.table.Service(c.service)
	var fault *sigv4.Fault
	if svc.Guard == nil || !errors.As(err, &fault) || fault.Kind != sigv4.Anonymous {
		return principal, region, err
	}
	c.guard, c.op = svc.Guard, op
	return api.Principal{Anonymous: true}, "", d.stranger(c, true)
}

// allows returns the sizes between which the policy of a form wants the file. A stranger's form has none.
func (d *door) allows(c *call, f *form.Form) (least, most int64, err error) {
	if c.guard != nil {
		return 0, d.table.MaxBody(c.service), nil
	}
	policy, err := form.ParsePolicy(f.Fields["policy"])
	if err != nil {
		return 0, 0, err
	}
	return policy.Check(d.verifier.Clock.Now(), f.Fields)
}

func formWire(r *http.Request, f *form.Form) *api.Wire {
	w := &api.Wire{Request: r, Form: "POST"}
	switch {
	case f.Fields["x-amz-algorithm"] != "":
		w.Scheme = f.Fields["x-amz-algorithm"]
	case f.Fields["signature"] != "":
		w.Scheme = "AWS"
	default:
		w.Form = ""
	}
	return w
}

// putForm runs an operation of a region with what a form holds.
func (d *door) putForm(ctx context.Context, c *call, op string, f *form.Form, at *api.Table, file io.Reader) (*rest.Response, error) {
	if err := d.bind(c, op); err != nil {
		return nil, err
	}
	header, err := f.Header()
	if err != nil {
		return nil, err
	}
	if w := api.WireOf(ctx); w != nil {
		w.Input = header
	}
	body, err := checksum.NewReader(file, header, nil)
	if err != nil {
		return nil, err
	}
	in := reflect.New(c.bound.Op.In)
	req := &rest.Request{Labels: map[string]string{"Bucket": f.Fields["bucket"], "Key": f.Fields["key"]}, Header: header, Body: body,
		Limit: c.bound.Op.MaxBody()}
	if err := restxml.Decode(req, c.bound.In, in.Elem()); err != nil {
		return nil, d.table.Dialect(c.service).Undecodable(c.op, err)
	}
	out, err := at.Invoke(ctx, c.service, op, in.Interface())
	if err != nil {
		return nil, err
	}
	return restxml.Encode(c.bound.Service, c.bound.Shape, c.bound.Out, reflect.ValueOf(out))
}

// formDone answers as the form asks: with a redirect, or with status 200, 201 and a document, or 204.
func (c *call) formDone(f *form.Form, bucket, where string, answer *rest.Response) {
	h := c.w.Header()
	for k, v := range answer.Header {
		h[k] = v
	}
	etag := http.Header(answer.Header).Get("ETag")
	h.Set("Location", where)
	c.ids()
	to := f.Fields["success_action_redirect"]
	if to == "" {
		to = f.Fields["redirect"]
	}
	if u, err := url.Parse(to); err == nil && u.IsAbs() && u.Host != "" {
		q := u.Query()
		q.Set("bucket", bucket)
		q.Set("key", f.Fields["key"])
		q.Set("etag", etag)
		u.RawQuery = q.Encode()
		h.Set("Location", u.String())
		h.Set("Content-Length", "0")
		c.w.WriteHeader(http.StatusSeeOther)
		return
	}
	switch f.Fields["success_action_status"] {
	case "200":
		h.Set("Content-Length", "0")
		c.w.WriteHeader(http.StatusOK)
	case "201":
		body, err := xml.Marshal(posted{Location: where, Bucket: bucket, Key: f.Fields["key"], ETag: etag})
		if err != nil { // a key that XML cannot carry: the headers tell it
			body = nil
		}
		body = append([]byte(xml.Header), body...)
		h.Set("Content-Type", "application/xml")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		c.w.WriteHeader(http.StatusCreated)
		c.w.Write(body) //nolint:errcheck // the client is gone: nobody to tell
	default:
		c.w.WriteHeader(http.StatusNoContent)
	}
}

// posted is the document of an answer with status 201.
type posted struct {
	XMLName                     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PostResponse"`
	Location, Bucket, Key, ETag string
}

// ranged is a file whose size must lie in a range. A longer one is read to its end, so that the error can tell its size.
type ranged struct {
	r                 io.Reader
	least, most, size int64
	limit             int64 // of what is read at all
}

func (g *ranged) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.size += int64(n)
	switch {
	case g.size > g.most:
		rest, err := io.Copy(io.Discard, io.LimitReader(g.r, g.limit))
		if err != nil {
			return 0, err
		}
		return 0, g.fault("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", g.size+rest, "MaxSizeAllowed", g.most)
	case err == io.EOF && g.size < g.least:
		return 0, g.fault("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", g.size, "MinSizeAllowed", g.least)
	}
	return n, err
}

func (g *ranged) fault(code, text string, size int64, name string, limit int64) error {
	return &api.Error{Code: code, Status: 400, Message: text,
		Fields: map[string]string{"ProposedSize": fmt.Sprint(size), name: fmt.Sprint(limit)}}
}

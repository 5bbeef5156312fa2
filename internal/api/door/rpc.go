package door

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/awsjson"
	"penstock/internal/api/cbor"
	"penstock/internal/api/query"
	"penstock/internal/api/shapes"
	"penstock/internal/api/sigv4"
)

// tooLarge is the answer to a body that is larger than its operation takes.
func tooLarge(c *call, limit int64) error {
	return (&sigv4.Fault{Kind: sigv4.TooLarge, Text: strconv.FormatInt(limit, 10)}).For(c.proto.words)
}

// readBody reads a whole body, which must not be larger than the operation takes, and unpacks one that was sent compressed.
func readBody(c *call, limit int64) ([]byte, error) {
	b, err := readUpTo(c, c.r.Body, limit)
	if err != nil {
		return nil, err
	}
	switch enc := strings.TrimSpace(c.r.Header.Get("Content-Encoding")); enc {
	case "", "identity":
		return b, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, shapes.Malformedf("the body is not gzip: %v", err)
		}
		out, err := readUpTo(c, z, limit)
		var e *api.Error
		if err != nil && !errors.As(err, &e) {
			return nil, shapes.Malformedf("the body is not gzip: %v", err)
		}
		return out, err
	default:
		return nil, shapes.Malformedf("the content encoding %q is not supported", enc)
	}
}

func readUpTo(c *call, r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		return nil, tooLarge(c, limit)
	}
	return b, err
}

func decodeJSON(d *door, c *call, _ *sigv4.Result) (any, error) {
	svc, err := d.table.Shapes(c.service)
	if err != nil {
		return nil, err
	}
	target := c.r.Header.Get("X-Amz-Target")
	i := strings.LastIndexByte(target, '.')
	if i < 0 || svc.TargetPrefix == "" || target[:i] != svc.TargetPrefix {
		return nil, d.unknownOp(c, target)
	}
	if err := d.bind(c, target[i+1:]); err != nil {
		return nil, err
	}
	return c.document(awsjson.Decode)
}

func decodeCBOR(d *door, c *call, _ *sigv4.Result) (any, error) {
	parts := strings.Split(c.r.URL.Path, "/") // "", service, NAME, operation, OP
	if len(parts) < 5 || parts[len(parts)-4] != "service" || parts[len(parts)-2] != "operation" {
		return nil, d.unknownOp(c, c.r.URL.Path)
	}
	svc, err := d.table.Shapes(c.service)
	if err != nil {
		return nil, err
	}
	if !svc.Speaks("smithy-rpc-v2-cbor") || parts[len(parts)-3] != svc.TargetPrefix {
		return nil, d.unknownOp(c, parts[len(parts)-3]+"."+parts[len(parts)-1])
	}
	if err := d.bind(c, parts[len(parts)-1]); err != nil {
		return nil, err
	}
	return c.document(cbor.Decode)
}

// document reads an input that is one document.
func (c *call) document(decode func([]byte, *shapes.Type, reflect.Value) error) (any, error) {
	body, err := readBody(c, c.bound.Op.MaxBody())
	if err != nil {
		return nil, err
	}
	in := reflect.New(c.bound.Op.In)
	return in.Interface(), decode(body, c.bound.In, in.Elem())
}

func encodeJSON(_ context.Context, d *door, c *call, out any) error {
	return d.answer(c, awsjson.Append, out)
}

func encodeCBOR(_ context.Context, d *door, c *call, out any) error {
	c.w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	return d.answer(c, cbor.Append, out)
}

// maxBuffer is the largest buffer of an answer that the next one uses again, in bytes.
const maxBuffer = 64 << 10

// kept writes an answer that is kept: its text is JSON's.
func (d *door) kept(ctx context.Context, c *call, k *api.Kept) error {
	if c.proto.name != "json" {
		return c.proto.encode(ctx, d, c, k.Out)
	}
	text, err := k.Text(func(out any) ([]byte, error) { return awsjson.Append(nil, c.bound.Out, reflect.ValueOf(out)) })
	if err == nil {
		c.send(http.StatusOK, c.proto.contentType(c.r), text)
	}
	return err
}

// answer writes an answer that is one document.
func (d *door) answer(c *call, write func([]byte, *shapes.Type, reflect.Value) ([]byte, error), out any) error {
	buf, ok := d.buffers.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	text, err := write((*buf)[:0], c.bound.Out, reflect.ValueOf(out))
	if err != nil {
		return err
	}
	if cap(text) <= maxBuffer {
		*buf = text
		defer d.buffers.Put(buf)
	}
	if c.bound.Shape != nil && c.bound.Shape.Output == nil {
		text = nil
	}
	c.send(200, c.proto.contentType(c.r), text)
	return nil
}

func decodeQuery(d *door, c *call, _ *sigv4.Result) (any, error) {
	body, err := readBody(c, d.table.MaxBody(c.service))
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &api.Error{Code: "MalformedQueryString", Status: 400, Message: err.Error()}
	}
	for k, v := range c.r.URL.Query() {
		if _, has := form[k]; !has && !strings.HasPrefix(k, "X-Amz-") {
			form[k] = v
		}
	}
	svc, err := d.table.Shapes(c.service)
	if err != nil {
		return nil, err
	}
	if !svc.Speaks("query") || form.Get("Action") == "" {
		return nil, &api.Error{Code: "MissingAction", Status: 400, Message: "Could not find an Action in the request"}
	}
	if v := form.Get("Version"); v != "" && v != svc.Version {
		return nil, &api.Error{Code: "InvalidAction", Status: 400,
			Message: "Could not find operation " + form.Get("Action") + " for version " + v}
	}
	if err := d.bind(c, form.Get("Action")); err != nil {
		return nil, err
	}
	if limit := c.bound.Op.MaxBody(); int64(len(body)) > limit {
		return nil, tooLarge(c, limit)
	}
	in := reflect.New(c.bound.Op.In)
	return in.Interface(), query.Decode(form, c.bound.In, in.Elem())
}

func encodeQuery(_ context.Context, _ *door, c *call, out any) error {
	op := c.bound.Shape
	if op == nil {
		op = &shapes.Op{Name: c.op, Output: &shapes.Ref{Shape: c.bound.Out.Shape}}
	}
	text, err := query.Append(nil, c.bound.Service, op, c.bound.Out, reflect.ValueOf(out), c.id)
	if err == nil {
		c.send(200, c.proto.contentType(c.r), text)
	}
	return err
}

package door

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/awsjson"
	"penstock/internal/api/cbor"
	"penstock/internal/api/query"
	"penstock/internal/api/shapes"
)

// readBody reads a whole body, which Verify has bounded, and unpacks one that was sent compressed.
func readBody(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	switch enc := strings.TrimSpace(r.Header.Get("Content-Encoding")); enc {
	case "", "identity":
		return b, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, shapes.Malformedf("the body is not gzip: %v", err)
		}
		out, err := io.ReadAll(io.LimitReader(z, maxBody+1))
		if err != nil {
			return nil, shapes.Malformedf("the body is not gzip: %v", err)
		}
		if len(out) > maxBody {
			return nil, &api.Error{Code: "RequestEntityTooLarge", Status: 413, Message: "The unpacked request is too large"}
		}
		return out, nil
	default:
		return nil, shapes.Malformedf("the content encoding %q is not supported", enc)
	}
}

func (d *door) json(ctx context.Context, c *call) error {
	svc, err := d.table.Shapes(c.service)
	if err != nil {
		return err
	}
	target := c.r.Header.Get("X-Amz-Target")
	i := strings.LastIndexByte(target, '.')
	if i < 0 || svc.TargetPrefix == "" || target[:i] != svc.TargetPrefix {
		return api.UnknownOp(c.service, target)
	}
	if err := d.bind(c, target[i+1:]); err != nil {
		return err
	}
	return d.answer(ctx, c, awsjson.Decode, awsjson.Append)
}

func (d *door) cbor(ctx context.Context, c *call) error {
	parts := strings.Split(c.r.URL.Path, "/") // "", service, NAME, operation, OP
	if len(parts) < 5 || parts[len(parts)-4] != "service" || parts[len(parts)-2] != "operation" {
		return api.UnknownOp(c.service, c.r.URL.Path)
	}
	svc, err := d.table.Shapes(c.service)
	if err != nil {
		return err
	}
	if !svc.Speaks("smithy-rpc-v2-cbor") || parts[len(parts)-3] != svc.TargetPrefix {
		return api.UnknownOp(c.service, parts[len(parts)-3]+"."+parts[len(parts)-1])
	}
	if err := d.bind(c, parts[len(parts)-1]); err != nil {
		return err
	}
	return d.answer(ctx, c, cbor.Decode, cbor.Append)
}

// answer reads a body, invokes what it asks for and writes the answer, in a codec of one document each way.
func (d *door) answer(ctx context.Context, c *call, decode func([]byte, *shapes.Type, reflect.Value) error,
	write func([]byte, *shapes.Type, reflect.Value) ([]byte, error)) error {
	body, err := readBody(c.r)
	in := reflect.New(c.bound.Op.In)
	if err == nil {
		err = decode(body, c.bound.In, in.Elem())
	}
	if err != nil {
		return api.Undecodable(c.service, c.op, err)
	}
	out, err := d.invoke(ctx, c, in.Interface())
	if err != nil {
		return err
	}
	text, err := write(nil, c.bound.Out, reflect.ValueOf(out))
	if err != nil {
		return err
	}
	if c.bound.Shape != nil && c.bound.Shape.Output == nil {
		text = nil
	}
	c.send(200, contentType(c), text)
	return nil
}

func (d *door) query(ctx context.Context, c *call) error {
	body, err := readBody(c.r)
	if err != nil {
		return api.Undecodable(c.service, "", err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return &api.Error{Code: "MalformedQueryString", Status: 400, Message: err.Error()}
	}
	for k, v := range c.r.URL.Query() {
		if _, has := form[k]; !has && !strings.HasPrefix(k, "X-Amz-") {
			form[k] = v
		}
	}
	svc, err := d.table.Shapes(c.service)
	if err != nil {
		return err
	}
	if !svc.Speaks("query") || form.Get("Action") == "" {
		return &api.Error{Code: "MissingAction", Status: 400, Message: "Could not find an Action in the request"}
	}
	if v := form.Get("Version"); v != "" && v != svc.Version {
		return &api.Error{Code: "InvalidAction", Status: 400, Message: "Could not find operation " + form.Get("Action") + " for version " + v}
	}
	if err := d.bind(c, form.Get("Action")); err != nil {
		return err
	}
	in := reflect.New(c.bound.Op.In)
	if err := query.Decode(form, c.bound.In, in.Elem()); err != nil {
		return api.Undecodable(c.service, c.op, err)
	}
	out, err := d.invoke(ctx, c, in.Interface())
	if err != nil {
		return err
	}
	op := c.bound.Shape
	if op == nil {
		op = &shapes.Op{Name: c.op, Output: &shapes.Ref{Shape: c.bound.Out.Shape}}
	}
	text, err := query.Append(nil, svc, op, c.bound.Out, reflect.ValueOf(out), c.id)
	if err != nil {
		return err
	}
	c.send(200, contentType(c), text)
	return nil
}

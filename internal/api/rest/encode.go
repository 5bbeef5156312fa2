package rest

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"penstock/internal/api/shapes"
)

// A Response is an answer to be sent. Stream, when not nil, is the body instead of Body; the sender closes it.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Stream io.ReadCloser
}

// Encode writes the parts of an operation's answer that stand in the status and the headers, and a payload of bytes or text. What stands
// in a document of the protocol is left to the caller: document is the member that is it, or nil for the answer's own members.
func Encode(op *shapes.Op, t *shapes.Type, v reflect.Value) (r *Response, document *shapes.Field, has bool, err error) {
	r = &Response{Status: op.Status, Header: http.Header{}}
	for _, f := range t.Fields {
		fv, ok := f.Of(v)
		if ok && f.Ref.Location == "newer" && !fv.IsZero() {
			return nil, nil, false, fmt.Errorf("%s.%s is newer than the shape table", op.Name, f.Name)
		}
		if ok {
			setHeader(r, f, fv)
		}
	}
	if r.Header.Get("Content-Range") != "" {
		r.Status = http.StatusPartialContent
	}
	if t.Shape.Payload == "" {
		return r, nil, slices.ContainsFunc(t.Fields, InBody), nil
	}
	f := t.Member(t.Shape.Payload)
	if f == nil {
		return r, nil, false, nil
	}
	fv, ok := f.Of(v)
	return r, f, ok && !r.payload(f, fv), nil
}

// payload writes a payload that is no document, and reports whether it was one.
func (r *Response) payload(f *shapes.Field, v reflect.Value) bool {
	switch {
	case v.Kind() == reflect.Interface && f.Ref.Shape.Kind == shapes.Blob:
		s, ok := v.Interface().(io.ReadCloser)
		if !ok {
			s = io.NopCloser(v.Interface().(io.Reader))
		}
		r.Stream = s
	case f.Ref.Shape.Kind == shapes.Blob:
		r.Body = v.Bytes()
		r.ContentType("application/octet-stream")
	case f.Ref.Shape.Kind == shapes.String:
		r.Body = []byte(v.String())
		r.ContentType("text/plain")
	default:
		return false
	}
	return true
}

// ContentType sets the body's type when the answer does not carry one.
func (r *Response) ContentType(ct string) {
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", ct)
	}
}

func setHeader(r *Response, f *shapes.Field, v reflect.Value) {
	switch f.Ref.Location {
	case "header":
		if f.Ref.Shape.Kind == shapes.List {
			var parts []string
			for i := range v.Len() {
				parts = append(parts,
					quoteComma(shapes.Text(plain(v.Index(i)), f.Ref.Shape.Elem.Shape.Kind, f.Ref.Shape.Elem.Format(shapes.RFC822)), f.Ref))
			}
			if len(parts) > 0 {
				r.Header.Set(f.Ref.WireName(), strings.Join(parts, ", "))
			}
			return
		}
		if f.Ref.JSONValue {
			r.Header.Set(f.Ref.WireName(), base64.StdEncoding.EncodeToString([]byte(v.String())))
			return
		}
		r.Header.Set(f.Ref.WireName(), oneLine(shapes.Text(v, f.Ref.Shape.Kind, f.Ref.Format(shapes.RFC822))))
	case "headers":
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, k := range keys {
			// Not in the canonical form: boto3 shows users the names as they come, and S3 sends them in lower case.
			r.Header[strings.ToLower(f.Ref.LocationName+k.String())] = []string{oneLine(plain(v.MapIndex(k)).String())}
		}
	case "statusCode":
		r.Status = int(v.Int())
	}
}

// plain takes the pointers off a list's or map's element.
func plain(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

// InBody reports whether an answer's member stands in the body; labels and query keys exist in requests only.
func InBody(f *shapes.Field) bool {
	switch f.Ref.Location {
	case "header", "headers", "statusCode", "newer":
		return false
	}
	return true
}

func quoteComma(s string, ref *shapes.Ref) string {
	if ref.Shape.Elem.Shape.Kind == shapes.String && strings.ContainsAny(s, `,"`) {
		return strconv.Quote(s)
	}
	return s
}

// oneLine keeps a stored value from adding headers of its own.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}

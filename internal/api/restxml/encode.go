package restxml

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/shapes"
	"penstock/internal/api/xmlbody"
)

// A Response is an answer to be sent. Stream, when not nil, is the body instead of Body; the sender closes it.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Stream io.ReadCloser
}

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// Encode writes the answer of an operation.
func Encode(svc *shapes.Service, op *shapes.Op, t *shapes.Type, v reflect.Value) (*Response, error) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	r := &Response{Status: op.Status, Header: http.Header{}}
	for _, f := range t.Fields {
		fv, ok := f.Of(v)
		if ok && f.Ref.Location == "newer" && !fv.IsZero() {
			return nil, fmt.Errorf("%s.%s is newer than the shape table", op.Name, f.Name)
		}
		if ok {
			setHeader(r, f, fv)
		}
	}
	if r.Header.Get("Content-Range") != "" {
		r.Status = http.StatusPartialContent
	}
	return r, encodeBody(svc, op, r, t, v)
}

func setHeader(r *Response, f *shapes.Field, v reflect.Value) {
	switch f.Ref.Location {
	case "header":
		if f.Ref.Shape.Kind == shapes.List {
			var parts []string
			for i := range v.Len() {
				parts = append(parts, quoteComma(shapes.Text(plain(v.Index(i)), f.Ref.Shape.Elem.Shape.Kind, f.Ref.Shape.Elem.Format(shapes.RFC822)), f.Ref))
			}
			if len(parts) > 0 {
				r.Header.Set(f.Ref.WireName(), strings.Join(parts, ", "))
			}
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

// inBody says whether an answer's member stands in the body; labels and query keys exist in requests only.
func inBody(f *shapes.Field) bool {
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

func encodeBody(svc *shapes.Service, op *shapes.Op, r *Response, t *shapes.Type, v reflect.Value) error {
	if p := t.Shape.Payload; p != "" {
		f := t.Member(p)
		if f == nil {
			return nil
		}
		fv, ok := f.Of(v)
		if !ok {
			return nil
		}
		return encodePayload(svc, r, f, fv)
	}
	if op.Name == "GetBucketLocation" { // its only member is the root's text
		f := t.Fields[0]
		fv, _ := f.Of(v)
		r.Body = append([]byte(xmlbody.Header), `<LocationConstraint xmlns="`+s3Namespace+`">`...)
		r.Body = append(xmlbody.AppendText(r.Body, fv.String()), "</LocationConstraint>"...)
		r.Header.Set("Content-Type", "application/xml")
		return nil
	}
	if !slices.ContainsFunc(t.Fields, inBody) {
		return nil
	}
	var err error
	ns := t.Shape.XMLNamespace
	if svc.Name == "s3" {
		ns = shapes.Namespace{URI: s3Namespace}
	}
	r.Body, err = xmlbody.AppendElement([]byte(xmlbody.Header), rootName(op, t), ns, t, v, inBody)
	r.Header.Set("Content-Type", "application/xml")
	return err
}

// rootName is the name of an answer's root element; the tables do not carry S3's.
func rootName(op *shapes.Op, t *shapes.Type) string {
	switch op.Name {
	case "ListBuckets":
		return "ListAllMyBucketsResult"
	case "ListObjects", "ListObjectsV2":
		return "ListBucketResult"
	case "ListObjectVersions":
		return "ListVersionsResult"
	case "CreateMultipartUpload":
		return "InitiateMultipartUploadResult"
	case "DeleteObjects":
		return "DeleteResult"
	case "GetBucketVersioning":
		return "VersioningConfiguration"
	case "GetBucketTagging", "GetObjectTagging":
		return "Tagging"
	case "CompleteMultipartUpload", "ListParts", "ListMultipartUploads":
		return op.Name + "Result"
	}
	if op.Output != nil && op.Output.LocationName != "" {
		return op.Output.LocationName
	}
	if t.Shape.LocationName != "" {
		return t.Shape.LocationName
	}
	return t.Shape.Name
}

func encodePayload(svc *shapes.Service, r *Response, f *shapes.Field, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Interface && f.Ref.Shape.Kind == shapes.Blob:
		s, ok := v.Interface().(io.ReadCloser)
		if !ok {
			s = io.NopCloser(v.Interface().(io.Reader))
		}
		r.Stream = s
		return nil
	case f.Ref.Shape.Kind == shapes.Blob:
		r.Body = v.Bytes()
		r.contentType("application/octet-stream")
		return nil
	case f.Ref.Shape.Kind == shapes.String:
		r.Body = []byte(v.String())
		r.contentType("text/plain")
		return nil
	}
	name, ns := f.Type.Shape.LocationName, f.Ref.XMLNamespace
	if f.Ref.LocationName != "" && f.Ref.LocationName != f.Ref.Name {
		name = f.Ref.LocationName
	}
	if name == "" {
		name = f.Type.Shape.Name
	}
	if ns.URI == "" {
		ns = f.Type.Shape.XMLNamespace
	}
	if svc.Name == "s3" {
		ns = shapes.Namespace{URI: s3Namespace}
	}
	var err error
	r.Body, err = xmlbody.AppendElement([]byte(xmlbody.Header), name, ns, f.Type, v, nil)
	r.contentType("application/xml")
	return err
}

// contentType sets the body's type when the answer does not carry one.
func (r *Response) contentType(ct string) {
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", ct)
	}
}

// Error writes an error in S3's form. t, when not nil, is the exception whose further members are written; resource is the path,
// hostID the second request id.
func Error(e *api.Error, t *shapes.Type, members reflect.Value, resource, requestID, hostID string) []byte {
	b := append([]byte(xmlbody.Header), "<Error>"...)
	b = textElement(b, "Code", e.Code)
	b = textElement(b, "Message", e.Message)
	names := make([]string, 0, len(e.Fields))
	for n := range e.Fields {
		if !strings.HasPrefix(n, "x-amz-") { // those are headers
			names = append(names, n)
		}
	}
	sort.Strings(names)
	for _, n := range names {
		b = textElement(b, n, e.Fields[n])
	}
	if t != nil {
		more, err := xmlbody.AppendMembers(b, t, members, func(f *shapes.Field) bool { return f.Name != "Message" && f.Ref.Location == "" })
		if err == nil {
			b = more
		}
	}
	if _, ok := e.Fields["Resource"]; !ok {
		b = textElement(b, "Resource", resource)
	}
	b = textElement(b, "RequestId", requestID)
	b = textElement(b, "HostId", hostID)
	return append(b, "</Error>"...)
}

func textElement(b []byte, name, text string) []byte {
	b = append(append(append(b, '<'), name...), '>')
	b = xmlbody.AppendText(b, text)
	return append(append(append(b, "</"...), name...), '>')
}

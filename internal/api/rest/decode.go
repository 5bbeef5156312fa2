package rest

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"penstock/internal/api/shapes"
)

// Document reads a document into a value of t's Go type.
type Document func(text []byte, t *shapes.Type, v reflect.Value, ref *shapes.Ref) error

// A Request is the part of an HTTP request that members come from.
type Request struct {
	Labels map[string]string
	Route  []string // query keys that chose the operation
	Query  url.Values
	Header http.Header
	Body   io.Reader
	Limit  int64 // of a body that is not streamed
}

// Decode reads a request into v, a structure of t's Go type. A query key or an x-amz- header that t has not is a *shapes.Unknown.
// A streamed body is handed over unread. document reads a body that is a document of the protocol; ref, when not nil, is the member that
// it is the value of.
func Decode(r *Request, t *shapes.Type, v reflect.Value, document Document) error {
	v = shapes.Settable(v)
	used := map[string]bool{}
	for _, f := range t.Fields {
		if f.Ref.Location == "" {
			continue
		}
		if err := bind(r, f, v, used); err != nil {
			return shapes.Below(f.Name, err)
		}
	}
	for _, f := range t.Fields { // after the named ones: these take what is left
		if f.Ref.Location == "querystring" && f.Ref.Shape.Kind == shapes.Map {
			if err := restOfQuery(r, f, v, used); err != nil {
				return shapes.Below(f.Name, err)
			}
		}
	}
	if err := strays(r, used); err != nil {
		return err
	}
	return body(r, t, v, document)
}

func bind(r *Request, f *shapes.Field, v reflect.Value, used map[string]bool) error {
	name := f.Ref.WireName()
	switch f.Ref.Location {
	case "uri":
		text, ok := r.Labels[name]
		if !ok {
			return nil
		}
		return shapes.SetText(f.In(v), text, f.Ref.Shape.Kind, f.Ref.Format(shapes.ISO8601))
	case "querystring":
		values, ok := r.Query[name]
		if !ok || f.Ref.Shape.Kind == shapes.Map {
			return nil
		}
		used["?"+name] = true
		if f.Ref.Shape.Kind == shapes.List {
			return setList(f, v, values, shapes.ISO8601)
		}
		if values[0] == "" && f.Ref.Shape.Kind != shapes.String {
			return nil
		}
		return shapes.In(f, values[0], shapes.SetText(f.In(v), values[0], f.Ref.Shape.Kind, f.Ref.Format(shapes.ISO8601)))
	case "header":
		used[strings.ToLower(name)] = true
		values := r.Header.Values(name)
		if len(values) == 0 {
			return nil
		}
		if f.Ref.Shape.Kind == shapes.List {
			if strings.TrimSpace(strings.Join(values, "")) == "" {
				return setList(f, v, nil, shapes.RFC822)
			}
			return setList(f, v, splitHeader(values, f.Ref), shapes.RFC822)
		}
		if f.Ref.JSONValue {
			raw, err := base64.StdEncoding.DecodeString(values[0])
			if err != nil {
				return shapes.In(f, values[0], shapes.Malformedf("not base64"))
			}
			values = []string{string(raw)}
		}
		text := anyCase(f.Ref.Shape, strings.Join(values, ","))
		err := shapes.SetText(f.In(v), text, f.Ref.Shape.Kind, f.Ref.Format(shapes.RFC822))
		if err != nil && anyText(name) {
			f.In(v).SetZero()
			return nil
		}
		return shapes.In(f, text, err)
	case "headers":
		return prefixed(r, f, v, used)
	}
	return nil
}

// anyCase gives the name of a checksum's algorithm, mode or type as the table has it: clients write Crc32 and enabled too.
func anyCase(s *shapes.Shape, text string) string {
	if !strings.HasPrefix(s.Name, "Checksum") {
		return text
	}
	for _, known := range s.Enum {
		if strings.EqualFold(known, text) {
			return known
		}
	}
	return text
}

// anyText reports whether a header of a date may hold another text, which leaves its member unset: HTTP has a server ignore conditions
// without a date (RFC 9110, 13.1.3 and 13.1.4), and S3 keeps Expires as it comes.
func anyText(header string) bool {
	return header == "If-Modified-Since" || header == "If-Unmodified-Since" || header == "Expires"
}

func setList(f *shapes.Field, v reflect.Value, values []string, format string) error {
	list := shapes.Settable(f.In(v))
	list.Set(reflect.MakeSlice(list.Type(), 0, len(values)))
	for _, text := range values {
		e := reflect.New(list.Type().Elem()).Elem()
		if err := shapes.SetText(e, text, f.Ref.Shape.Elem.Shape.Kind, f.Ref.Shape.Elem.Format(format)); err != nil {
			return err
		}
		list.Set(reflect.Append(list, e))
	}
	return nil
}

// splitHeader cuts a header's values at commas that stand outside quotes; dates of RFC 822 hold a comma themselves.
func splitHeader(values []string, ref *shapes.Ref) []string {
	all := strings.Join(values, ",")
	var out []string
	quoted, start := false, 0
	for i := 0; i < len(all); i++ {
		switch c := all[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			out = append(out, all[start:i])
			start = i + 1
		}
	}
	out = append(out, all[start:])
	if ref.Shape.Elem.Shape.Kind == shapes.Timestamp && ref.Shape.Elem.Format(shapes.RFC822) == shapes.RFC822 {
		var dates []string
		for i := 0; i+1 < len(out); i += 2 {
			dates = append(dates, out[i]+","+out[i+1])
		}
		out = dates
	}
	for i := range out {
		out[i] = unquote(strings.TrimSpace(out[i]))
	}
	return out
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	return strings.ReplaceAll(strings.ReplaceAll(s, `\"`, `"`), `\\`, `\`)
}

// prefixed fills a map from the headers with a prefix: x-amz-meta-.
func prefixed(r *Request, f *shapes.Field, v reflect.Value, used map[string]bool) error {
	m := shapes.Settable(f.In(v))
	prefix := strings.ToLower(f.Ref.LocationName)
	for name, values := range r.Header {
		rest, ok := strings.CutPrefix(strings.ToLower(name), prefix)
		if !ok || prefix == "" && used[strings.ToLower(name)] {
			continue
		}
		used[strings.ToLower(name)] = true
		if m.IsNil() {
			m.Set(reflect.MakeMap(m.Type()))
		}
		if err := setEntry(m, rest, values); err != nil {
			return err
		}
	}
	return nil
}

// setEntry sets a map's entry to the values, joined, or as a list.
func setEntry(m reflect.Value, key string, values []string) error {
	e := reflect.New(m.Type().Elem()).Elem()
	if e.Kind() != reflect.Slice {
		if err := shapes.SetText(e, strings.Join(values, ","), shapes.String, ""); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key), e)
		return nil
	}
	for _, v := range values {
		x := reflect.New(e.Type().Elem()).Elem()
		if err := shapes.SetText(x, v, shapes.String, ""); err != nil {
			return err
		}
		e.Set(reflect.Append(e, x))
	}
	m.SetMapIndex(reflect.ValueOf(key), e)
	return nil
}

func restOfQuery(r *Request, f *shapes.Field, v reflect.Value, used map[string]bool) error {
	m := shapes.Settable(f.In(v))
	for name, values := range r.Query {
		if used["?"+name] {
			continue
		}
		used["?"+name] = true
		if m.IsNil() {
			m.Set(reflect.MakeMap(m.Type()))
		}
		if err := setEntry(m, name, values); err != nil {
			return err
		}
	}
	return nil
}

// strays finds what the request sets that no member carries and that asks for something. Keys and headers of the signature, of the SDKs'
// bookkeeping and of the checksums (verified before) are the envelope's.
func strays(r *Request, used map[string]bool) error {
	for _, name := range r.Route {
		used["?"+name] = true
	}
	for name := range r.Query {
		n := strings.ToLower(name)
		if used["?"+name] || n == "x-id" || strings.HasPrefix(n, "x-amz-") {
			continue
		}
		return &shapes.Unknown{Path: "?" + name}
	}
	for name := range r.Header {
		n := strings.ToLower(name)
		if used[n] || !strings.HasPrefix(n, "x-amz-") || envelope(n) || shapes.AsksNothing(strings.ToLower(r.Header.Get(name))) {
			continue
		}
		return &shapes.Unknown{Path: n}
	}
	return nil
}

func envelope(header string) bool {
	switch header {
	case "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-trailer", "x-amz-decoded-content-length", "x-amz-user-agent",
		"x-amz-region-set", "x-amz-api-version", "x-amz-te", "x-amz-sdk-checksum-algorithm", "x-amz-checksum-mode":
		return true // of these, te and checksum-mode ask for what an answer may leave out
	case "x-amz-checksum-type", "x-amz-checksum-algorithm":
		return false
	}
	return strings.HasPrefix(header, "x-amz-checksum-") || strings.HasPrefix(header, "x-amz-sdk-")
}

func body(r *Request, t *shapes.Type, v reflect.Value, document Document) error {
	if p := t.Shape.Payload; p != "" {
		f := t.Member(p)
		if f == nil {
			return &shapes.Unknown{Path: p}
		}
		return payload(r, f, v, document)
	}
	if !hasBody(t) {
		return nil
	}
	text, err := readAll(r)
	if err != nil {
		return err
	}
	return document(text, t, v, nil)
}

func hasBody(t *shapes.Type) bool {
	for _, f := range t.Fields {
		if f.Ref.Location == "" {
			return true
		}
	}
	return false
}

func payload(r *Request, f *shapes.Field, v reflect.Value, document Document) error {
	dst := f.In(v)
	if dst.Kind() == reflect.Interface && f.Ref.Shape.Kind == shapes.Blob {
		if r.Body != nil {
			dst.Set(reflect.ValueOf(r.Body))
		}
		return nil
	}
	text, err := readAll(r)
	if err != nil || len(text) == 0 {
		return err
	}
	switch f.Ref.Shape.Kind {
	case shapes.Blob:
		shapes.Settable(dst).SetBytes(text)
		return nil
	case shapes.String:
		shapes.Settable(dst).SetString(string(text))
		return nil
	}
	return shapes.Below(f.Name, document(text, f.Type, dst, f.Ref))
}

// readAll reads a body that is not streamed; one above the limit is malformed.
func readAll(r *Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, r.Limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > r.Limit {
		return nil, shapes.Malformedf("the body is larger than %d bytes", r.Limit)
	}
	return text, nil
}

package api_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"penstock/internal/api/shapes"
)

// goStruct makes a struct type of a shape, as the SDK would have it; structures in themselves are unrolled five deep.
func goStruct(ref *shapes.Ref) reflect.Type {
	if ref == nil {
		return reflect.TypeFor[struct{}]()
	}
	return goType(ref, 5, true)
}

func goType(ref *shapes.Ref, depth int, top bool) reflect.Type {
	s := ref.Shape
	switch s.Kind {
	case shapes.Structure:
		if s.Document {
			return reflect.TypeFor[json.RawMessage]()
		}
		var fields []reflect.StructField
		for _, m := range s.Members {
			if m.Shape.Kind == shapes.Structure && depth == 0 || depth == 0 && (m.Shape.Kind == shapes.List || m.Shape.Kind == shapes.Map) {
				continue
			}
			t := goType(m, depth-1, false)
			if k := t.Kind(); k != reflect.Slice && k != reflect.Map && k != reflect.Interface {
				t = reflect.PointerTo(t)
			}
			fields = append(fields, reflect.StructField{Name: shapes.Upper(m.Name), Type: t})
		}
		return reflect.StructOf(fields)
	case shapes.List:
		return reflect.SliceOf(element(s.Elem, depth))
	case shapes.Map:
		return reflect.MapOf(reflect.TypeFor[string](), element(s.Value, depth))
	case shapes.Blob:
		if ref.Streaming || s.Name == "StreamingBlob" {
			return reflect.TypeFor[io.Reader]()
		}
		return reflect.TypeFor[[]byte]()
	case shapes.Boolean:
		return reflect.TypeFor[bool]()
	case shapes.Byte, shapes.Short, shapes.Integer:
		return reflect.TypeFor[int32]()
	case shapes.Long:
		return reflect.TypeFor[int64]()
	case shapes.Float:
		return reflect.TypeFor[float32]()
	case shapes.Double:
		return reflect.TypeFor[float64]()
	case shapes.Timestamp:
		return reflect.TypeFor[time.Time]()
	}
	return reflect.TypeFor[string]()
}

func element(ref *shapes.Ref, depth int) reflect.Type {
	t := goType(ref, depth, false)
	if k := t.Kind(); k == reflect.Slice || k == reflect.Map {
		return t
	}
	return reflect.PointerTo(t)
}

// generic turns a decoded value into maps, lists and scalars, as the cases' params are written.
func generic(t *shapes.Type, v reflect.Value, ref *shapes.Ref) any {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		var doc any
		json.Unmarshal(v.Bytes(), &doc)
		return doc
	case t.Shape.Kind == shapes.Structure:
		m := map[string]any{}
		for _, f := range t.Fields {
			if fv, ok := f.Of(v); ok {
				m[f.Ref.Name] = generic(f.Type, fv, f.Ref)
			}
		}
		return m
	case t.Shape.Kind == shapes.List:
		l := []any{}
		for i := range v.Len() {
			l = append(l, generic(t.Elem, v.Index(i), t.Shape.Elem))
		}
		return l
	case t.Shape.Kind == shapes.Map:
		m := map[string]any{}
		for it := v.MapRange(); it.Next(); {
			m[it.Key().String()] = generic(t.Value, it.Value(), t.Shape.Value)
		}
		return m
	}
	return scalarOf(v)
}

func scalarOf(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Time:
		return float64(x.UnixMilli()) / 1000
	case []byte:
		return string(x)
	case io.Reader:
		b, _ := io.ReadAll(x)
		return string(b)
	}
	switch v.Kind() {
	case reflect.Int32, reflect.Int64:
		return float64(v.Int())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return shapes.FormatFloat(f, 64)
		}
		if v.Kind() == reflect.Float32 {
			var f float64
			fmt.Sscan(fmt.Sprint(float32(v.Float())), &f)
			return f
		}
	}
	return v.Interface()
}

// normal drops what is null and empty documents' nil, so that values can be compared.
func normal(v any) any {
	switch x := v.(type) {
	case nil:
		return map[string]any{}
	case map[string]any:
		m := map[string]any{}
		for k, e := range x {
			if e != nil {
				m[k] = normalIn(e)
			}
		}
		return m
	}
	return v
}

func normalIn(v any) any {
	switch x := v.(type) {
	case map[string]any:
		return normal(x)
	case []any:
		l := []any{}
		for _, e := range x {
			l = append(l, normalIn(e))
		}
		return l
	case string:
		return instant(x)
	}
	return v
}

// altered changes one value.
func altered(v any) any {
	switch x := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		if len(keys) == 0 {
			return map[string]any{"altered": true}
		}
		sort.Strings(keys)
		m := map[string]any{}
		for k, e := range x {
			m[k] = e
		}
		m[keys[0]] = altered(x[keys[0]])
		return m
	case []any:
		if len(x) == 0 {
			return []any{"altered"}
		}
		return append([]any{altered(x[0])}, x[1:]...)
	case string:
		return x + "~"
	case float64:
		if x+1 != x {
			return x + 1
		}
	case bool:
		return !x
	}
	return "altered"
}

// fillFrom makes a Go value of a case's result.
func fillFrom(svc *shapes.Service, s *shapes.Shape, v reflect.Value, from any) error {
	return fillType(shapes.NewBinder(svc, nil).Bind(v.Type(), s), v, from)
}

func fillType(t *shapes.Type, v reflect.Value, from any) error {
	if from == nil {
		return nil
	}
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		b, err := json.Marshal(from)
		v.SetBytes(b)
		return err
	}
	v = shapes.Settable(v)
	switch t.Shape.Kind {
	case shapes.Structure:
		m, _ := from.(map[string]any)
		for k, e := range m {
			f := t.Member(k)
			if f == nil {
				return fmt.Errorf("no member %s", k)
			}
			if err := fillType(f.Type, f.In(v), e); err != nil {
				return err
			}
		}
		return nil
	case shapes.List:
		l, _ := from.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(l), len(l)))
		for i, e := range l {
			if err := fillType(t.Elem, v.Index(i), e); err != nil {
				return err
			}
		}
		return nil
	case shapes.Map:
		m, _ := from.(map[string]any)
		v.Set(reflect.MakeMap(v.Type()))
		for k, e := range m {
			ev := reflect.New(v.Type().Elem()).Elem()
			if err := fillType(t.Value, ev, e); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(k), ev)
		}
		return nil
	}
	return fillScalar(v, from)
}

func fillScalar(v reflect.Value, from any) error {
	switch x := from.(type) {
	case string:
		switch {
		case v.Kind() == reflect.Slice:
			v.SetBytes([]byte(x))
		case v.Kind() == reflect.Interface:
			v.Set(reflect.ValueOf(io.NopCloser(strings.NewReader(x))))
		case v.Kind() == reflect.Float32 || v.Kind() == reflect.Float64:
			f, err := shapes.ParseFloat(x)
			v.SetFloat(f)
			return err
		default:
			v.SetString(x)
		}
	case bool:
		v.SetBool(x)
	case float64:
		switch {
		case v.Type() == reflect.TypeFor[time.Time]():
			v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(x * 1000))).UTC()))
		case v.Kind() == reflect.Int32 || v.Kind() == reflect.Int64:
			v.SetInt(int64(x))
		default:
			v.SetFloat(x)
		}
	}
	return nil
}

// compareResponse compares an answer with the case's, bodies by meaning.
func compareResponse(protocol string, c wireCase, w *httptest.ResponseRecorder, alter bool) error {
	status := c.Response.Status
	if status == 0 {
		status = 200
	}
	if w.Code != status {
		return fmt.Errorf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	for k, want := range c.Response.Headers {
		if strings.EqualFold(k, "content-type") && w.Body.Len() == 0 || strings.EqualFold(k, "content-length") {
			continue
		}
		if got := headerOf(w.Header(), k); spaceless(instant(got)) != spaceless(instant(want)) {
			return fmt.Errorf("header %s is %q, want %q", k, got, want)
		}
	}
	got, err := meaning(protocol, w.Body.Bytes())
	if err != nil {
		return fmt.Errorf("own body: %w", err)
	}
	text := []byte(c.Response.Body)
	if strings.HasPrefix(protocol, "smithy") {
		if text, err = base64.StdEncoding.DecodeString(c.Response.Body); err != nil {
			return err
		}
	}
	want, err := meaning(protocol, text)
	if err != nil {
		return fmt.Errorf("the case's body: %w", err)
	}
	if alter {
		want = altered(want)
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("body\n%v, want\n%v", got, want)
	}
	return nil
}

// headerOf finds a header whatever the case of its name: S3's metadata is sent in lower case.
func headerOf(h http.Header, name string) string {
	for k, v := range h {
		if strings.EqualFold(k, name) {
			return strings.Join(v, ",")
		}
	}
	return ""
}

func spaceless(s string) string { return strings.ReplaceAll(s, " ", "") }

// meaning parses a body; nothing and an empty structure mean the same.
func meaning(protocol string, body []byte) (any, error) {
	if len(body) == 0 {
		return map[string]any{}, nil
	}
	switch {
	case strings.HasPrefix(protocol, "json"), protocol == "rest-json":
		var v any
		err := json.Unmarshal(body, &v)
		if err != nil && protocol == "rest-json" {
			return map[string]any{"text": string(body)}, nil // a payload that is no document
		}
		if m, ok := v.(map[string]any); ok && m["__type"] != nil { // clients take what stands behind the namespace
			name := m["__type"].(string)
			name, _, _ = strings.Cut(name, ":http")
			m["__type"] = name[strings.LastIndexByte(name, '#')+1:]
		}
		return normal(v), err
	case strings.HasPrefix(protocol, "smithy"):
		mode, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any](), TimeTag: cbor.DecTagIgnored}.DecMode()
		if err != nil {
			return nil, err
		}
		var v any
		err = mode.Unmarshal(body, &v)
		if m, ok := v.(map[string]any); ok && m["__type"] != nil { // clients take what stands behind the namespace
			m["__type"] = m["__type"].(string)[strings.LastIndexByte(m["__type"].(string), '#')+1:]
		}
		return normal(numbers(v)), err
	}
	n := xmlNode{}
	if err := xml.Unmarshal(body, &n); err != nil {
		if protocol == "rest-xml" {
			return map[string]any{"text": string(body)}, nil // a payload that is no XML
		}
		return nil, err
	}
	return n.generic(), nil
}

// numbers makes every CBOR number a float64, and NaN text.
func numbers(v any) any {
	switch x := v.(type) {
	case uint64:
		return float64(x)
	case int64:
		return float64(x)
	case float32:
		return numbers(float64(x))
	case float64:
		if math.IsNaN(x) {
			return "NaN"
		}
		return x
	case []byte:
		return "bytes " + string(x)
	case time.Time:
		return float64(x.UnixMilli()) / 1000
	case cbor.Tag:
		return numbers(x.Content)
	case map[string]any:
		for k, e := range x {
			x[k] = numbers(e)
		}
	case []any:
		for i, e := range x {
			x[i] = numbers(e)
		}
	}
	return v
}

type xmlNode struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Kids    []xmlNode  `xml:",any"`
}

// generic is the element as a map; the request's id, and the namespace declarations, are not compared.
func (n xmlNode) generic() any {
	m := map[string]any{"name": n.XMLName.Local, "text": strings.TrimSpace(n.Text)}
	if len(n.Kids) == 0 && strings.TrimSpace(n.Text) != "" {
		m["text"] = instant(n.Text)
	}
	for _, a := range n.Attrs {
		if a.Name.Local != "xmlns" && a.Name.Space != "xmlns" {
			m["@"+a.Name.Local] = a.Value
		}
	}
	byName := map[string][]any{}
	for _, k := range n.Kids {
		if k.XMLName.Local == "ResponseMetadata" || k.XMLName.Local == "RequestId" {
			continue
		}
		byName[k.XMLName.Local] = append(byName[k.XMLName.Local], k.generic())
	}
	for k, v := range byName {
		m["<"+k] = entriesSorted(v)
	}
	return m
}

// entriesSorted sorts what looks like the entries of a map: their order has no meaning.
func entriesSorted(l []any) []any {
	for _, e := range l {
		if len(e.(map[string]any)) != 4 { // name, text, key, value
			return l
		}
	}
	sort.Slice(l, func(i, j int) bool { return fmt.Sprint(l[i]) < fmt.Sprint(l[j]) })
	return l
}

// instant writes a timestamp in one form, so that forms of the same instant are equal; other text stays.
func instant(s string) string {
	if t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(s)); err == nil {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return s
}

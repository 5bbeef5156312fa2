package restxml

import (
	"reflect"
	"sort"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/rest"
	"penstock/internal/api/shapes"
	"penstock/internal/api/xmlbody"
)

// Encode writes the answer of an operation.
func Encode(svc *shapes.Service, op *shapes.Op, t *shapes.Type, v reflect.Value) (*rest.Response, error) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	r, document, has, err := rest.Encode(op, t, v)
	switch {
	case err != nil || !has:
		return r, err
	case document != nil:
		fv, _ := document.Of(v)
		return r, encodePayload(svc, op, r, document, fv)
	}
	return r, encodeBody(svc, op, r, t, v)
}

func encodeBody(svc *shapes.Service, op *shapes.Op, r *rest.Response, t *shapes.Type, v reflect.Value) error {
	if op.Text {
		fv, _ := t.Fields[0].Of(v)
		r.Body = append([]byte(xmlbody.Header), '<')
		r.Body = append(append(append(r.Body, op.Root...), ` xmlns="`...), svc.AnswerNamespace+`">`...)
		r.Body = append(append(xmlbody.AppendText(r.Body, fv.String()), "</"...), op.Root+">"...)
		r.Header.Set("Content-Type", "application/xml")
		return nil
	}
	var err error
	ns := t.Shape.XMLNamespace
	if svc.AnswerNamespace != "" {
		ns = shapes.Namespace{URI: svc.AnswerNamespace}
	}
	r.Body, err = xmlbody.AppendElement([]byte(xmlbody.Header), rootName(op, t), ns, t, v, rest.InBody)
	r.Header.Set("Content-Type", "application/xml")
	return err
}

// rootName is the name of an answer's root element.
func rootName(op *shapes.Op, t *shapes.Type) string {
	if op.Root != "" {
		return op.Root
	}
	if op.Output != nil && op.Output.LocationName != "" {
		return op.Output.LocationName
	}
	if t.Shape.LocationName != "" {
		return t.Shape.LocationName
	}
	return t.Shape.Name
}

func encodePayload(svc *shapes.Service, op *shapes.Op, r *rest.Response, f *shapes.Field, v reflect.Value) error {
	name, ns := f.Type.Shape.LocationName, f.Ref.XMLNamespace
	if f.Ref.LocationName != "" && f.Ref.LocationName != f.Ref.Name {
		name = f.Ref.LocationName
	}
	if name == "" {
		name = f.Type.Shape.Name
	}
	if op.Root != "" {
		name = op.Root
	}
	if ns.URI == "" {
		ns = f.Type.Shape.XMLNamespace
	}
	if svc.AnswerNamespace != "" {
		ns = shapes.Namespace{URI: svc.AnswerNamespace}
	}
	var err error
	r.Body, err = xmlbody.AppendElement([]byte(xmlbody.Header), name, ns, f.Type, v, nil)
	r.ContentType("application/xml")
	return err
}

// Error writes an error whose root is Error, S3's form. t, when not nil, is the exception whose further members are written;
// resource is the path, hostID the second request id.
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

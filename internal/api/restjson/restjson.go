package restjson

import (
	"reflect"

	"penstock/internal/api/awsjson"
	"penstock/internal/api/rest"
	"penstock/internal/api/shapes"
)

// Decode reads a request into v, a structure of t's Go type; see rest.Decode.
func Decode(r *rest.Request, t *shapes.Type, v reflect.Value) error {
	return rest.Decode(r, t, v, func(text []byte, t *shapes.Type, v reflect.Value, _ *shapes.Ref) error {
		return awsjson.Decode(text, t, v)
	})
}

// Encode writes the answer of an operation.
func Encode(op *shapes.Op, t *shapes.Type, v reflect.Value) (*rest.Response, error) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	r, document, has, err := rest.Encode(op, t, v)
	switch {
	case err != nil:
		return nil, err
	case document != nil && has:
		fv, _ := document.Of(v)
		r.Body, err = awsjson.Append(nil, document.Type, fv)
		r.ContentType("application/json")
	case document == nil && t.Shape.Payload == "":
		r.Body, err = awsjson.AppendMembers(nil, t, v, rest.InBody)
		r.ContentType("application/json")
	}
	return r, err
}

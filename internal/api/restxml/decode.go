package restxml

import (
	"reflect"

	"penstock/internal/api/rest"
	"penstock/internal/api/shapes"
	"penstock/internal/api/xmlbody"
)

// Decode reads a request into v, a structure of t's Go type; see rest.Decode.
func Decode(r *rest.Request, t *shapes.Type, v reflect.Value) error {
	return rest.Decode(r, t, v, xmlbody.Decode)
}

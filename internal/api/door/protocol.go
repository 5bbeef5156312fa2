package door

import (
	"context"
	"net/http"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/sigv4"
)

// A protocol is one of AWS's wire protocols.
type protocol struct {
	name string // as the shape tables have it
	// looks reports whether a request looks like this protocol: how one is picked of those that a service speaks. nil: it looks like any.
	looks func(*http.Request) bool
	// decode finds the operation that the request names, binds the call to it and reads its input: a pointer to the input's struct.
	decode func(*door, *call, *sigv4.Result) (any, error)
	// encode writes an answer. An error means that nothing has been sent.
	encode func(context.Context, *door, *call, any) error
	// stream writes an answer that is a stream of events; nil: the protocol has none. An error means that nothing has been sent.
	stream func(context.Context, *door, *call, *api.Stream) error
	// fail writes an error, whose status is set.
	fail        func(*door, *call, *exception)
	contentType func(*http.Request) string // of answers
	words       api.Words                  // that refuse a signature
}

// protocols are those that the door speaks. Where a service speaks several, an earlier one is looked for before a later one.
func protocols() []*protocol {
	fixed := func(ct string) func(*http.Request) string { return func(*http.Request) string { return ct } }
	return []*protocol{
		{"smithy-rpc-v2-cbor", looksCBOR, decodeCBOR, encodeCBOR, streamCBOR, failCBOR, fixed("application/cbor"), api.JSONWords},
		{"json", looksJSON, decodeJSON, encodeJSON, streamJSON, failJSON, jsonType, api.JSONWords},
		{"query", looksQuery, decodeQuery, encodeQuery, nil, failQuery, fixed("text/xml"), api.QueryWords},
		{"rest-xml", nil, decodeRESTXML, encodeRESTXML, nil, failRESTXML, fixed("application/xml"), api.ObjectWords},
		{"rest-json", nil, decodeRESTJSON, encodeRESTJSON, streamRESTJSON, failRESTJSON, fixed("application/json"), api.JSONWords},
	}
}

func looksCBOR(r *http.Request) bool {
	return r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" ||
		strings.HasPrefix(r.URL.Path, "/service/") && strings.Contains(r.Header.Get("Content-Type"), "cbor")
}

func looksJSON(r *http.Request) bool { return r.Header.Get("X-Amz-Target") != "" }

func looksQuery(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || r.URL.Query().Has("Action")
}

func jsonType(r *http.Request) string {
	if ct := r.Header.Get("Content-Type"); strings.HasPrefix(ct, "application/x-amz-json-1.0") {
		return "application/x-amz-json-1.0"
	}
	return "application/x-amz-json-1.1"
}

// protocolOf finds the protocol of a request: a service's only one, or what the request looks like. A request in a protocol that the
// service does not speak is answered in that protocol; one that names no service and looks like nothing else came over HTTP alone.
func (d *door) protocolOf(r *http.Request, service string) *protocol {
	svc, err := d.table.Shapes(service)
	if err == nil && d.named(svc.Protocol).looks == nil {
		return d.named(svc.Protocol)
	}
	for _, p := range d.protocols {
		if p.looks != nil && p.looks(r) && (service != "" || d.mayCall(r)) {
			return p
		}
	}
	switch {
	case err == nil:
		return d.named(svc.Protocol)
	case service == "":
		return d.named("rest-xml")
	}
	return d.named("json")
}

// mayCall reports whether a request that names no service may be a call of a protocol other than S3's, whatever its headers say: one that
// is posted, and not to a bucket or an object, or asks by its query alone.
func (d *door) mayCall(r *http.Request) bool {
	switch {
	case looksCBOR(r), looksJSON(r):
		return r.Method == http.MethodPost
	case r.Method == http.MethodPost || r.Method == http.MethodGet && r.URL.Query().Has("Action"):
		return r.URL.Path == "/" && d.hostLabel(r.Host, d.unsigned) == ""
	}
	return false
}

func (d *door) named(name string) *protocol {
	for _, p := range d.protocols {
		if p.name == name {
			return p
		}
	}
	return d.protocols[1]
}

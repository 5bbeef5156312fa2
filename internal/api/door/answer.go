package door

import (
	"errors"
	"hash/crc32"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/awsjson"
	"penstock/internal/api/cbor"
	"penstock/internal/api/query"
	"penstock/internal/api/restxml"
	"penstock/internal/api/shapes"
)

// ids sets the headers that name the request.
func (c *call) ids() {
	h := c.w.Header()
	if c.secondID {
		h.Set("X-Amz-Request-Id", c.id)
		h.Set("X-Amz-Id-2", hostID(c.id))
		return
	}
	h.Set("X-Amzn-Requestid", c.id)
}

// hostID is the second request id.
func hostID(id string) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(id))), 16)
}

func (c *call) send(status int, ct string, body []byte) {
	c.ids()
	h := c.w.Header()
	h.Set("Content-Type", ct)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		writeBody(c.w, c.r, body)
	}
}

// fail writes an error in the form of the call's protocol.
func (d *door) fail(c *call, err error) {
	var e *api.Error
	if !errors.As(err, &e) {
		if d.log != nil {
			d.log.ErrorContext(c.r.Context(), "request failed", "service", c.service, "op", c.op, "id", c.id, "err", err)
		}
		code := "InternalFailure"
		if c.proto.words == api.ObjectWords {
			code = "InternalError"
		}
		e = &api.Error{Code: code, Status: 500, Message: "We encountered an internal error. Please try again."}
	}
	x := d.exception(c, e)
	if x.status = e.Status; x.status == 0 {
		x.status = 400
	}
	c.proto.fail(d, c, x)
}

func failJSON(_ *door, c *call, x *exception) {
	x.alsoForQuery(c)
	c.send(x.status, c.proto.contentType(c.r), x.json())
}

func failCBOR(_ *door, c *call, x *exception) {
	x.alsoForQuery(c)
	c.w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	c.send(x.status, c.proto.contentType(c.r), x.cbor())
}

func failQuery(_ *door, c *call, x *exception) {
	c.send(x.status, c.proto.contentType(c.r), x.query(c))
}

// alsoForQuery says the error in a header in the words of the query protocol, where clients of a service may know those only.
func (x *exception) alsoForQuery(c *call) {
	if x.svc == nil || !x.svc.QueryCompatible {
		return
	}
	if x.shape != nil && x.status < 500 {
		x.status = 400 // the table's status is the query protocol's
	}
	side := "Sender"
	if x.status >= 500 {
		side = "Receiver"
	}
	c.w.Header().Set("X-Amzn-Query-Error", x.queryCode+";"+side)
}

// failRESTJSON names the error in a header: the body holds its members.
func failRESTJSON(_ *door, c *call, x *exception) {
	x.headers(c)
	c.w.Header().Set("X-Amzn-Errortype", x.name)
	c.send(x.status, c.proto.contentType(c.r), append(x.jsonMembers([]byte{'{'}), '}'))
}

func failRESTXML(_ *door, c *call, x *exception) {
	x.headers(c)
	if x.status == http.StatusNotModified || c.r.Method == http.MethodHead {
		c.ids()
		c.w.WriteHeader(x.status)
		return
	}
	if x.svc != nil && !x.svc.BareErrors {
		c.send(x.status, c.proto.contentType(c.r), x.query(c))
		return
	}
	c.send(x.status, c.proto.contentType(c.r), restxml.Error(x.Error, x.t, x.members, c.r.URL.Path, c.id, hostID(c.id)))
}

// headers sets those of an error's members that stand in headers.
func (x *exception) headers(c *call) {
	h := c.w.Header()
	for k, v := range x.Fields {
		if strings.HasPrefix(k, "x-amz-") { // x-amz-delete-marker stands in the header only
			h.Set(k, v)
		}
	}
	for k, v := range x.Header {
		h.Set(k, v)
	}
	for _, f := range x.fields() {
		if f.Ref.Location == "header" {
			fv, _ := f.Of(x.members)
			h.Set(f.Ref.WireName(), shapes.Text(fv, f.Ref.Shape.Kind, f.Ref.Format(shapes.RFC822)))
		}
	}
}

// An exception is an error with what its body needs.
type exception struct {
	*api.Error
	status    int
	svc       *shapes.Service
	shape     *shapes.Shape // nil: not in the table
	name      string        // the shape's name
	queryCode string
	t         *shapes.Type  // of the SDK's exception, or nil
	members   reflect.Value // of type t
}

func (d *door) exception(c *call, e *api.Error) *exception {
	x := &exception{Error: e, name: e.Code, queryCode: e.Code}
	svc, err := d.table.Shapes(c.service)
	if err != nil {
		return x
	}
	x.svc, x.shape = svc, svc.Exception(e.Code)
	if x.shape == nil {
		return x
	}
	x.name, x.queryCode = x.shape.Name, x.shape.Name
	if x.shape.ErrorCode != "" {
		x.queryCode = x.shape.ErrorCode
	}
	if v := reflect.ValueOf(e.Err); c.bound != nil && v.Kind() == reflect.Pointer && !v.IsNil() && v.Elem().Kind() == reflect.Struct &&
		v.Elem().Type().Name() == x.shape.Name {
		x.members, x.t = v.Elem(), c.bound.Bind(v.Elem().Type(), x.shape)
	}
	return x
}

// fields are the exception's own members that are present, without the message.
func (x *exception) fields() []*shapes.Field {
	if x.t == nil {
		return nil
	}
	var out []*shapes.Field
	for _, f := range x.t.Fields {
		if _, ok := f.Of(x.members); ok && f.Name != "Message" {
			out = append(out, f)
		}
	}
	return out
}

// messageName is how the exception calls its message: most services write it small.
func (x *exception) messageName() string {
	if x.shape != nil && x.shape.Member("Message") != nil {
		return "Message"
	}
	return "message"
}

func (x *exception) query(c *call) []byte {
	b, err := query.AppendError(nil, serviceOf(x, c), x.queryCode, x.Message, x.status < 500, c.id, x.t, x.members)
	if err != nil {
		b, _ = query.AppendError(nil, serviceOf(x, c), x.queryCode, x.Message, x.status < 500, c.id, nil, reflect.Value{})
	}
	return b
}

func serviceOf(x *exception, c *call) *shapes.Service {
	if x.svc != nil {
		return x.svc
	}
	return &shapes.Service{Name: c.service, Version: "2010-01-01"}
}

func (x *exception) json() []byte {
	return append(x.jsonMembers(awsjson.AppendString([]byte(`{"__type":`), x.name)), '}')
}

// jsonMembers appends the error's members to an object that has been begun.
func (x *exception) jsonMembers(b []byte) []byte {
	name := func(n string) {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(awsjson.AppendString(b, n), ':')
	}
	if x.Message != "" {
		name(x.messageName())
		b = awsjson.AppendString(b, x.Message)
	}
	for _, f := range x.fields() {
		if f.Ref.Location == "header" {
			continue
		}
		fv, _ := f.Of(x.members)
		name(f.JSON)
		more, err := awsjson.Append(b, f.Type, fv)
		if err != nil {
			more = append(b, "null"...)
		}
		b = more
	}
	return b
}

func (x *exception) cbor() []byte {
	b := []byte{0xbf}
	b = cbor.AppendText(b, "__type")
	b = cbor.AppendText(b, x.name)
	if x.Message != "" {
		b = cbor.AppendText(b, x.messageName())
		b = cbor.AppendText(b, x.Message)
	}
	for _, f := range x.fields() {
		fv, _ := f.Of(x.members)
		if more, err := cbor.Append(cbor.AppendText(b, f.Ref.Name), f.Type, fv); err == nil {
			b = more
		}
	}
	return append(b, 0xff)
}

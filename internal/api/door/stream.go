package door

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"

	"penstock/internal/api"
	"penstock/internal/api/awsjson"
	"penstock/internal/api/cbor"
	"penstock/internal/api/eventstream"
	"penstock/internal/api/rest"
	"penstock/internal/api/shapes"
)

// A codec appends a value of a type as a document of a protocol.
type codec func([]byte, *shapes.Type, reflect.Value) ([]byte, error)

// An events sends a stream of events.
type events struct {
	c     *call
	codec codec
	union *shapes.Shape
	flush func() error
}

// streamed sends an answer that is a stream, its first response as an event: how the protocols without headers for members do it. An error
// means that nothing has been sent.
func (d *door) streamed(ctx context.Context, c *call, s *api.Stream, write codec) error {
	e := &events{c: c, codec: write, union: streamOf(c.bound)}
	if e.union == nil {
		return fmt.Errorf("the output of %s has no stream of events", c.op)
	}
	first, err := write(nil, c.bound.Out, reflect.ValueOf(s.Out))
	if err != nil {
		return err
	}
	e.begin()
	if err := e.send("event", eventstream.EventType, "initial-response", c.proto.contentType(c.r), first); err == nil {
		d.events(ctx, e, s.Events)
	}
	return nil
}

func streamJSON(ctx context.Context, d *door, c *call, s *api.Stream) error {
	return d.streamed(ctx, c, s, awsjson.Append)
}

func streamCBOR(ctx context.Context, d *door, c *call, s *api.Stream) error {
	c.w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	return d.streamed(ctx, c, s, cbor.Append)
}

// streamRESTJSON sends the first response in headers.
func streamRESTJSON(ctx context.Context, d *door, c *call, s *api.Stream) error {
	e := &events{c: c, codec: awsjson.Append, union: streamOf(c.bound)}
	if e.union == nil {
		return fmt.Errorf("the output of %s has no stream of events", c.op)
	}
	first, _, _, err := rest.Encode(c.bound.Shape, c.bound.Out, reflect.ValueOf(s.Out).Elem())
	if err != nil {
		return err
	}
	maps.Copy(c.w.Header(), first.Header)
	e.begin()
	d.events(ctx, e, s.Events)
	return nil
}

// begin sends the head of the answer.
func (e *events) begin() {
	e.c.ids()
	e.c.w.Header().Set("Content-Type", eventstream.ContentType)
	e.c.w.WriteHeader(http.StatusOK)
	e.flush = http.NewResponseController(e.c.w).Flush
}

// events sends what comes, until it ends, fails, or the client is gone.
func (d *door) events(ctx context.Context, e *events, list api.Events) {
	for event, err := range list {
		if err == nil {
			err = e.event(event)
			if errors.Is(err, errGone) {
				return
			}
		}
		if err != nil {
			if ctx.Err() == nil {
				d.failStream(ctx, e, err)
			}
			return
		}
	}
}

// streamOf is the union of the events of an operation's output, or nil.
func streamOf(b *api.Bound) *shapes.Shape {
	if b.Shape == nil || b.Shape.Output == nil {
		return nil
	}
	for _, m := range b.Shape.Output.Shape.Members {
		if m.Shape.Events {
			return m.Shape
		}
	}
	return nil
}

// errGone says that the client takes no more.
var errGone = errors.New("the client is gone")

// event sends a member of the stream's union.
func (e *events) event(v any) error {
	name, value, ok := api.UnionMember(v)
	ref := e.union.MemberFor(name)
	if !ok || ref == nil {
		return fmt.Errorf("%T is no event of %s", v, e.union.Name)
	}
	t := e.c.bound.Bind(value.Type(), ref.Shape)
	ct, payload, err := e.payload(t, value)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return e.send("event", eventstream.EventType, ref.Name, ct, payload)
}

// payload is an event's document, or the member of it that is the payload alone.
func (e *events) payload(t *shapes.Type, v reflect.Value) (ct string, payload []byte, err error) {
	for _, f := range t.Fields {
		if f.Ref.EventHeader {
			return "", nil, fmt.Errorf("%s.%s stands in a header, which is not supported", t.Shape.Name, f.Name)
		}
		if !f.Ref.EventPayload {
			continue
		}
		fv, ok := f.Of(v)
		switch {
		case !ok:
			return "application/octet-stream", nil, nil
		case f.Ref.Shape.Kind == shapes.Blob:
			return "application/octet-stream", fv.Bytes(), nil
		case f.Ref.Shape.Kind == shapes.String:
			return "text/plain", []byte(fv.String()), nil
		}
		t, v = f.Type, fv
		break
	}
	payload, err = e.codec(nil, t, v)
	return e.c.proto.contentType(e.c.r), payload, err
}

func (e *events) send(kind, name, value, ct string, payload []byte) error {
	headers := []eventstream.Header{{Name: name, Value: value}, {Name: eventstream.PayloadType, Value: ct},
		{Name: eventstream.MessageType, Value: kind}}
	return e.write(headers, payload)
}

func (e *events) write(headers []eventstream.Header, payload []byte) error {
	b, err := eventstream.Append(nil, headers, payload)
	if err != nil {
		return err
	}
	if _, err := e.c.w.Write(b); err != nil {
		return errGone
	}
	if err := e.flush(); err != nil {
		return errGone
	}
	return nil
}

// failStream ends a stream with one of its exceptions, or with an error.
func (d *door) failStream(ctx context.Context, e *events, err error) {
	failure := d.table.Failure(ctx, e.c.service, e.c.op, err)
	x := d.exception(e.c, failure)
	if x.shape != nil {
		for _, m := range e.union.Members {
			if m.Shape == x.shape {
				e.send("exception", eventstream.ExceptionType, m.Name, "application/json",
					append(x.jsonMembers([]byte{'{'}), '}')) //nolint:errcheck // over anyway
				return
			}
		}
	}
	e.write([]eventstream.Header{{Name: eventstream.MessageType, Value: "error"}, {Name: eventstream.ErrorCode, Value: failure.Code},
		//nolint:errcheck // over anyway
		{Name: eventstream.ErrorMessage, Value: cut(failure.Message)}}, nil)
}

// cut keeps a message within a header.
func cut(s string) string {
	const most = 1024
	if len(s) > most {
		return s[:most]
	}
	return s
}

package api

import (
	"context"
	"iter"
)

// Events are the events of a stream. Each is a member of the stream's union as the SDK has it
// (*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent). An error ends the stream: one of the union's exceptions is sent as
// such, any other as an error; that the context has ended is no error.
type Events = iter.Seq2[any, error]

// A Stream is the answer of an operation that answers a stream.
type Stream struct {
	Out    any // the first response: a pointer to the operation's output
	Events Events
}

// HandleStream makes an Op whose answer is a stream of events after a first response. The context is good until the stream is over, and
// ends when the client goes or the server stops. Such an operation cannot be called but by HTTP.
func HandleStream[I, O any](fn func(context.Context, *I) (*O, Events, error), opts ...Option) Op {
	o := Handle(func(context.Context, *I) (*O, error) { return nil, nil }, append(opts, Waits(), Reads())...)
	o.Streams = true
	o.call = func(ctx context.Context, v any) (any, error) {
		out, events, err := fn(ctx, v.(*I))
		if err != nil {
			return nil, err
		}
		return &Stream{Out: out, Events: events}, nil
	}
	return o
}

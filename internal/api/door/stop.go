package door

import (
	"context"
	"errors"

	"penstock/internal/api"
)

type stopKey struct{}

// errStopping is why the context of a waiting call ends when the server stops.
var errStopping = errors.New("the server is stopping")

// WithStop returns a context for the requests of a server that stops when stop ends: calls of operations that wait end then.
func WithStop(ctx, stop context.Context) context.Context {
	return context.WithValue(ctx, stopKey{}, stop)
}

// waiting gives a call that waits a context that ends when the server stops too. Others may finish.
func waiting(ctx context.Context, op api.Op) (context.Context, func()) {
	stop, ok := ctx.Value(stopKey{}).(context.Context)
	if !ok || !op.Waits {
		return ctx, func() {}
	}
	ctx, end := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(stop, func() { end(errStopping) })
	return ctx, func() { unhook(); end(nil) }
}

// cutShort is the answer to a call that waited for nothing when the server stopped: clients ask again.
func cutShort(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errStopping) && errors.Is(err, context.Canceled) {
		return &api.Error{Code: "ServiceUnavailable", Status: 503, Message: "The server is stopping.", Err: err}
	}
	return err
}

package api

import (
	"context"
	"errors"

	"penstock/internal/api/shapes"
)

// An UnknownMember is a decoder's error: the request sets a member that the operation's input does not have.
type UnknownMember = shapes.Unknown

// sdkError is what the SDK's exception types have in common.
type sdkError interface {
	error
	ErrorCode() string
	ErrorMessage() string
}

// Failure gives an error that a service met while it answered the code and words that a client sees, as Invoke does.
func (t *Table) Failure(ctx context.Context, service, op string, err error) *Error {
	var e *Error
	if s, ok := t.services[service]; ok {
		err = t.mapError(ctx, s, op, err)
	}
	if !errors.As(err, &e) {
		e = &Error{Code: "InternalFailure", Status: 500, Op: op, Message: sorry, Err: err}
	}
	return e
}

// mapError gives every error that leaves the table a code. What carries none is our own failure: it is logged, and the client is
// told no more than that it happened.
func (t *Table) mapError(ctx context.Context, s *tableService, op string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		c := *e
		c.Op = op
		if c.Status == 0 {
			c.Status = 400
		}
		return &c
	}
	var w worded
	if errors.As(err, &w) {
		c := w.For(t.dialect(s).Signing)
		c.Op = op
		return c
	}
	var x sdkError
	if errors.As(err, &x) {
		return &Error{Code: x.ErrorCode(), Message: x.ErrorMessage(), Op: op, Status: t.statusOf(s, x.ErrorCode()), Err: x}
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Code: "RequestTimeout", Message: "The caller went away before the answer was ready.", Status: 400, Op: op, Err: err}
	}
	if t.log != nil {
		t.log.ErrorContext(ctx, "operation failed", "service", s.Name, "op", op, "err", err)
	}
	d := t.dialect(s)
	msg := d.Sorry
	if t.Explain != nil {
		if why := t.Explain(err); why != "" {
			msg = why
		}
	}
	return &Error{Code: d.Internal, Message: msg, Status: 500, Op: op, Err: err}
}

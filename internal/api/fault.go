package api

import (
	"context"
	"errors"
	"fmt"

	"penstock/internal/api/shapes"
)

// A dialect is how a service words the errors that are made before its handler runs.
type dialect struct {
	validation  string // a value breaks a constraint
	unknownOp   string
	unsupported string
	internal    string
	malformed   string // the body cannot be read
	status      int    // of unknownOp and unsupported
}

// dialectOf returns the error codes that a service uses for faults of the request itself.
func dialectOf(service string) dialect {
	json := dialect{"ValidationException", "UnknownOperationException", "ValidationException", "InternalFailure", "SerializationException", 400}
	query := dialect{"ValidationError", "InvalidAction", "ValidationError", "InternalFailure", "MalformedQueryString", 400}
	switch service {
	case "s3":
		return dialect{"InvalidArgument", "NotImplemented", "NotImplemented", "InternalError", "MalformedXML", 501}
	case "iam", "sts", "cloudformation":
		return query
	case "sns":
		query.validation, query.unsupported = "InvalidParameter", "InvalidParameter"
		return query
	case "monitoring":
		json.validation, json.unsupported = "ValidationError", "ValidationError"
		return json
	case "logs":
		json.validation, json.unsupported = "InvalidParameterException", "InvalidParameterException"
		return json
	case "glue":
		json.unsupported = "InvalidInputException"
		return json
	}
	return json
}

// UnknownOp is the answer to an operation that a service does not serve. It names the operation.
func UnknownOp(service, op string) *Error {
	d := dialectOf(service)
	return &Error{Code: d.unknownOp, Status: d.status, Op: op, Message: fmt.Sprintf("Penstock does not support the operation %s of %s yet", op, service)}
}

// Unsupported is the answer to a request that sets a member which the operation does not list. It names the member.
func Unsupported(service, op, path string) *Error {
	d := dialectOf(service)
	return &Error{Code: d.unsupported, Status: d.status, Op: op, Message: fmt.Sprintf("Penstock does not support %s.%s yet", op, path)}
}

// Invalid is the answer to a request that breaks a constraint of its shape, with AWS's text.
func Invalid(service, op, text string) *Error {
	if service == "sns" {
		text = "Invalid parameter: " + text
	}
	return &Error{Code: dialectOf(service).validation, Status: 400, Op: op, Message: text}
}

// Undecodable is the answer to a request that a codec could not read: an unknown member is refused by name, malformed bytes are
// called so in the service's words.
func Undecodable(service, op string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var w worded
	if errors.As(err, &w) {
		return w.For(service, false)
	}
	var u *shapes.Unknown
	if errors.As(err, &u) {
		return Unsupported(service, op, u.Path)
	}
	var m *shapes.Malformed
	if service == "s3" && errors.As(err, &m) && m.Argument != "" {
		return badArgument(op, m)
	}
	return &Error{Code: dialectOf(service).malformed, Status: 400, Op: op, Message: err.Error(), Err: err}
}

// badArgument is S3's answer to a header or a key of the query that holds what it cannot hold.
func badArgument(op string, m *shapes.Malformed) *Error {
	text := m.Argument + ": " + m.Text
	if m.Whole {
		text = "Provided " + m.Argument + " not an integer or within integer range"
	}
	return &Error{Code: "InvalidArgument", Status: 400, Op: op, Message: text, Err: m, Fields: map[string]string{"ArgumentName": m.Argument, "ArgumentValue": m.Value}}
}

// An UnknownMember is a decoder's error: the request sets a member that the operation's input does not have.
type UnknownMember = shapes.Unknown

// sdkError is what the SDK's exception types have in common.
type sdkError interface {
	error
	ErrorCode() string
	ErrorMessage() string
}

// worded is an error that words itself for a service: a body that is not what was signed, met while the handler reads it.
type worded interface {
	error
	For(service string, query bool) *Error
}

// mapError gives every error that leaves the table a code. What carries none is our own failure: it is logged, and the client is
// told no more than that it happened.
func (t *Table) mapError(ctx context.Context, service, op string, err error) error {
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
		c := w.For(service, false)
		c.Op = op
		return c
	}
	var x sdkError
	if errors.As(err, &x) {
		return &Error{Code: x.ErrorCode(), Message: x.ErrorMessage(), Op: op, Status: t.statusOf(service, x.ErrorCode()), Err: x}
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Code: "RequestTimeout", Message: "The caller went away before the answer was ready.", Status: 400, Op: op, Err: err}
	}
	if t.log != nil {
		t.log.ErrorContext(ctx, "operation failed", "service", service, "op", op, "err", err)
	}
	msg := "The request processing has failed because of an unknown error, exception or failure."
	if service == "s3" {
		msg = "We encountered an internal error. Please try again."
	}
	if t.Explain != nil {
		if why := t.Explain(err); why != "" {
			msg = why
		}
	}
	return &Error{Code: dialectOf(service).internal, Message: msg, Status: 500, Op: op, Err: err}
}

package api

import (
	"errors"
	"fmt"

	"penstock/internal/api/shapes"
)

// A Dialect is how a service words the errors that are made before its handler runs, and those that only we can cause.
type Dialect struct {
	Validation  string // the code of a value that breaks a constraint
	UnknownOp   string
	Unsupported string // a member that is not served
	Malformed   string // a body that cannot be read
	Internal    string
	Status      int    // of UnknownOp and Unsupported
	Prefix      string // stands before the text of a validation
	Sorry       string // the text of an internal error
	// Document is the text of a document that cannot be read or breaks a constraint, with the code Malformed; "" tells what is wrong.
	Document string
	// Argument is the code of a header or a key of the query that holds what it cannot hold; "" words it as Malformed.
	Argument string
	// Signing says in whose words a signature is refused.
	Signing Words
}

// Words are the ways in which services refuse a signature.
type Words int

// The ways.
const (
	JSONWords   Words = iota // of services that speak JSON or CBOR
	QueryWords               // of the query protocol
	ObjectWords              // of S3
)

const sorry = "The request processing has failed because of an unknown error, exception or failure."

// JSONDialect is that of most services that speak JSON or CBOR.
func JSONDialect() Dialect {
	return Dialect{Validation: "ValidationException", UnknownOp: "UnknownOperationException", Unsupported: "ValidationException",
		Malformed: "SerializationException", Internal: "InternalFailure", Status: 400, Sorry: sorry}
}

// QueryDialect is that of most services that speak the query protocol.
func QueryDialect() Dialect {
	return Dialect{Validation: "ValidationError", UnknownOp: "InvalidAction", Unsupported: "ValidationError",
		Malformed: "MalformedQueryString", Internal: "InternalFailure", Status: 400, Sorry: sorry, Signing: QueryWords}
}

// XMLDialect is that of services that speak rest-xml.
func XMLDialect() Dialect {
	return Dialect{Validation: "InvalidArgument", UnknownOp: "NotImplemented", Unsupported: "NotImplemented", Malformed: "MalformedXML",
		Internal: "InternalError", Status: 501, Argument: "InvalidArgument", Signing: ObjectWords,
		Document: "The XML you provided was not well-formed or did not validate against our published schema",
		Sorry:    "We encountered an internal error. Please try again."}
}

// dialectOf is the dialect of the services that speak a protocol.
func dialectOf(protocol string) Dialect {
	switch protocol {
	case "query":
		return QueryDialect()
	case "rest-xml":
		return XMLDialect()
	}
	return JSONDialect()
}

// UnsupportedOp is the answer to an operation that a service does not serve. It names the operation.
func (d Dialect) UnsupportedOp(service, op string) *Error {
	return &Error{Code: d.UnknownOp, Status: d.Status, Op: op,
		Message: fmt.Sprintf("Penstock does not support the operation %s of %s yet", op, service)}
}

// UnsupportedMember is the answer to a request that sets a member which the operation does not list. It names the member.
func (d Dialect) UnsupportedMember(op, path string) *Error {
	return &Error{Code: d.Unsupported, Status: d.Status, Op: op, Message: fmt.Sprintf("Penstock does not support %s.%s yet", op, path)}
}

// Invalid is the answer to a request that breaks a constraint of its shape, with AWS's text.
func (d Dialect) Invalid(op, text string) *Error {
	return &Error{Code: d.Validation, Status: 400, Op: op, Message: d.Prefix + text}
}

// Undecodable is the answer to a request that a codec could not read: an unknown member is refused by name, malformed bytes are
// called so in the service's words.
func (d Dialect) Undecodable(op string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var w worded
	if errors.As(err, &w) {
		return w.For(d.Signing)
	}
	var u *shapes.Unknown
	if errors.As(err, &u) {
		return d.UnsupportedMember(op, u.Path)
	}
	var m *shapes.Malformed
	if d.Argument != "" && errors.As(err, &m) && m.Argument != "" {
		return d.badArgument(op, m)
	}
	text := d.Document
	if text == "" {
		text = err.Error()
	}
	return &Error{Code: d.Malformed, Status: 400, Op: op, Message: text, Err: err}
}

// badArgument is the answer to a header or a key of the query that holds what it cannot hold.
func (d Dialect) badArgument(op string, m *shapes.Malformed) *Error {
	text := m.Argument + ": " + m.Text
	if m.Whole {
		text = "Provided " + m.Argument + " not an integer or within integer range"
	}
	return &Error{Code: d.Argument, Status: 400, Op: op, Message: text, Err: m,
		Fields: map[string]string{"ArgumentName": m.Argument, "ArgumentValue": m.Value}}
}

// worded is an error that words itself for a service: a body that is not what was signed, met while the handler reads it.
type worded interface {
	error
	For(Words) *Error
}

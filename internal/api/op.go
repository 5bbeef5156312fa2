package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// A Service is the set of operations that one AWS service answers here.
type Service struct {
	// Name is the key of the service's shape table and of Invoke. It equals the SigV4 signing name: "monitoring" for CloudWatch. The shape
	// table says which protocols the service speaks.
	Name string
	// SDK is the service's name in AWS's SDK for Java, "CloudWatchLogs": Step Functions calls it by that name in small letters and puts it
	// before the names of its errors.
	SDK string
	// Dialect is how the service words faults of the request itself; nil is that of its first protocol.
	Dialect *Dialect
	// Hosts are the ends of hosts that have the first part of the path before them: ".s3.localhost" in http://bucket.s3.localhost/key.
	Hosts []string
	// Form is the operation that a form means which a browser posts to the first part of a path; "": none.
	Form string
	// SecondID says that answers carry x-amz-request-id and x-amz-id-2; clients name both of an error.
	SecondID bool
	// Global says that the service has no regions: clients sign for us-east-1 wherever they are, or for their own.
	Global bool
	// Unsigned says that a request without a readable signature that looks like no other service's came for this one.
	Unsigned bool
	Ops      []Op
	// Access says what the operations ask of IAM.
	Access Access
	// Guard, when set, decides the calls. A service with one is asked by strangers too.
	Guard Guard
	// Unions declares the union types that occur in Ops.
	Unions []Union
	// Plain, when set, is the short way for plain requests.
	Plain *Plain
	Cross Cross
	// Misroute, when set, is asked about each request before its signature is looked at, with the first part of the path and the rest: an
	// error is the answer to what is no operation's request.
	Misroute func(r *http.Request, first, rest string, query url.Values) *Error
}

// A Cross is what browsers of another origin are told: the headers of the answer to a request about a resource, the first part of the path,
// and the refusal of OPTIONS, which is asked without a signature.
type Cross func(ctx context.Context, r *http.Request, resource string) (http.Header, error)

// An Op is one operation: its name, the types of its input and output, the handler, and what it does with each input member.
type Op struct {
	Name    string
	In, Out reflect.Type // the struct types, not pointers
	Members []Member
	Neutral []Neutral
	call    func(context.Context, any) (any, error)
	keep    func(context.Context, any) (any, error) // of Keeps
	effect  effect                                  // unknown when the name tells
	// Body is the most bytes of a request's body; 0 means DefaultBody.
	Body int64
	// Waits says that a call may wait for something to happen; the context that it is given ends when the server stops.
	Waits bool
	// Streams says that the answer is a *Stream.
	Streams bool
	// Own says that AWS has no such operation: it is for programs of Penstock's own.
	Own bool
}

// A Member says what an operation does with a member of its input.
type Member struct {
	// Path names the member by Go field names: "Name", "TableInput.StorageDescriptor.Columns[].Name", "Tags{}" for a map's
	// values. A trailing ".*" covers everything below ("TableInput.*").
	Path string
	// Inert is empty for a member that is honoured; otherwise it says why it has no effect ("stored and returned").
	Inert string
}

// An Option adds to the description of an Op.
type Option func(*Op)

// Honours lists members whose value changes what the operation does or answers.
func Honours(paths ...string) Option {
	return func(o *Op) {
		for _, p := range paths {
			o.Members = append(o.Members, Member{Path: p})
		}
	}
}

// Inert lists a member that is accepted without effect, with the reason that docs/coverage.md prints.
func Inert(path, reason string) Option {
	return func(o *Op) { o.Members = append(o.Members, Member{Path: path, Inert: reason}) }
}

// DefaultBody is the most bytes of a request's body where an operation says nothing else.
const DefaultBody = 16 << 20

// Body sets the most bytes of a request's body.
func Body(limit int64) Option { return func(o *Op) { o.Body = limit } }

// Waits says that a call may wait for something to happen: a long poll. When the server stops, the context that such a call is given ends
// at once, while other calls may finish.
func Waits() Option { return func(o *Op) { o.Waits = true } }

// Own says that AWS has no such operation: it is for programs of Penstock's own, such as the library of jobs' scripts. Its name begins with
// "Penstock", so that it never is one of AWS's; its shapes are those of its Go types.
func Own() Option { return func(o *Op) { o.Own = true } }

// MaxBody is the most bytes of a request's body.
func (o Op) MaxBody() int64 {
	if o.Body > 0 {
		return o.Body
	}
	return DefaultBody
}

// Handle makes an Op of a handler. The operation's name is the input type's name without "Input".
func Handle[I, O any](fn func(context.Context, *I) (*O, error), opts ...Option) Op {
	in, out := reflect.TypeFor[I](), reflect.TypeFor[O]()
	o := Op{Name: strings.TrimSuffix(in.Name(), "Input"), In: in, Out: out}
	o.call = func(ctx context.Context, v any) (any, error) {
		p, ok := v.(*I)
		if !ok {
			return nil, fmt.Errorf("%s called with %T, want *%s", o.Name, v, in)
		}
		r, err := fn(ctx, p)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Before returns the operation with a check that its handlers wait for; the error of the check is the answer.
func (o Op) Before(check func(ctx context.Context, in any) error) Op {
	after := func(handler func(context.Context, any) (any, error)) func(context.Context, any) (any, error) {
		if handler == nil {
			return nil
		}
		return func(ctx context.Context, in any) (any, error) {
			if err := check(ctx, in); err != nil {
				return nil, err
			}
			return handler(ctx, in)
		}
	}
	o.call, o.keep = after(o.call), after(o.keep)
	return o
}

// Call runs the handler. in is a pointer to a value of type In; the answer is a pointer to one of type Out.
func (o Op) Call(ctx context.Context, in any) (any, error) { return o.call(ctx, in) }

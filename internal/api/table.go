package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"

	"penstock/internal/api/shapes"
)

// A Table is every operation of every service: what the HTTP handler, the state machines, CloudFormation and the children call.
type Table struct {
	// Explain, when set, says in words for the caller what an internal error means, "" when it does not know. The server sets it.
	Explain func(error) string
	// Once runs do, which gives the answer of a call with a token, in one transaction with that answer; a repeat of the call is given the
	// first answer and do does not run. request is what is asked for, nil when that is not known as text. The server sets it; without it
	// tokens have no effect.
	Once func(ctx context.Context, token, service, op string, request []byte,
		do func(context.Context) ([]byte, error)) (answer []byte, repeated bool, err error)

	// Authorize, when set, is asked before the handler of every call runs, once for each thing that the call asks; its error is the answer.
	Authorize func(context.Context, Request) error
	// Region is where the resources of calls lie, in the names that Authorize is given.
	Region string

	services map[string]*tableService
	shapes   *shapes.Set
	log      *slog.Logger
}

type tableService struct {
	Service
	ops    map[string]*tableOp
	unions Unions
	body   int64 // the most bytes that any of its operations takes
	once   sync.Once
	shape  *shapes.Service
	binder *shapes.Binder
	err    error
}

type tableOp struct {
	Op
	covers  func() *cover // made at the first call
	neutral *neutral
	keeping *tableOp  // the same operation with the handler of Keeps
	once    sync.Once // binds in and out
	in, out *shapes.Type

	accessOnce sync.Once
	access     granted
}

// NewTable makes a table of services. A service without a name, or an operation listed twice, is a mistake of the program: the
// later one wins and apitest.Check reports it.
func NewTable(services []Service, log *slog.Logger) *Table {
	t := &Table{services: map[string]*tableService{}, shapes: shapes.NewSet(), log: log}
	t.Add(services...)
	return t
}

// Add puts further services into the table. It is for the time before the first call: services are made with the table that they will
// be in as their Invoker.
func (t *Table) Add(services ...Service) {
	for _, s := range services {
		ts := &tableService{Service: s, ops: map[string]*tableOp{}, unions: unionsOf(s.Unions), body: DefaultBody}
		for _, op := range s.Ops {
			ts.body = max(ts.body, op.Body)
			ts.ops[op.Name] = &tableOp{Op: op, covers: coverOf(op.In, op.Members, ts.unions), neutral: neutralOf(op.Neutral),
				keeping: keeping(op, ts.unions)}
		}
		t.services[s.Name] = ts
	}
}

// Services lists the services of the table, in no particular order.
func (t *Table) Services() []Service {
	var out []Service
	for _, s := range t.services {
		out = append(out, s.Service)
	}
	return out
}

// Service returns a service by its SigV4 signing name.
func (t *Table) Service(name string) (Service, bool) {
	s, ok := t.services[name]
	if !ok {
		return Service{}, false
	}
	return s.Service, true
}

// MaxBody is the most bytes of a body that any operation of a service takes.
func (t *Table) MaxBody(service string) int64 {
	if s, ok := t.services[service]; ok {
		return s.body
	}
	return DefaultBody
}

// SDK returns the service that an SDK calls by a name in small letters: "cloudwatchlogs".
func (t *Table) SDK(name string) (Service, bool) {
	for _, s := range t.services {
		if s.SDK != "" && strings.ToLower(s.SDK) == name {
			return s.Service, true
		}
	}
	return Service{}, false
}

// Dialect returns how a service words its faults.
func (t *Table) Dialect(service string) Dialect {
	if s, ok := t.services[service]; ok {
		return t.dialect(s)
	}
	return JSONDialect()
}

func (t *Table) dialect(s *tableService) Dialect {
	switch {
	case s.Service.Dialect != nil:
		return *s.Service.Dialect
	case t.load(s) != nil:
		return JSONDialect()
	}
	return dialectOf(s.shape.Protocol)
}

// Op returns an operation of a service, or an error of that service's form that names it.
func (t *Table) Op(service, op string) (Op, error) {
	_, o, err := t.find(service, op)
	if err != nil {
		return Op{}, err
	}
	return o.Op, nil
}

// Unions returns the union types that a service has declared.
func (t *Table) Unions(service string) Unions {
	if s, ok := t.services[service]; ok {
		return s.unions
	}
	return nil
}

func (t *Table) find(service, op string) (*tableService, *tableOp, error) {
	s, ok := t.services[service]
	if !ok {
		return nil, nil, &Error{Code: "UnknownService", Status: 400, Op: op, Message: fmt.Sprintf("Penstock does not serve %q yet", service)}
	}
	o, ok := s.ops[op]
	if !ok && op != "" {
		o, ok = s.ops[strings.ToUpper(op[:1])+op[1:]]
	}
	if !ok {
		return nil, nil, t.dialect(s).UnsupportedOp(service, op)
	}
	return s, o, nil
}

// Invoke implements Invoker.
func (t *Table) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	s, o, err := t.find(service, op)
	if err != nil {
		return nil, err
	}
	raw, isRaw := in.(json.RawMessage)
	if !isRaw {
		return t.run(ctx, s, o, in, nil)
	}
	if o.Streams {
		return nil, &Error{Code: t.dialect(s).UnknownOp, Status: 400, Op: o.Name,
			Message: o.Name + " answers a stream of events: it can be called by HTTP only"}
	}
	v := reflect.New(o.In)
	if err := DecodeRaw(raw, v.Interface(), s.unions); err != nil {
		return nil, t.dialect(s).Undecodable(o.Name, err)
	}
	out, err := t.run(ctx, s, o, v.Interface(), raw)
	if err != nil {
		return nil, err
	}
	enc, err := EncodeRaw(out)
	if err != nil {
		return nil, t.mapError(ctx, s, o.Name, fmt.Errorf("encode the answer: %w", err))
	}
	return enc, nil
}

// run is the chain that every call passes: caller known, members known, constraints kept, caller authorised, handler, error named.
func (t *Table) run(ctx context.Context, s *tableService, o *tableOp, in any, raw json.RawMessage) (any, error) {
	p, ok := PrincipalOf(ctx)
	if !ok {
		return nil, t.mapError(ctx, s, o.Name, fmt.Errorf("call of %s.%s without a principal", s.Name, o.Name))
	}
	if reflect.TypeOf(in) != reflect.PointerTo(o.In) {
		return nil, t.mapError(ctx, s, o.Name, fmt.Errorf("%s.%s called with %T, want *%s", s.Name, o.Name, in, o.In))
	}
	if path := o.covers().refuse(reflect.ValueOf(in).Elem(), o.neutral); path != "" {
		return nil, t.dialect(s).UnsupportedMember(o.Name, path)
	}
	if err := t.check(s, o, in); err != nil {
		return nil, t.mapError(ctx, s, o.Name, err)
	}
	ctx, err := t.authorize(ctx, p, s, o, in)
	if err != nil {
		return nil, t.mapError(ctx, s, o.Name, err)
	}
	out, err := t.once(ctx, s, o, in, raw)
	if err != nil {
		return nil, t.mapError(ctx, s, o.Name, err)
	}
	return out, nil
}

// call runs the handler; a panic in it becomes an error, so that one request cannot take the process with it.
func (t *Table) call(ctx context.Context, s *tableService, o *tableOp, in any) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return o.Call(ctx, in)
}

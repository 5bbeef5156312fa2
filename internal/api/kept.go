package api

import (
	"context"
	"fmt"
	"sync/atomic"
)

// A Kept is an answer that its service keeps as long as what it was made of is the newest, with its text as the wire has it: what is asked
// again and again is not made again. Nobody changes it.
type Kept struct {
	Out  any // a pointer to the operation's output
	text atomic.Pointer[[]byte]
}

// Text returns the answer's text, which write makes when it is asked for first.
func (k *Kept) Text(write func(out any) ([]byte, error)) ([]byte, error) {
	if text := k.text.Load(); text != nil {
		return *text, nil
	}
	text, err := write(k.Out)
	if err == nil {
		k.text.Store(&text)
	}
	return text, err
}

// Keeps gives an operation a second handler, for who writes its answer on: its answer is one that is kept.
func Keeps[I any](fn func(context.Context, *I) (*Kept, error)) Option {
	return func(o *Op) {
		name := o.Name
		o.keep = func(ctx context.Context, v any) (any, error) {
			in, ok := v.(*I)
			if !ok {
				return nil, fmt.Errorf("%s called with %T, want *%s", name, v, name)
			}
			k, err := fn(ctx, in)
			if err != nil {
				return nil, err
			}
			return k, nil
		}
	}
}

// Answer is Invoke of a decoded input for who writes the answer on. That of an operation with Keeps is a *Kept.
func (t *Table) Answer(ctx context.Context, service, op string, in any) (any, error) {
	s, o, err := t.find(service, op)
	if err != nil {
		return nil, err
	}
	if o.keeping != nil {
		o = o.keeping
	}
	return t.run(ctx, s, o, in, nil)
}

// Keeps reports whether an operation of a service has answers that are kept. It changes nothing.
func (t *Table) Keeps(service, op string) bool {
	s, ok := t.services[service]
	if !ok {
		return false
	}
	o, ok := s.ops[op]
	return ok && o.keeping != nil
}

// keeping is the entry of an operation's second handler, nil without one.
func keeping(op Op, unions Unions) *tableOp {
	if op.keep == nil {
		return nil
	}
	op.call = op.keep
	return &tableOp{Op: op, covers: coverOf(op.In, op.Members, unions), neutral: neutralOf(op.Neutral)}
}

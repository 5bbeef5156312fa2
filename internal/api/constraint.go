package api

import (
	"reflect"

	"penstock/internal/api/shapes"
)

// load reads the service's shape table once, when it is first needed.
func (t *Table) load(s *tableService) error {
	s.once.Do(func() {
		s.shape, s.err = t.shapes.Service(s.Name)
		if s.err == nil {
			s.binder = shapes.NewBinder(s.shape, func(u reflect.Type, _ *shapes.Shape) map[string]reflect.Type { return s.unions[u] })
		}
	})
	return s.err
}

// Shapes returns the shape table of a service of this Table.
func (t *Table) Shapes(service string) (*shapes.Service, error) {
	s, ok := t.services[service]
	if !ok {
		return nil, t.Dialect(service).UnsupportedOp(service, "")
	}
	if err := t.load(s); err != nil {
		return nil, err
	}
	return s.shape, nil
}

// Bound is an operation with what its codecs need: its entry in the shape table (nil when newer than the table) and its bound types.
type Bound struct {
	Op      Op
	Shape   *shapes.Op
	Service *shapes.Service
	In, Out *shapes.Type
	binder  *shapes.Binder
}

// Bind returns the bound type of any further struct of the service: an exception's members.
func (b *Bound) Bind(t reflect.Type, s *shapes.Shape) *shapes.Type { return b.binder.Bind(t, s) }

// Bound looks an operation up for a codec.
func (t *Table) Bound(service, op string) (*Bound, error) {
	s, o, err := t.find(service, op)
	if err != nil {
		return nil, err
	}
	if err := t.load(s); err != nil {
		return nil, err
	}
	in, out := t.types(s, o)
	return &Bound{Op: o.Op, Shape: s.shape.Ops[o.Name], Service: s.shape, In: in, Out: out, binder: s.binder}, nil
}

func (t *Table) types(s *tableService, o *tableOp) (in, out *shapes.Type) {
	o.once.Do(func() {
		var si, so *shapes.Shape
		if op := s.shape.Ops[o.Name]; op != nil {
			if op.Input != nil {
				si = op.Input.Shape
			}
			if op.Output != nil {
				so = op.Output.Shape
			}
		}
		o.in, o.out = s.binder.Bind(o.In, si), s.binder.Bind(o.Out, so)
	})
	return o.in, o.out
}

// check holds the input against the constraints of its shape: required, length, range, enum, pattern.
func (t *Table) check(s *tableService, o *tableOp, in any) error {
	if err := t.load(s); err != nil {
		return err
	}
	bt, _ := t.types(s, o)
	v := reflect.ValueOf(in).Elem()
	text := shapes.Validate(bt, v)
	if text == "" {
		return nil
	}
	if d := t.dialect(s); d.Document != "" && shapes.BreaksDocument(bt, v) {
		return &Error{Code: d.Malformed, Status: 400, Op: o.Name, Message: d.Document}
	}
	return t.dialect(s).Invalid(o.Name, text)
}

// statusOf is the HTTP status of an exception.
func (t *Table) statusOf(s *tableService, code string) int {
	if t.load(s) != nil {
		return 400
	}
	switch x := s.shape.Exception(code); {
	case x == nil:
		return 400
	case x.Status != 0:
		return x.Status
	case x.Fault:
		return 500
	}
	return 400
}

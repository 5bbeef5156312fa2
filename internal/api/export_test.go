package api

import (
	"context"
	"reflect"

	"penstock/internal/api/shapes"
)

// NewOp makes an operation of any types; the round-trip test has them from reflection only.
func NewOp(name string, in, out reflect.Type, call func(context.Context, any) (any, error)) Op {
	o := Op{Name: name, In: in, Out: out, call: call}
	for _, f := range Fields(in) {
		o.Members = append(o.Members, Member{Path: f.Name + ".*"})
	}
	return o
}

// PutShapes gives the table another shape table for a service.
func (t *Table) PutShapes(svc *shapes.Service) { t.shapes.Put(svc) }

// Relax takes the constraints off a service's shapes, so that random values pass.
func (t *Table) Relax(service string) error {
	svc, err := t.Shapes(service)
	if err != nil {
		return err
	}
	for _, s := range svc.Shapes {
		s.Enum, s.Min, s.Max, s.Pattern = nil, nil, nil, ""
	}
	svc.DropPatterns()
	return nil
}

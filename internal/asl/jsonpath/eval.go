package jsonpath

import (
	"slices"

	"penstock/internal/asl/value"

	"github.com/theory/jsonpath/spec"
)

// Get evaluates the path below root, which is what the path's Root stands for. A path that can select many nodes answers an array,
// which may be empty; ok is false when a definite path leads nowhere.
func (p *Path) Get(root value.Value) (v value.Value, ok bool) {
	if p.query != nil {
		return p.many(root), true
	}
	return follow(root, p.steps)
}

func follow(v value.Value, steps []step) (value.Value, bool) {
	for _, s := range steps {
		switch x := v.(type) {
		case *value.Object:
			if s.isIndex {
				return nil, false
			}
			m, ok := x.Get(s.name)
			if !ok {
				return nil, false
			}
			v = m
		case []value.Value:
			i := s.index
			if i < 0 {
				i += len(x)
			}
			if !s.isIndex || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func (p *Path) many(root value.Value) value.Value {
	nodes := p.query.SelectLocated(plain(root))
	type found struct {
		at []int
		v  value.Value
	}
	list := make([]found, 0, len(nodes))
	for _, n := range nodes {
		f := found{v: root}
		for _, sel := range n.Path {
			switch s := sel.(type) {
			case spec.Name:
				o := f.v.(*value.Object)
				i := slices.IndexFunc(o.Keys(), func(k string) bool { return k == string(s) })
				f.at = append(f.at, i)
				_, f.v = o.At(i)
			case spec.Index:
				f.at = append(f.at, int(s))
				f.v = f.v.([]value.Value)[int(s)]
			}
		}
		list = append(list, f)
	}
	if p.order { // Go maps have no order; the document has
		slices.SortStableFunc(list, func(a, b found) int { return slices.Compare(a.at, b.at) })
	}
	out := make([]value.Value, len(list))
	for i, f := range list {
		out[i] = f.v
	}
	return out
}

// plain is a value in the form that the RFC implementation reads.
func plain(v value.Value) any {
	switch x := v.(type) {
	case *value.Object:
		m := make(map[string]any, x.Len())
		for i := range x.Len() {
			k, e := x.At(i)
			m[k] = plain(e)
		}
		return m
	case []value.Value:
		a := make([]any, len(x))
		for i, e := range x {
			a[i] = plain(e)
		}
		return a
	}
	return v
}

// Put returns a copy of root in which the place that the path names holds v. Missing members are made. It answers false when the
// path leads through something that is neither object nor array, or to an index that is not there.
func (p *Path) Put(root, v value.Value) (value.Value, bool) {
	if p.query != nil {
		return nil, false
	}
	return put(root, p.steps, v)
}

func put(at value.Value, steps []step, v value.Value) (value.Value, bool) {
	if len(steps) == 0 {
		return v, true
	}
	s := steps[0]
	switch x := at.(type) {
	case nil:
		if s.isIndex {
			return nil, false
		}
		in, ok := put(nil, steps[1:], v)
		return value.NewObject(s.name, in), ok
	case *value.Object:
		if s.isIndex {
			return nil, false
		}
		old, _ := x.Get(s.name)
		in, ok := put(old, steps[1:], v)
		if !ok {
			return nil, false
		}
		return x.With(s.name, in), true
	case []value.Value:
		if !s.isIndex || s.index < 0 || s.index >= len(x) {
			return nil, false
		}
		in, ok := put(x[s.index], steps[1:], v)
		if !ok {
			return nil, false
		}
		c := slices.Clone(x)
		c[s.index] = in
		return c, true
	}
	return nil, false
}

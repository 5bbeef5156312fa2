package avro

import (
	"fmt"
	"slices"
	"strings"

	lib "github.com/twmb/avro"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// A reading decodes one value and adds it to a vector. Where the vector's type does not hold the value it adds a null and tells d.
type reading func(d *data, v *column.Vector) error

// A skipping passes over one value.
type skipping func(d *data) error

// plan makes the reading of the writer's type w into a column of type t. r is the type of the table's Avro schema, nil when it has none:
// then fields are found by name without regard to case. path names the column.
func plan(w, r *lib.SchemaNode, t schema.Type, path string, depth int) (reading, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%s: types are nested more than %d deep", path, maxNesting)
	}
	switch {
	case w.Type == "union":
		return planUnion(w, r, t, path, depth)
	case r != nil && r.Type == "union":
		i := matching(w, r)
		if i < 0 {
			return nil, fmt.Errorf("%s: the table's schema has no branch for %s", path, w.Type)
		}
		return planMember(w, &r.Branches[i], r, i, t, path, depth)
	}
	switch w.Type {
	case "null":
		return readNull, nil
	case "record", "error":
		if t.Kind != schema.Struct {
			return nil, differs(w, t, path)
		}
		return planRecord(w, r, t, path, depth)
	case "array":
		return planArray(w, r, t, path, depth)
	case "map":
		return planMap(w, r, t, path, depth)
	}
	return planScalar(w, r, t, path)
}

func differs(w *lib.SchemaNode, t schema.Type, path string) error {
	is := w.Type
	if w.LogicalType != "" {
		is += " (" + w.LogicalType + ")"
	}
	return fmt.Errorf("column %s is %s in the table and %s in the file", path, t, is)
}

func planUnion(w, r *lib.SchemaNode, t schema.Type, path string, depth int) (reading, error) {
	var branches []reading
	for i := range w.Branches {
		b := &w.Branches[i]
		var f reading
		var err error
		switch {
		case r == nil:
			f, err = planMember(b, nil, w, i, t, path, depth)
		case r.Type == "union" && matching(b, r) < 0, r.Type != "union" && rank(b, r) == 0:
			f = noBranch(b)
		default:
			f, err = plan(b, r, t, path, depth+1)
		}
		if err != nil {
			return nil, err
		}
		branches = append(branches, f)
	}
	return func(d *data, v *column.Vector) error {
		i, err := d.long()
		if err != nil {
			return err
		}
		if i < 0 || i >= int64(len(branches)) {
			return d.fail("a union has no branch %d", i)
		}
		return branches[i](d, v)
	}, nil
}

// noBranch is the reading of a branch that the table's schema does not have.
func noBranch(b *lib.SchemaNode) reading {
	return func(d *data, _ *column.Vector) error {
		return d.fail("the table's schema has no type for a value of type %s", b.Type)
	}
}

// planMember reads branch i of the union u. One of several branches goes to its member of a struct, the others are null there.
func planMember(w, r, u *lib.SchemaNode, i int, t schema.Type, path string, depth int) (reading, error) {
	rest := members(u)
	if w.Type == "null" || len(rest) <= 1 {
		return plan(w, r, t, path, depth+1)
	}
	if natural, err := unionType(u, depth); err != nil {
		return nil, fmt.Errorf("column %s: %w", path, err)
	} else if natural.Kind != schema.Struct || natural.Fields[0].Name != "member0" {
		return plan(w, r, t, path, depth+1)
	}
	at := slices.Index(rest, &u.Branches[i])
	name := fmt.Sprintf("member%d", at)
	if t.Kind != schema.Struct {
		return nil, differs(u, t, path)
	}
	to := fieldOf(t, name)
	if to < 0 {
		skip, err := planSkip(w, depth+1)
		return func(d *data, v *column.Vector) error {
			nullStruct(v, -1)
			return skip(d)
		}, err
	}
	inner, err := plan(w, r, t.Fields[to].Type, path+"."+name, depth+1)
	return func(d *data, v *column.Vector) error {
		nullStruct(v, to)
		return inner(d, v.Parts[to])
	}, err
}

// nullStruct adds a struct with a null in each part but one.
func nullStruct(v *column.Vector, but int) {
	v.AppendNested()
	for i, p := range v.Parts {
		if i != but {
			p.AppendNull()
		}
	}
}

func fieldOf(t schema.Type, name string) int {
	return slices.IndexFunc(t.Fields, func(f schema.Field) bool { return strings.EqualFold(f.Name, name) })
}

// matching is the branch of the union r that takes values of type w: one of its very type before one that it can be promoted to; -1 is
// none.
func matching(w, r *lib.SchemaNode) int {
	best, found := 0, -1
	for i := range r.Branches {
		if n := rank(w, &r.Branches[i]); n > best {
			best, found = n, i
		}
	}
	return found
}

// rank says how well a value of type w is one of r: 2 it is, 1 it can be promoted, 0 it is not.
func rank(w, r *lib.SchemaNode) int {
	if w.Type == r.Type {
		switch w.Type {
		case "record", "error", "enum", "fixed":
			if w.Name != r.Name && !slices.ContainsFunc(r.Aliases, func(a string) bool { return lastName(a) == lastName(w.Name) }) {
				return 1
			}
		}
		return 2
	}
	switch w.Type + " " + r.Type {
	case "int long", "int float", "int double", "long float", "long double", "float double", "string bytes", "bytes string":
		return 1
	}
	return 0
}

func lastName(full string) string { return full[strings.LastIndexByte(full, '.')+1:] }

// planRecord reads the writer's fields in their order; those that no column takes are passed.
func planRecord(w, r *lib.SchemaNode, t schema.Type, path string, depth int) (reading, error) {
	type step struct {
		to   int // the part, or -1
		read reading
		skip skipping
	}
	var steps []step
	filled := make([]bool, len(t.Fields))
	for i := range w.Fields {
		f := &w.Fields[i]
		name, inner, dropped := f.Name, (*lib.SchemaNode)(nil), false
		if r != nil {
			if rf := readerField(r, f.Name); rf != nil {
				name, inner = rf.Name, &rf.Type
			} else {
				dropped = true
			}
		}
		s := step{to: fieldOf(t, name)}
		var err error
		if dropped || s.to < 0 || filled[s.to] {
			s.to = -1
			s.skip, err = planSkip(&f.Type, depth+1)
		} else {
			filled[s.to] = true
			s.read, err = plan(&f.Type, inner, t.Fields[s.to].Type, join(path, name), depth+1)
		}
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	absent, err := planAbsent(r, t, filled, path)
	if err != nil {
		return nil, err
	}
	return func(d *data, v *column.Vector) error {
		v.AppendNested()
		for i := range steps {
			var err error
			if s := &steps[i]; s.to < 0 {
				err = s.skip(d)
			} else {
				err = s.read(d, v.Parts[s.to])
			}
			if err != nil {
				return err
			}
		}
		for _, f := range absent {
			f(v)
		}
		return nil
	}, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// readerField finds the field of the table's schema that a field of the file becomes, by its name or an alias.
func readerField(r *lib.SchemaNode, name string) *lib.SchemaField {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return &r.Fields[i]
		}
	}
	for i := range r.Fields {
		if slices.Contains(r.Fields[i].Aliases, name) {
			return &r.Fields[i]
		}
	}
	return nil
}

// planAbsent fills the parts that the file does not have: with the default of the table's schema, else with nulls.
func planAbsent(r *lib.SchemaNode, t schema.Type, filled []bool, path string) ([]func(v *column.Vector), error) {
	var out []func(v *column.Vector)
	for i, f := range t.Fields {
		if filled[i] {
			continue
		}
		fill := func(v *column.Vector) { v.Parts[i].AppendNull() }
		if r != nil {
			if rf := fieldNamed(r, f.Name); rf != nil && rf.HasDefault {
				value, err := constant(&rf.Type, rf.Default, f.Type, join(path, rf.Name), 0)
				if err != nil {
					return nil, err
				}
				fill = func(v *column.Vector) { copyValue(v.Parts[i], value, 0) }
			}
		}
		out = append(out, fill)
	}
	return out, nil
}

func planArray(w, r *lib.SchemaNode, t schema.Type, path string, depth int) (reading, error) {
	if t.Kind != schema.Array {
		return nil, differs(w, t, path)
	}
	var ri *lib.SchemaNode
	if r != nil {
		ri = r.Items
	}
	elem, err := plan(w.Items, ri, *t.Elem, path+".element", depth+1)
	if err != nil {
		return nil, err
	}
	return func(d *data, v *column.Vector) error {
		err := d.items(func() error { return elem(d, v.Parts[0]) })
		v.AppendNested()
		return err
	}, nil
}

func planMap(w, r *lib.SchemaNode, t schema.Type, path string, depth int) (reading, error) {
	if t.Kind != schema.Map || !t.Key.Kind.Text() {
		return nil, differs(w, t, path)
	}
	var rv *lib.SchemaNode
	if r != nil {
		rv = r.Values
	}
	value, err := plan(w.Values, rv, *t.Elem, path+".value", depth+1)
	if err != nil {
		return nil, err
	}
	return func(d *data, v *column.Vector) error {
		err := d.items(func() error {
			key, err := d.bytes()
			if err != nil {
				return err
			}
			appendText(v.Parts[0], key)
			return value(d, v.Parts[1])
		})
		v.AppendNested()
		return err
	}, nil
}

// planSkip passes over a value of type w.
func planSkip(w *lib.SchemaNode, depth int) (skipping, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("types are nested more than %d deep", maxNesting)
	}
	switch w.Type {
	case "union":
		var branches []skipping
		for i := range w.Branches {
			f, err := planSkip(&w.Branches[i], depth+1)
			if err != nil {
				return nil, err
			}
			branches = append(branches, f)
		}
		return func(d *data) error {
			i, err := d.long()
			if err == nil && (i < 0 || i >= int64(len(branches))) {
				err = d.fail("a union has no branch %d", i)
			}
			if err != nil {
				return err
			}
			return branches[i](d)
		}, nil
	case "record", "error":
		var fields []skipping
		for i := range w.Fields {
			f, err := planSkip(&w.Fields[i].Type, depth+1)
			if err != nil {
				return nil, err
			}
			fields = append(fields, f)
		}
		return func(d *data) error {
			for _, f := range fields {
				if err := f(d); err != nil {
					return err
				}
			}
			return nil
		}, nil
	case "array":
		elem, err := planSkip(w.Items, depth+1)
		return func(d *data) error { return d.skipItems(func() error { return elem(d) }) }, err
	case "map":
		value, err := planSkip(w.Values, depth+1)
		return func(d *data) error {
			return d.skipItems(func() error {
				if _, err := d.bytes(); err != nil {
					return err
				}
				return value(d)
			})
		}, err
	}
	return skipScalar(w)
}

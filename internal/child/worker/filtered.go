package worker

import (
	"context"
	"reflect"

	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// filtered counts the rows that the SELECT which reads the stream left out by its WHERE. A SQL without WHERE filters nothing.
func (t *transform) filtered(ctx context.Context, c *engine.Conn, written int64) (int64, error) {
	q, _ := t.bound.Statement.(*typed.Query)
	count := countFiltered(q)
	if count == nil {
		return 0, nil
	}
	if len(t.relations.list) == 1 && rowForRow(q) {
		return t.result.RowsRead - t.result.RowsRejected - written, nil
	}
	sql, err := t.relations.print(count)
	if err != nil {
		return 0, err
	}
	if err := define(ctx, c, sql); err != nil {
		return 0, err
	}
	return c.Number(ctx, sql)
}

// rowForRow reports whether a query gives one row for each row of its only relation that its WHERE lets through.
func rowForRow(q *typed.Query) bool {
	s, ok := q.Body.(*typed.Select)
	if !ok || len(q.With) > 0 || q.Limit != nil || q.Offset != nil || s.Distinct || s.Group != nil || s.Having != nil || s.Qualify != nil {
		return false
	}
	for _, item := range s.Items {
		if a, ok := item.(*typed.Aggregate); ok && a.Over == nil {
			return false
		}
	}
	_, ok = s.From.(*typed.Scan)
	return ok
}

// countFiltered makes, of the first SELECT (through subqueries and common table expressions) that reads a relation and has a WHERE, the
// query that counts the rows which its WHERE leaves out.
func countFiltered(q *typed.Query) *typed.Query {
	if q == nil {
		return nil
	}
	for i, cte := range q.With {
		if sub := countFiltered(cte.Query); sub != nil {
			sub.With = append(append([]typed.CTE{}, q.With[:i]...), sub.With...)
			return sub
		}
	}
	s, ok := q.Body.(*typed.Select)
	if !ok {
		if inner, ok := q.Body.(*typed.Query); ok {
			return countFiltered(inner)
		}
		return nil
	}
	if d, ok := s.From.(*typed.Derived); ok {
		if sub := countFiltered(d.Query); sub != nil {
			sub.With = append(append([]typed.CTE{}, q.With...), sub.With...)
			return sub
		}
	}
	if s.Where == nil || s.From == nil {
		return nil
	}
	from := s.From
	if scan := streamOf(from); scan != nil && namesOnly(reflect.ValueOf(s.Where), scan.Alias) {
		from = scan // what is joined to the stream neither adds to nor takes from what the WHERE leaves out of it
	}
	bigint := typed.Ty{T: typed.T(typed.Bigint)}
	kept := &typed.Case{Ty: typed.Ty{T: typed.T(typed.Bool)},
		Whens: []typed.When{{Cond: s.Where, Then: &typed.Literal{Ty: typed.Ty{T: typed.T(typed.Bool)}, Text: "true"}}},
		Else:  &typed.Literal{Ty: typed.Ty{T: typed.T(typed.Bool)}, Text: "false"}}
	item := &typed.Aggregate{Ty: bigint, Op: "count", Star: true, Filter: &typed.Not{X: kept}}
	columns := []typed.Column{{Name: "n", Type: bigint.T}}
	return &typed.Query{With: q.With, Body: &typed.Select{Items: []typed.Expr{item}, Columns: columns, From: from}, Columns: columns}
}

// streamOf finds the stream that a FROM reads, through joins.
func streamOf(f typed.From) *typed.Scan {
	switch f := f.(type) {
	case *typed.Scan:
		if f.Relation.Stream {
			return f
		}
	case *typed.Join:
		if s := streamOf(f.L); s != nil {
			return s
		}
		return streamOf(f.R)
	}
	return nil
}

// namesOnly reports whether every column that an expression names is one of the table called alias. A subquery is taken for another table.
func namesOnly(v reflect.Value, alias string) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return true
		}
		switch x := v.Interface().(type) {
		case *typed.ColumnRef:
			return x.Table == alias || x.Table == "" // a variable of a lambda function
		case *typed.Query:
			return false
		}
		return namesOnly(v.Elem(), alias)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[typed.Type]() {
			return true
		}
		for i := range v.NumField() {
			if !namesOnly(v.Field(i), alias) {
				return false
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if !namesOnly(v.Index(i), alias) {
				return false
			}
		}
	}
	return true
}

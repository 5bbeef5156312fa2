package session

import (
	"strings"

	"penstock/internal/sql/syntax"
)

// cast gives the types of PostgreSQL's catalog a meaning: numbers of tables and types are numbers, names are text. A table's name, and a
// type's, becomes its number; a number becomes the name.
func (m *meaning) cast(x *syntax.Cast) (syntax.Expr, *syntax.Error) {
	lit, written := x.X.(*syntax.Literal)
	written = written && lit.Kind == syntax.String
	out := *x
	switch x.Type.Name {
	case "oid":
		out.Type = syntax.TypeName{Pos: x.Type.Pos, Name: "bigint"}
	case "name":
		out.Type = syntax.TypeName{Pos: x.Type.Pos, Name: "varchar", Args: []int{128}}
	case "regproc":
		out.Type = syntax.TypeName{Pos: x.Type.Pos, Name: "varchar"}
	case "regclass":
		if !written {
			return m.template(x.At, "(regclass)", x.X), nil
		}
		oid, ok := m.oid(lit.Text)
		if !ok {
			return nil, syntax.ErrorOf(syntax.NoRelation, lit.At, "relation \"%s\" does not exist", lit.Text)
		}
		return number(x.At, oid), nil
	case "regtype":
		if written {
			return m.template(x.At, "(named regtype)", x.X), nil
		}
		return m.template(x.At, "(regtype)", x.X), nil
	default:
		return nil, nil
	}
	return &out, nil
}

// catalogOIDs are the numbers of PostgreSQL's own tables, of which queries ask as of classes.
var catalogOIDs = map[string]int64{"pg_type": 1247, "pg_attribute": 1249, "pg_proc": 1255, "pg_class": 1259, "pg_user": 1260,
	"pg_group": 1261, "pg_database": 1262, "pg_attrdef": 2604, "pg_constraint": 2606, "pg_depend": 2608, "pg_description": 2609,
	"pg_index": 2610, "pg_language": 2612, "pg_namespace": 2615, "pg_rewrite": 2618}

// oid finds the number of a table by its name as written in a text: t, "t", s.t.
func (m *meaning) oid(name string) (int64, bool) {
	parts := strings.Split(strings.ToLower(name), ".")
	for i, p := range parts {
		parts[i] = strings.Trim(p, `"`)
	}
	last := parts[len(parts)-1]
	schemas := m.s.visible(m.catalog, false)
	if len(parts) > 1 {
		schemas = parts[len(parts)-2 : len(parts)-1]
	} else if t, ok := m.s.h.Temp(last); ok {
		return t.OID, true
	}
	for _, schema := range schemas {
		if t, ok := m.catalog.Table(schema, last); ok {
			return t.OID, true
		}
	}
	oid, ok := catalogOIDs[last]
	return oid, ok && (len(parts) == 1 || parts[len(parts)-2] == "pg_catalog")
}

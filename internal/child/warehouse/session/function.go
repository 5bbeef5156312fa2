package session

import (
	"reflect"
	"strconv"
	"strings"

	"penstock/internal/sql/syntax"
)

// ownFunctions are functions of the session: their value is known before the statement is bound.
func (s *Session) ownFunctions() map[string]syntax.Literal {
	number := func(n int64) syntax.Literal { return syntax.Literal{Kind: syntax.Int, Text: strconv.FormatInt(n, 10)} }
	text := func(t string) syntax.Literal { return syntax.Literal{Kind: syntax.String, Text: t} }
	schema := ""
	if p := s.searchPath(); len(p) > 0 {
		schema = p[len(p)-1]
	}
	return map[string]syntax.Literal{
		"pg_last_copy_id": number(s.lastCopyID), "pg_last_copy_count": number(s.lastCopyCount), "pg_last_query_id": number(s.lastQuery),
		"pg_last_unload_id": number(-1), "pg_last_unload_count": number(0),
		"pg_backend_pid": number(s.pid), "current_schema": text(schema), "version": text(versionText),
	}
}

const versionText = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.0 (Penstock)"

// fillFunctions puts values in the place of the session's functions and says whether there may be any.
func (s *Session) fillFunctions(text string, tree syntax.Statement) bool {
	lower := strings.ToLower(text)
	for _, word := range []string{"pg_last_", "pg_backend_pid", "current_schema", "version"} {
		if strings.Contains(lower, word) {
			replaceFunctions(reflect.ValueOf(tree), s.ownFunctions())
			return true
		}
	}
	return false
}

// replaceFunctions walks a syntax tree of any form. Expressions stand in fields of the interface type Expr.
func replaceFunctions(v reflect.Value, values map[string]syntax.Literal) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		if f, ok := v.Interface().(*syntax.Func); ok && len(f.Args) == 0 && !f.Star && v.CanSet() {
			if lit, ok := values[strings.TrimPrefix(f.Name.String(), "pg_catalog.")]; ok {
				lit.At = f.At
				v.Set(reflect.ValueOf(&lit))
				return
			}
		}
		replaceFunctions(v.Elem(), values)
	case reflect.Pointer:
		if !v.IsNil() {
			replaceFunctions(v.Elem(), values)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				replaceFunctions(v.Field(i), values)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			replaceFunctions(v.Index(i), values)
		}
	}
}

package session

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// versionText has the form of Redshift's, of a release that drivers take for recent.
const versionText = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.122914"

// A filler puts in the place of the session's own functions what they mean: a value that is known before the statement is bound, or an
// expression over the catalog.
type filler struct {
	s       *Session
	catalog *store.Catalog
	found   bool
	err     *syntax.Error
}

// fillFunctions rewrites a tree and says whether there was anything to rewrite: such a plan is good for one execution.
func (s *Session) fillFunctions(ctx context.Context, cat *store.Catalog, tree syntax.Statement) (bool, error) {
	f := &filler{s: s, catalog: cat}
	rewrite(reflect.ValueOf(tree), func(x any) any {
		var y any
		switch x := x.(type) {
		case *syntax.SelectItem: // the column keeps the name of what was written
			if x.Alias.Name == "" && x.X != nil && f.fill(x.X) != nil {
				x.Alias.Name = dialect.Redshift.Names.Output(*x)
			}
		case *syntax.TableFunc:
			if filled := f.table(ctx, x); filled != nil {
				y = filled
			}
		case syntax.Expr:
			if filled := f.fill(x); filled != nil {
				y = filled
			}
		}
		f.found = f.found || y != nil
		return y
	})
	if f.err != nil {
		return f.found, f.err
	}
	return f.found, nil
}

// rewrite walks a syntax tree of any form and puts what f gives, unless that is nil, in the place of each expression and each element of
// FROM, from the outside in. They stand in fields of the interface types Expr and TableRef. f is shown the items of select lists too.
func rewrite(v reflect.Value, f func(any) any) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.CanSet() {
			if y := f(v.Interface()); y != nil {
				v.Set(reflect.ValueOf(y))
			}
		}
		rewrite(v.Elem(), f)
	case reflect.Pointer:
		if !v.IsNil() {
			rewrite(v.Elem(), f)
		}
	case reflect.Struct:
		if v.CanAddr() && v.Type() == reflect.TypeFor[syntax.SelectItem]() {
			f(v.Addr().Interface())
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				rewrite(v.Field(i), f)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			rewrite(v.Index(i), f)
		}
	}
}

// fill gives what stands for an expression; nil when it is none of the session's.
func (f *filler) fill(x syntax.Expr) syntax.Expr {
	switch x := x.(type) {
	case *syntax.Column:
		if len(x.Name) == 1 && (x.Name[0].Name == "current_schema" || x.Name[0].Name == "current_user_id") {
			return f.call(x.At, x.Name[0].Name, nil)
		}
	case *syntax.Index:
		if names, ok := f.schemas(x.X); ok {
			return element(x, names)
		}
	case *syntax.Quantified:
		if keys, ok := x.Array.(*syntax.Column); ok && x.Op == "=" && !x.All && strings.HasSuffix(keys.Name.Last().Name, "key") {
			return f.template("(any of keys)", []syntax.Expr{x.X, keys})
		}
		if names, ok := f.schemas(x.Array); ok {
			list := make([]syntax.Expr, len(names))
			for i, n := range names {
				list[i] = text(x.At, n)
			}
			y := *x
			y.Array = &syntax.Func{Node: x.Node, Name: syntax.Name{{Name: "array", Pos: x.At}}, Args: list}
			return &y
		}
	case *syntax.Cast:
		return f.cast(x)
	case *syntax.Func:
		if name, ok := ownName(x.Name); ok && !x.Star && x.Over == nil && !madeArray(name, x.Args) {
			return f.call(x.At, name, x.Args)
		}
	}
	return nil
}

// madeArray says whether a function that is here for the catalog's arrays is asked of one that the statement makes.
func madeArray(name string, args []syntax.Expr) bool {
	if name != "array_to_string" || len(args) == 0 {
		return false
	}
	made, ok := args[0].(*syntax.Func)
	return ok && made.Name.Last().Name == "array"
}

// cast gives the types of PostgreSQL's catalog a meaning: numbers of tables and types are numbers, names are text. A table's name, and a
// type's, becomes its number; a number becomes the name.
func (f *filler) cast(x *syntax.Cast) syntax.Expr {
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
			return f.template("(regclass)", []syntax.Expr{x.X})
		}
		oid, ok := f.oid(lit.Text)
		if !ok {
			f.err = syntax.ErrorOf(syntax.NoRelation, lit.At, "relation \"%s\" does not exist", lit.Text)
			return nil
		}
		return number(x.At, oid)
	case "regtype":
		if written {
			return f.template("(named regtype)", []syntax.Expr{x.X})
		}
		return f.template("(regtype)", []syntax.Expr{x.X})
	default:
		return nil
	}
	return &out
}

// catalogOIDs are the numbers of PostgreSQL's own tables, of which queries ask as of classes.
var catalogOIDs = map[string]int64{"pg_type": 1247, "pg_attribute": 1249, "pg_proc": 1255, "pg_class": 1259, "pg_user": 1260, "pg_group": 1261, "pg_database": 1262,
	"pg_attrdef": 2604, "pg_constraint": 2606, "pg_depend": 2608, "pg_description": 2609, "pg_index": 2610, "pg_language": 2612, "pg_namespace": 2615, "pg_rewrite": 2618}

// oid finds the number of a table by its name as written in a text: t, "t", s.t.
func (f *filler) oid(name string) (int64, bool) {
	parts := strings.Split(strings.ToLower(name), ".")
	for i, p := range parts {
		parts[i] = strings.Trim(p, `"`)
	}
	last := parts[len(parts)-1]
	schemas := f.s.visible(f.catalog, false)
	if len(parts) > 1 {
		schemas = parts[len(parts)-2 : len(parts)-1]
	} else if t, ok := f.s.h.Temp(last); ok {
		return t.OID, true
	}
	for _, schema := range schemas {
		if t, ok := f.catalog.Table(schema, last); ok {
			return t.OID, true
		}
	}
	oid, ok := catalogOIDs[last]
	return oid, ok && (len(parts) == 1 || parts[len(parts)-2] == "pg_catalog")
}

// ownName is a function's name without pg_catalog.
func ownName(n syntax.Name) (string, bool) {
	return n.Last().Name, len(n) == 1 || len(n) == 2 && n[0].Name == "pg_catalog"
}

func text(at syntax.Pos, t string) syntax.Expr {
	return &syntax.Literal{Node: syntax.Node{At: at}, Kind: syntax.String, Text: t}
}

func number(at syntax.Pos, n int64) syntax.Expr {
	return &syntax.Literal{Node: syntax.Node{At: at}, Kind: syntax.Int, Text: strconv.FormatInt(n, 10)}
}

// call is what a function of the session means.
func (f *filler) call(at syntax.Pos, name string, args []syntax.Expr) syntax.Expr {
	s := f.s
	if len(args) == 0 {
		switch name {
		case "pg_last_copy_id":
			return number(at, s.lastCopyID)
		case "pg_last_copy_count":
			return number(at, s.lastCopyCount)
		case "pg_last_query_id":
			return number(at, s.lastQuery)
		case "pg_last_unload_id":
			return number(at, -1)
		case "pg_last_unload_count":
			return number(at, 0)
		case "pg_backend_pid":
			return number(at, s.pid)
		case "version":
			return text(at, versionText)
		case "current_schema":
			if path := s.visible(f.catalog, false); len(path) > 0 {
				return text(at, path[0])
			}
			return &syntax.Literal{Node: syntax.Node{At: at}, Kind: syntax.Null}
		}
	}
	if y := f.arrays(at, name, args); y != nil {
		return y
	}
	return f.template(name, args)
}

// arrays are the functions of the one array that there is: the schemas of the search path.
func (f *filler) arrays(at syntax.Pos, name string, args []syntax.Expr) syntax.Expr {
	if name == "current_schemas" && len(args) == 1 {
		names, ok := f.schemas(&syntax.Func{Name: syntax.Name{{Name: name}}, Args: args})
		if !ok {
			return nil
		}
		return text(at, "{"+strings.Join(names, ",")+"}")
	}
	if name == "current_setting" && len(args) == 1 {
		lit, ok := args[0].(*syntax.Literal)
		if _, known := defaults()[strings.ToLower(lit.Text)]; ok && known {
			return text(at, f.s.setting(strings.ToLower(lit.Text)))
		}
		return nil
	}
	if len(args) < 1 {
		return nil
	}
	names, ok := f.schemas(args[0])
	if !ok {
		return nil
	}
	switch name {
	case "array_to_string":
		if sep, ok := args[1].(*syntax.Literal); ok && len(args) == 2 {
			return text(at, strings.Join(names, sep.Text))
		}
	case "array_upper":
		return number(at, int64(len(names)))
	case "array_lower":
		return number(at, 1)
	}
	return nil
}

// schemas is the value of current_schemas(true or false).
func (f *filler) schemas(x syntax.Expr) ([]string, bool) {
	fn, ok := x.(*syntax.Func)
	if !ok || len(fn.Args) != 1 {
		return nil, false
	}
	lit, constant := fn.Args[0].(*syntax.Literal)
	if name, own := ownName(fn.Name); !own || name != "current_schemas" || !constant {
		return nil, false
	}
	implicit := strings.HasPrefix(strings.ToLower(lit.Text), "t")
	return f.s.visible(f.catalog, implicit), true
}

// element is an element of an array, counted from 1; NULL outside.
func element(x *syntax.Index, names []string) syntax.Expr {
	lit, ok := x.I.(*syntax.Literal)
	if !ok {
		return nil
	}
	if n, err := strconv.Atoi(lit.Text); err == nil && n >= 1 && n <= len(names) {
		return text(x.At, names[n-1])
	}
	return &syntax.Literal{Node: x.Node, Kind: syntax.Null}
}

// visible are the schemas of the search path that exist, in its order; with implicit also those that are always searched.
func (s *Session) visible(cat *store.Catalog, implicit bool) []string {
	var out []string
	if implicit {
		if len(s.h.Temps()) > 0 {
			out = append(out, s.tempSchema())
		}
		out = append(out, "pg_catalog")
	}
	for _, p := range s.searchPath() {
		if _, ok := cat.Schemas[p]; ok && (p != "pg_catalog" || !implicit) {
			out = append(out, p)
		}
	}
	return out
}

// tempSchema is the schema of the session's temporary tables as the catalog shows it.
func (s *Session) tempSchema() string { return "pg_temp_" + strconv.FormatInt(s.pid, 10) }

// table is what a function of the session in FROM means; nil when it is none.
func (f *filler) table(ctx context.Context, t *syntax.TableFunc) syntax.TableRef {
	name, ok := ownName(t.Call.Name)
	if !ok || len(t.Call.Args) > 0 {
		return nil
	}
	out := &syntax.Derived{Node: t.Node, Alias: t.Alias, Columns: t.Columns}
	if out.Alias.Name == "" {
		out.Alias = t.Call.Name.Last()
	}
	var body string
	switch name {
	case "current_database", "current_schema", "current_user", "version":
		body = "select " + name + map[bool]string{true: "()", false: ""}[name != "current_user"] + " as " + name
	case "pg_get_late_binding_view_cols":
		body = f.s.lateColumns(ctx, f.catalog)
	default:
		return nil
	}
	trees, err := parse.Statements(body, dialect.Redshift)
	if err != nil || len(trees) != 1 {
		return nil
	}
	out.Query = trees[0].(*syntax.Query)
	return out
}

// lateColumns is a query for the columns of the late-binding views, as those that can be bound now have them.
func (s *Session) lateColumns(ctx context.Context, cat *store.Catalog) string {
	parts := []string{"select ''::varchar, ''::varchar, ''::varchar, ''::varchar, 0 where false"}
	for _, schema := range slices.Sorted(maps.Keys(cat.Tables)) {
		for _, name := range slices.Sorted(maps.Keys(cat.Tables[schema])) {
			t := cat.Tables[schema][name]
			if !t.LateBinding {
				continue
			}
			b, _, err := s.bindText(ctx, t.Text)
			if err != nil {
				continue
			}
			for i, c := range b.Columns {
				parts = append(parts, fmt.Sprintf("select %s, %s, %s, %s, %d", engine.Literal(schema), engine.Literal(name), engine.Literal(c.Name), engine.Literal(spelled(stored(c.Type))), i+1))
			}
		}
	}
	return strings.Join(parts, " union all ")
}

// spelled is a type in the words of the catalog.
func spelled(t typed.Type) string {
	word, length, _ := strings.Cut(t.String(), "(")
	long := map[string]string{"varchar": "character varying", "char": "character", "decimal": "numeric", "timestamp": "timestamp without time zone",
		"timestamptz": "timestamp with time zone", "time": "time without time zone", "timetz": "time with time zone"}[word]
	if long == "" {
		return t.String()
	}
	if length != "" {
		length = "(" + length
	}
	return long + length
}

// template is a function over the catalog as an expression of its arguments; nil when there is none of that name and number of arguments.
func (f *filler) template(name string, args []syntax.Expr) syntax.Expr {
	body, ok := templates[name+"/"+strconv.Itoa(len(args))]
	if !ok {
		return nil
	}
	var path []string
	for _, p := range f.s.visible(f.catalog, true) {
		path = append(path, engine.Literal(p))
	}
	trees, err := parse.Statements("select "+strings.ReplaceAll(body, ":path", strings.Join(path, ",")), dialect.Redshift)
	if err != nil || len(trees) != 1 {
		return nil
	}
	q := trees[0].(*syntax.Query)
	rewrite(reflect.ValueOf(q), func(x any) any {
		if p, ok := x.(*syntax.Param); ok {
			return args[p.Index-1]
		}
		return nil
	})
	return q.Body.(*syntax.Select).Items[0].X
}

// The names inside of a template begin with an underscore, so that they catch none of the arguments'.
const (
	indexText   = `(select _d from (select c.oid as _o, i.indexdef as _d from pg_indexes i, pg_class c, pg_namespace n where n.oid = c.relnamespace and n.nspname = i.schemaname and c.relname = i.indexname) _i where _o = $1)`
	keyText     = `(select 'PRIMARY KEY ' || substring(_d, position('(' in _d)) from (select c.oid as _o, i.indexdef as _d from pg_indexes i, pg_class c, pg_namespace n where n.oid = c.relnamespace and n.nspname = i.schemaname and c.relname = i.indexname) _i where _o = $1)`
	viewText    = `(select _d from (select c.oid as _o, v.definition as _d from pg_views v, pg_class c, pg_namespace n where n.oid = c.relnamespace and n.nspname = v.schemaname and c.relname = v.viewname) _v where _o = $1)`
	describedBy = `(select max(_d) from (select objoid as _o, objsubid as _s, description as _d from pg_description) _t where _o = $1 and _s = `
)

var templates = map[string]string{
	"(regclass)/1":      `(select _n from (select oid as _o, relname as _n from pg_class) _t where _o = $1)`,
	"(regtype)/1":       `(select _s from (select oid as _o, spelled as _s from pg_type) _t where _o = $1)`,
	"(any of keys)/2":   `(strpos(',' || btrim($2, '{}') || ',', ',' || ($1)::varchar || ',') > 0)`, // conkey and its like are text here: {1,2}
	"(named regtype)/1": `(select max(_o) from (select oid as _o, typname as _n, spelled as _s from pg_type) _t where _n = $1 or _s = $1)`,
	"current_user_id/0": `(select _i from (select usesysid as _i, usename as _n from pg_user) _u where _n = current_user)`,
	"pg_get_userbyid/1": `(select _n from (select usesysid as _i, usename as _n from pg_user) _u where _i = $1)`,
	"pg_get_expr/2":     `($1)`,
	"pg_get_expr/3":     `($1)`,
	"pg_get_viewdef/1":  viewText,
	"pg_get_viewdef/2":  viewText,
	"pg_get_indexdef/1": indexText, "pg_get_indexdef/3": indexText, "pg_get_constraintdef/1": keyText, "pg_get_constraintdef/2": keyText,
	"obj_description/1":     describedBy + `0)`,
	"obj_description/2":     describedBy + `0)`,
	"col_description/2":     describedBy + `$2)`,
	"pg_table_is_visible/1": `($1 in (select c.oid from pg_class c, pg_namespace n where n.oid = c.relnamespace and n.nspname in (:path)))`,
	// Of the catalog's arrays, which are text here: {1,2}. Any other array is a mistake.
	"array_to_string/2":     `(case when ($1)::varchar like '{%}' then replace(btrim(($1)::varchar, '{}'), ',', $2) else (($1)::varchar)::int::varchar end)`,
	"pg_encoding_to_char/1": `(case $1 when 6 then 'UTF8' else '' end)`,
	"format_encoding/1": `(case $1 when 0 then 'none' when 1 then 'raw' when 2 then 'bytedict' when 3 then 'delta' when 4 then 'delta32k' when 5 then 'mostly8'
		when 6 then 'mostly16' when 7 then 'mostly32' when 8 then 'runlength' when 9 then 'text255' when 10 then 'text32k' when 11 then 'lzo' when 128 then 'az64' when 129 then 'zstd' end)`,
	"format_type/2": `((select _s from (select oid as _o, spelled as _s from pg_type) _t where _o = $1) || case when $2 is null or $2 < 4 then '' when $1 in (1042, 1043, 6551) then '(' || ($2 - 4)::varchar || ')'
		when $1 = 1700 then '(' || (($2 - 4) / 65536)::varchar || ',' || (($2 - 4) % 65536)::varchar || ')' else '' end)`,
	"has_table_privilege/2": `true`, "has_table_privilege/3": `true`, "has_schema_privilege/2": `true`, "has_schema_privilege/3": `true`,
	"has_database_privilege/2": `true`, "has_database_privilege/3": `true`, "has_any_column_privilege/2": `true`, "has_any_column_privilege/3": `true`,
}

package session

import (
	"strconv"
	"strings"

	"penstock/internal/engine"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/syntax"
)

// template is a function over the catalog as an expression of its arguments; nil when there is none of that name and number of arguments.
func (m *meaning) template(at syntax.Pos, name string, args ...syntax.Expr) syntax.Expr {
	body, ok := templates[name+"/"+strconv.Itoa(len(args))]
	if !ok {
		return nil
	}
	var path []string
	for _, p := range m.s.visible(m.catalog, true) {
		path = append(path, engine.Literal(p))
	}
	x, err := parse.Expression(at, strings.ReplaceAll(body, ":path", strings.Join(path, ",")), dialect.Redshift, args...)
	if err != nil {
		return nil
	}
	return x
}

// The names inside of a template begin with an underscore, so that they catch none of the arguments'.
const (
	indexText = `(select _d from (select c.oid as _o, i.indexdef as _d from pg_indexes i, pg_class c, ` +
		`pg_namespace n where n.oid = c.relnamespace and n.nspname = i.schemaname and c.relname = i.indexname) _i where _o = $1)`
	keyText = `(select 'PRIMARY KEY ' || substring(_d, position('(' in _d)) from (select c.oid as _o, i.indexdef as _d from pg_indexes ` +
		`i, pg_class c, pg_namespace n where n.oid = c.relnamespace and n.nspname = i.schemaname and c.relname = i.indexname) _i where _o = $1)`
	viewText = `(select _d from (select c.oid as _o, v.definition as _d from pg_views v, pg_class c, ` +
		`pg_namespace n where n.oid = c.relnamespace and n.nspname = v.schemaname and c.relname = v.viewname) _v where _o = $1)`
	describedBy = `(select max(_d) from (select objoid as _o, objsubid as _s, ` +
		`description as _d from pg_description) _t where _o = $1 and _s = `
)

var templates = map[string]string{
	"(regclass)/1": `(select _n from (select oid as _o, relname as _n from pg_class) _t where _o = $1)`,
	"(regtype)/1":  `(select _s from (select oid as _o, spelled as _s from pg_type) _t where _o = $1)`,
	// conkey and its like are text here: {1,2}
	"(any of keys)/2":   `(strpos(',' || btrim($2, '{}') || ',', ',' || ($1)::varchar || ',') > 0)`,
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
	"array_to_string/2": `(case when ($1)::varchar like '{%}' then replace(btrim(($1)::varchar, '{}'), ',', ` +
		`$2) else (($1)::varchar)::int::varchar end)`,
	"pg_encoding_to_char/1": `(case $1 when 6 then 'UTF8' else '' end)`,
	"format_encoding/1": `(case $1 when 0 then 'none' when 1 then 'raw' when 2 then 'bytedict' when 3 then 'delta'
		when 4 then 'delta32k' when 5 then 'mostly8'
		when 6 then 'mostly16' when 7 then 'mostly32' when 8 then 'runlength' when 9 then 'text255' when 10 then 'text32k' when 11 then 'lzo'
		when 128 then 'az64' when 129 then 'zstd' end)`,
	"format_type/2": `((select _s from (select oid as _o, spelled as _s from pg_type) _t where _o = $1) || case when $2 is null
		or $2 < 4 then '' when $1 in (1042, 1043, 6551) then '(' || ($2 - 4)::varchar || ')'
		when $1 = 1700 then '(' || (($2 - 4) / 65536)::varchar || ',' || (($2 - 4) % 65536)::varchar || ')' else '' end)`,
	"has_table_privilege/2": `true`, "has_table_privilege/3": `true`, "has_schema_privilege/2": `true`, "has_schema_privilege/3": `true`,
	"has_database_privilege/2": `true`, "has_database_privilege/3": `true`, "has_any_column_privilege/2": `true`,
	"has_any_column_privilege/3": `true`,
}

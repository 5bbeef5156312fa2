package session

import (
	"context"
	"strconv"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/syntax"
)

// versionText has the form of Redshift's, of a release that drivers take for recent.
const versionText = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), " +
	"Redshift 1.0.122914"

// A meaning tells the binder what only the session knows: its own functions, the names of the
// catalog, the types of names and numbers there.
type meaning struct {
	s       *Session
	catalog *store.Catalog
	used    bool // it was asked for something of the moment
}

// options are those of a statement that may ask for what the session knows.
func (m *meaning) options(ctx context.Context) bind.Session {
	o := m.s.identity()
	o.Expr = func(x syntax.Expr) (syntax.Expr, *syntax.Error) {
		y, err := m.expr(x)
		m.used = m.used || y != nil
		return y, err
	}
	o.Table = func(t *syntax.TableFunc) syntax.TableRef {
		y := m.table(ctx, t)
		m.used = m.used || y != nil
		return y
	}
	return o
}

// identity is what every statement may ask for, also one whose text is kept.
func (s *Session) identity() bind.Session {
	return bind.Session{User: s.user, Database: s.db.Name}
}

// expr gives what stands for an expression: a value that is known now, or an expression over
// the catalog; nil when it is none of the session's.
func (m *meaning) expr(x syntax.Expr) (syntax.Expr, *syntax.Error) {
	if c, ok := x.(*syntax.Cast); ok {
		return m.cast(c)
	}
	return m.value(x), nil
}

func (m *meaning) value(x syntax.Expr) syntax.Expr {
	switch x := x.(type) {
	case *syntax.Column:
		if len(x.Name) == 1 && (x.Name[0].Name == "current_schema" || x.Name[0].Name == "current_user_id") {
			return m.call(x.At, x.Name[0].Name, nil)
		}
	case *syntax.Index:
		if names, ok := m.schemas(x.X); ok {
			return element(x, names)
		}
	case *syntax.Quantified:
		if keys, ok := x.Array.(*syntax.Column); ok && x.Op == "=" && !x.All && strings.HasSuffix(keys.Name.Last().Name, "key") {
			return m.template(x.At, "(any of keys)", x.X, keys)
		}
		if names, ok := m.schemas(x.Array); ok {
			list := make([]syntax.Expr, len(names))
			for i, n := range names {
				list[i] = text(x.At, n)
			}
			y := *x
			y.Array = &syntax.Func{Node: x.Node, Name: syntax.Name{{Name: "array", Pos: x.At}}, Args: list}
			return &y
		}
	case *syntax.Func:
		if name, ok := ownName(x.Name); ok && !x.Star && x.Over == nil && !madeArray(name, x.Args) {
			return m.call(x.At, name, x.Args)
		}
	}
	return nil
}

// madeArray reports whether a function that is here for the catalog's arrays is asked of one that the statement makes.
func madeArray(name string, args []syntax.Expr) bool {
	if name != "array_to_string" || len(args) == 0 {
		return false
	}
	made, ok := args[0].(*syntax.Func)
	return ok && made.Name.Last().Name == "array"
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
func (m *meaning) call(at syntax.Pos, name string, args []syntax.Expr) syntax.Expr {
	s := m.s
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
			if path := s.visible(m.catalog, false); len(path) > 0 {
				return text(at, path[0])
			}
			return &syntax.Literal{Node: syntax.Node{At: at}, Kind: syntax.Null}
		}
	}
	if y := m.arrays(at, name, args); y != nil {
		return y
	}
	return m.template(at, name, args...)
}

// arrays are the functions of the one array that there is: the schemas of the search path.
func (m *meaning) arrays(at syntax.Pos, name string, args []syntax.Expr) syntax.Expr {
	if name == "current_schemas" && len(args) == 1 {
		names, ok := m.schemas(&syntax.Func{Name: syntax.Name{{Name: name}}, Args: args})
		if !ok {
			return nil
		}
		return text(at, "{"+strings.Join(names, ",")+"}")
	}
	if name == "current_setting" && len(args) == 1 {
		lit, ok := args[0].(*syntax.Literal)
		if _, known := defaults()[strings.ToLower(lit.Text)]; ok && known {
			return text(at, m.s.setting(strings.ToLower(lit.Text)))
		}
		return nil
	}
	if len(args) < 1 {
		return nil
	}
	names, ok := m.schemas(args[0])
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
func (m *meaning) schemas(x syntax.Expr) ([]string, bool) {
	fn, ok := x.(*syntax.Func)
	if !ok || len(fn.Args) != 1 {
		return nil, false
	}
	lit, constant := fn.Args[0].(*syntax.Literal)
	if name, own := ownName(fn.Name); !own || name != "current_schemas" || !constant {
		return nil, false
	}
	implicit := strings.HasPrefix(strings.ToLower(lit.Text), "t")
	return m.s.visible(m.catalog, implicit), true
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
func (m *meaning) table(ctx context.Context, t *syntax.TableFunc) syntax.TableRef {
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
		if m.s.listing {
			return nil
		}
		body = m.s.lateColumns(ctx, m.catalog)
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

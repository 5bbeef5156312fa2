package print

import (
	"strconv"
	"strings"

	"penstock/internal/sql/typed"
)

// lambda writes a function of elements.
func (p *printer) lambda(l *typed.Lambda) string {
	names := make([]string, len(l.Params))
	for i, v := range l.Params {
		names[i] = v.Name
	}
	return "lambda " + strings.Join(names, ", ") + ": " + p.expr(l.Body)
}

// nested writes an operation that makes a nested value of any number of arguments.
func (p *printer) nested(c *typed.Call) string {
	switch c.Op {
	case "struct":
		parts := make([]string, len(c.Args))
		for i, f := range c.T.Fields() {
			parts[i] = quote(f.Name) + " := " + p.expr(c.Args[i])
		}
		return "struct_pack(" + strings.Join(parts, ", ") + ")"
	case "spark_array":
		return p.list(c)
	case "map_concat":
		sides := make([][]string, 2)
		for _, x := range c.Args {
			m := p.expr(x)
			sides[0], sides[1] = append(sides[0], "map_keys("+m+")"), append(sides[1], "map_values("+m+")")
		}
		return cast("map("+strings.Join(sides[0], " || ")+", "+strings.Join(sides[1], " || ")+")", c.T)
	case "places":
		lens, known := make([]string, len(c.Args)), make([]string, len(c.Args))
		for i, x := range c.Args {
			list := p.expr(x)
			lens[i], known[i] = "len("+list+")", list+" IS NOT NULL"
		}
		return "CASE WHEN " + strings.Join(known, " AND ") + " THEN range(greatest(" + strings.Join(lens, ", ") + ")) END"
	case "from_json":
		return cast("json_transform(ps_sp_from_json("+p.exprs(c.Args)+"), "+str(strconv.Quote(duck(c.T)))+")", c.T)
	}
	parts := make([]string, len(c.Args))
	for i, x := range c.Args {
		parts[i] = p.expr(x)
	}
	return cast(strings.Join(parts, " || "), c.T)
}

// list writes an array. One of NULLs, or of nothing, needs its type said.
func (p *printer) list(c *typed.Call) string {
	text := "[" + p.exprs(c.Args) + "]"
	for _, x := range c.Args {
		if l, ok := x.(*typed.Literal); !ok || !l.Null {
			return text
		}
	}
	return cast(text, c.T)
}

// unnest writes the rows of an array: its elements and, where it is asked for, their places from 0.
func (p *printer) unnest(u *typed.Unnest) string {
	list := p.expr(u.X)
	if u.X.Type().Kind == typed.Super {
		list = goFn("rs", "super_elements", list)
		return "LATERAL (SELECT unnest(" + list + ") AS " + quote(u.Value) + ", unnest(range(len(" + list + "))) AS " + quote(u.Index) +
			") AS " + quote(u.Alias)
	}
	rows := func(list, of, t string) string {
		if u.Outer {
			list = "CASE WHEN len(" + of + ") > 0 THEN " + list + " ELSE CAST([NULL] AS " + t + ") END"
		}
		return "unnest(" + list + ")"
	}
	out := "LATERAL (SELECT " + rows(list, list, duck(u.X.Type())) + " AS " + quote(u.Value)
	if u.Index != "" {
		out += ", " + rows("CAST(range(len("+list+")) AS INTEGER[])", list, "INTEGER[]") + " AS " + quote(u.Index)
	}
	return out + ") AS " + quote(u.Alias)
}

package dialect

import "penstock/internal/sql/syntax"

// redshiftName is the name that Redshift gives to an unnamed output.
func redshiftName(x syntax.Expr) string {
	switch x := x.(type) {
	case *syntax.Func:
		return redshiftFunctionName(x.Name.Last().Name)
	case *syntax.Column:
		return x.Name.Last().Name
	case *syntax.Field:
		return x.Name.Name
	case *syntax.Index:
		return redshiftName(x.X)
	case *syntax.Cast:
		if n := redshiftName(x.X); n != "?column?" {
			return n
		}
		return redshiftCastName(x.Type.Name)
	case *syntax.Case:
		return "case"
	case *syntax.Exists:
		return "exists"
	case *syntax.AtTimeZone:
		return "timezone"
	case *syntax.Subquery:
		if s, ok := x.Query.Body.(*syntax.Select); ok && len(s.Items) == 1 {
			if s.Items[0].Alias.Name != "" {
				return s.Items[0].Alias.Name
			}
			return redshiftName(s.Items[0].X)
		}
	case *syntax.Literal:
		switch x.Kind {
		case syntax.Bool:
			return "bool"
		case syntax.Typed:
			return redshiftCastName(x.Type)
		}
	}
	return "?column?"
}

// redshiftFunctionName maps a function to the internal name under which Redshift runs it.
func redshiftFunctionName(name string) string {
	switch name {
	case "dateadd", "date_add":
		return "date_add"
	case "datediff", "date_diff":
		return "date_diff"
	case "extract":
		return "date_part"
	case "date_part":
		return "pgdate_part"
	case "nvl":
		return "coalesce"
	case "approximate_count":
		return "count"
	case "approximate_percentile_disc":
		return "percentile_disc"
	}
	return name
}

// redshiftCastName is the internal name of a type.
func redshiftCastName(t string) string {
	names := map[string]string{"integer": "int4", "int": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool", "decimal": "numeric",
		"character varying": "varchar", "character": "bpchar", "char": "bpchar", "double precision": "float8", "float": "float8",
		"real": "float4", "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", "time without time zone": "time",
		"time with time zone": "timetz"}
	if n, ok := names[t]; ok {
		return n
	}
	return t
}

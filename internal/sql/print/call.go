package print

import (
	"strings"
	"sync"

	"penstock/internal/sql/typed"
)

// templates gives for each operation its text: $1, $2 ... are the arguments, $* all of them. A leading "=" says that the text already
// has the type of the typed tree; without it a CAST is put around.
var templates = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(operations, "\n") {
		name, text, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok {
			out[name] = strings.TrimSpace(text)
		}
	}
	return out
})

func (p *printer) call(c *typed.Call) string {
	switch c.Op {
	case "div_decimal_trunc":
		return p.divide(c, false)
	case "div_decimal_round":
		return p.divide(c, true)
	case "add_decimal", "sub_decimal", "mul_decimal":
		return p.wide(c)
	case "mul_decimal_round", "mul_decimal_trunc":
		return p.product(c)
	case "trunc_decimal":
		return p.truncDecimal(c)
	case "ceil", "floor": // the engine's own goes through double
		if t := c.Args[0].Type(); t.IsInt() {
			return cast(p.expr(c.Args[0]), c.T)
		}
	case "super_field", "super_element":
		return p.superPath(c)
	case "concat":
		return p.concat(c)
	case "super_array", "super_object":
		return p.superParts(c, c.Op)
	case "to_number":
		return scaled(goFn("rs", "to_number", p.expr(c.Args[0]), p.expr(c.Args[1]), itoa(c.T.Scale)), c.T)
	case "struct", "spark_array", "map_concat", "places", "concat_arrays", "from_json":
		return p.nested(c)
	case "unknown":
		return p.fail("an expression depends on a column whose type is not known")
	}
	if text, ok := p.fast(c); ok {
		return text
	}
	t, ok := templates()[c.Op]
	if !ok {
		return p.fail("operation %s has no DuckDB text", c.Op)
	}
	exact := strings.HasPrefix(t, "=")
	text := p.fill(strings.TrimPrefix(t, "="), c.Args)
	if exact {
		return text
	}
	return cast(text, c.T)
}

// concat joins text. With a NULL in it that is constant DuckDB would forget that the result is text.
func (p *printer) concat(c *typed.Call) string {
	out := make([]string, len(c.Args))
	null := len(c.Args) == 1
	for i, x := range c.Args {
		out[i] = p.expr(x)
		null = null || mayBeBare(x)
	}
	text := "(" + strings.Join(out, " || ") + ")"
	if null {
		return cast(text, c.T)
	}
	return text
}

// mayBeBare reports whether the engine may see a NULL in the place of an expression while it plans.
func mayBeBare(x typed.Expr) bool {
	switch x := x.(type) {
	case *typed.ColumnRef:
		return x.Table == "" // a variable of a lambda function
	case *typed.Literal:
		return x.Null
	case *typed.Call:
		return x.Op != "concat"
	}
	return true
}

// fill puts the arguments into a template; what stands between question marks behind an argument's number is for a missing one.
func (p *printer) fill(t string, args []typed.Expr) string {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = p.expr(a)
	}
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		if t[i] != '$' || i+1 >= len(t) {
			b.WriteByte(t[i])
			continue
		}
		i++
		if t[i] == '*' {
			b.WriteString(strings.Join(texts, ", "))
			continue
		}
		n, missing := int(t[i]-'1'), "NULL"
		if i+1 < len(t) && t[i+1] == '?' {
			end := i + 2 + strings.IndexByte(t[i+2:], '?')
			missing, i = t[i+2:end], end
		}
		if n >= 0 && n < len(texts) {
			b.WriteString(texts[n])
		} else {
			b.WriteString(missing)
		}
	}
	return b.String()
}

func (p *printer) truncDecimal(c *typed.Call) string {
	x, scale := p.expr(c.Args[0]), c.T.Scale
	l, _ := c.Args[1].(*typed.Literal)
	n := 0
	neg := strings.HasPrefix(l.Text, "-")
	for _, d := range strings.TrimPrefix(l.Text, "-") {
		n = min(n*10+int(d-'0'), 38)
	}
	if neg {
		n = -n
	}
	if n >= scale {
		return x
	}
	unit := hugePow(scale - n)
	return scaled("("+unscaled(x, c.Args[0].Type())+" // "+unit+" * "+unit+")", c.T)
}

// superPath navigates into a SUPER value; what is missing is NULL.
func (p *printer) superPath(c *typed.Call) string {
	x, key := p.expr(c.Args[0]), p.expr(c.Args[1])
	if c.Op == "super_field" {
		return goFn("rs", "super_field", x, key)
	}
	return goFn("rs", "super_element", x, "CAST("+key+" AS BIGINT)")
}

// superParts makes an array or object of values.
func (p *printer) superParts(c *typed.Call, name string) string {
	if len(c.Args) == 0 {
		return map[string]string{"super_array": "CAST('[]' AS JSON)", "super_object": "CAST('{}' AS JSON)"}[name]
	}
	parts := make([]string, len(c.Args))
	for i, a := range c.Args {
		parts[i] = "CAST(" + toSuper(p.expr(a), a.Type()) + " AS VARCHAR)"
	}
	return goFn("rs", name, parts...)
}

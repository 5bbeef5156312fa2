package print

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"

	"penstock/internal/sql/typed"
)

// fast writes a call by a function of the engine where it is the same for these arguments as the dialect's own, which costs more. Only
// constants decide.
func (p *printer) fast(c *typed.Call) (string, bool) {
	switch op := strings.TrimPrefix(strings.TrimPrefix(c.Op, "rs_"), "sp_"); op {
	case "left", "right":
		if n, ok := constInt(c, 1); ok && n >= 0 {
			return op + "(" + p.exprs(c.Args) + ")", true
		}
	case "substring":
		from, ok := constInt(c, 1)
		n, bounded := constInt(c, 2)
		if ok && from >= 1 && (len(c.Args) == 2 || bounded && n >= 0) {
			return "substring(" + p.exprs(c.Args) + ")", true
		}
	case "split_part":
		sep, ok := constText(c, 1)
		if n, counted := constInt(c, 2); ok && sep != "" && counted && n >= 1 {
			return "split_part(" + p.exprs(c.Args) + ")", true
		}
	case "replace": // nothing grows
		from, ok := constText(c, 1)
		if to, okTo := constText(c, 2); ok && okTo && from != "" && len(to) <= len(from) {
			return "replace(" + p.exprs(c.Args) + ")", true
		}
	case "upper", "lower": // ASCII is the same everywhere
		if _, ok := c.Args[0].(*typed.ColumnRef); ok {
			x := p.expr(c.Args[0])
			return "CASE WHEN strlen(" + x + ") = length(" + x + ") THEN " + op + "(" + x + ") ELSE " + goFn(c.Op[:2], op, x) + " END", true
		}
	case "regexp_replace", "spark_regexp_replace":
		return p.fastReplace(c)
	case "regex_find", "regex_find_fold":
		return p.fastMatch(c, op == "regex_find_fold")
	}
	return "", false
}

// fastMatch asks whether a constant pattern is found: which match is no question, so both machines agree.
func (p *printer) fastMatch(c *typed.Call, fold bool) (string, bool) {
	pattern, ok := constText(c, 1)
	if !ok || strings.ContainsAny(pattern, "\\$^") { // white space, digits and line ends are not the same everywhere
		return "", false
	}
	if _, err := syntax.Parse(pattern, syntax.Perl); err != nil {
		return "", false
	}
	flags := ""
	if fold {
		flags = ", 'i'"
	}
	return "regexp_matches(" + p.exprs(c.Args) + flags + ")", true
}

// onePiece is a pattern of one character or class, perhaps repeated: the first match is the longest as well.
var onePiece = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Za-z0-9 ,;:_#@%&=~'"/-]|\[\^?[A-Za-z0-9 ,;:_#@%&=~'"/.-]+\])\+?$`)
})

// fastReplace is for constants of which nothing is special to one machine only.
func (p *printer) fastReplace(c *typed.Call) (string, bool) {
	pattern, ok := constText(c, 1)
	with, plain := constText(c, 2)
	if !ok || !plain || len(c.Args) != 3 || strings.ContainsAny(with, `\$`) || !onePiece().MatchString(pattern) {
		return "", false
	}
	return "regexp_replace(" + p.exprs(c.Args) + ", 'g')", true
}

func constText(c *typed.Call, i int) (string, bool) {
	if i >= len(c.Args) {
		return "", false
	}
	l, ok := c.Args[i].(*typed.Literal)
	if !ok || l.Null || !l.T.IsText() {
		return "", false
	}
	return l.Text, true
}

func constInt(c *typed.Call, i int) (int64, bool) {
	if i >= len(c.Args) {
		return 0, false
	}
	l, ok := c.Args[i].(*typed.Literal)
	if !ok || l.Null || !l.T.IsInt() {
		return 0, false
	}
	n, err := strconv.ParseInt(l.Text, 10, 64)
	return n, err == nil
}

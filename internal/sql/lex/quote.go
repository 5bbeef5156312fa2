package lex

import (
	"strings"

	"penstock/internal/sql/syntax"
)

// quoted reads "name" or `name`. A dialect may fold quoted names too.
func (x *lexer) quoted(at syntax.Pos, q byte) *syntax.Error {
	var b strings.Builder
	x.advance(1)
	for {
		if x.i >= len(x.src) {
			return syntax.Errorf(at, "this quoted name is not closed")
		}
		if x.at(0) == q {
			if x.at(1) != q {
				break
			}
			x.advance(1)
		}
		start := x.i
		x.advance(1)
		b.WriteString(x.src[start:x.i])
	}
	x.advance(1)
	if b.Len() == 0 {
		return syntax.Errorf(at, "a quoted name must not be empty")
	}
	x.name(Quoted, b.String(), x.lexis.FoldQuoted, at)
	return nil
}

// str reads a string in the given quotes; backslashes escape unless raw. Without DoubledQuotes adjacent strings join in the parser.
func (x *lexer) str(at syntax.Pos, q byte, raw bool) *syntax.Error {
	var b strings.Builder
	x.advance(1)
	for {
		if x.i >= len(x.src) {
			return syntax.Errorf(at, "this string is not closed")
		}
		c := x.at(0)
		switch {
		case c == q && x.at(1) == q && x.lexis.DoubledQuotes:
			b.WriteByte(q)
			x.advance(2)
		case c == q:
			x.advance(1)
			x.emit(String, b.String(), at)
			return nil
		case c == '\\' && !raw && x.lexis.Escapes != nil && x.i+1 < len(x.src):
			x.escape(&b)
		default:
			start := x.i
			x.advance(1)
			b.WriteString(x.src[start:x.i])
		}
	}
}

// escape reads a backslash and what follows. KeepWildcards keeps the backslash before the wildcards of LIKE.
func (x *lexer) escape(b *strings.Builder) {
	x.advance(1)
	c := x.at(0)
	if r, ok := x.lexis.Escapes[c]; ok {
		b.WriteByte(r)
		x.advance(1)
		return
	}
	if x.lexis.KeepWildcards && (c == '%' || c == '_') {
		b.WriteByte('\\')
	}
	start := x.i
	x.advance(1)
	b.WriteString(x.src[start:x.i])
}

// dollar reads $1, $$text$$ or $tag$text$tag$.
func (x *lexer) dollar(at syntax.Pos) *syntax.Error {
	n := 1
	for c := x.at(n); c >= '0' && c <= '9'; c = x.at(n) {
		n++
	}
	if n > 1 {
		if n > 6 {
			return syntax.Errorf(at, "parameter number is too large")
		}
		text := x.src[x.i+1 : x.i+n]
		x.advance(n)
		x.emit(Param, text, at)
		return nil
	}
	for isWordByte(x.at(n)) {
		n++
	}
	if x.at(n) != '$' {
		return syntax.Errorf(at, "$ begins neither a parameter ($1) nor a dollar-quoted string ($$...$$)")
	}
	tag := x.src[x.i : x.i+n+1]
	end := strings.Index(x.src[x.i+len(tag):], tag)
	if end < 0 {
		return syntax.Errorf(at, "this dollar-quoted string is not closed: %s is missing", tag)
	}
	body := x.src[x.i+len(tag) : x.i+len(tag)+end]
	x.advance(2*len(tag) + end)
	x.emit(Dollar, body, at)
	return nil
}

// hex reads X'1F'.
func (x *lexer) hex(at syntax.Pos) *syntax.Error {
	end := strings.IndexByte(x.src[x.i+2:], '\'')
	if end < 0 {
		return syntax.Errorf(at, "this string is not closed")
	}
	body := x.src[x.i+2 : x.i+2+end]
	if strings.Trim(body, "0123456789abcdefABCDEF") != "" || len(body)%2 != 0 {
		return syntax.Errorf(at, "a binary literal holds pairs of hexadecimal digits")
	}
	x.advance(end + 3)
	x.emit(Hex, body, at)
	return nil
}

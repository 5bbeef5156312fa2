package dqdl

import (
	"fmt"
	"strings"
)

// An Error is a mistake at a place of the text, from 1.
type Error struct {
	Line, Col int
	Msg       string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Col, e.Msg) }

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenString
	tokenNumber
	tokenSymbol
)

type token struct {
	kind      tokenKind
	text      string // a string's value; otherwise as written
	at, end   int    // bytes
	line, col int
}

// lex splits a text into tokens; comments run from # to the end of the line.
func lex(text string) ([]token, error) {
	l := &lexer{text: text, line: 1, col: 1}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
		if t.kind == tokenEnd {
			return l.tokens, nil
		}
	}
}

type lexer struct {
	text      string
	pos       int
	line, col int
	tokens    []token
}

func (l *lexer) skip() {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == '#':
			for l.pos < len(l.text) && l.text[l.pos] != '\n' {
				l.step()
			}
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			l.step()
		default:
			return
		}
	}
}

func (l *lexer) step() {
	c := l.text[l.pos]
	l.pos++
	switch {
	case c == '\n':
		l.line++
		l.col = 1
	case c&0xc0 != 0x80: // columns count characters
		l.col++
	}
}

func (l *lexer) next() (token, error) {
	l.skip()
	t := token{at: l.pos, line: l.line, col: l.col}
	if l.pos == len(l.text) {
		t.end = l.pos
		return t, nil
	}
	c := l.text[l.pos]
	switch {
	case c == '"':
		return l.quoted(t)
	case isLetter(c):
		t.kind = tokenWord
		l.while(func(c byte) bool { return isLetter(c) || isDigit(c) || c == '.' })
	case isDigit(c) || (c == '-' || c == '.') && l.pos+1 < len(l.text) && isDigit(l.text[l.pos+1]):
		t.kind = tokenNumber
		l.step()
		l.while(func(c byte) bool { return isDigit(c) || c == '.' })
	default:
		t.kind = tokenSymbol
		two := ""
		if l.pos+1 < len(l.text) {
			two = l.text[l.pos : l.pos+2]
		}
		if !strings.ContainsRune("[](){},=<>!$-+*/.:", rune(c)) {
			return t, &Error{l.line, l.col, fmt.Sprintf("%q has no meaning here", rune(c))}
		}
		l.step()
		if two == ">=" || two == "<=" || two == "!=" {
			l.step()
		}
	}
	t.text, t.end = l.text[t.at:l.pos], l.pos
	if t.kind == tokenNumber && strings.Count(t.text, ".") > 1 {
		return t, &Error{t.line, t.col, fmt.Sprintf("%q is not a number", t.text)}
	}
	return t, nil
}

func (l *lexer) while(in func(byte) bool) {
	for l.pos < len(l.text) && in(l.text[l.pos]) {
		l.step()
	}
}

func (l *lexer) quoted(t token) (token, error) {
	var b strings.Builder
	l.step()
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		if c == '\\' && l.pos+1 < len(l.text) && (l.text[l.pos+1] == '"' || l.text[l.pos+1] == '\\') {
			l.step()
			c = l.text[l.pos]
		} else if c == '"' {
			l.step()
			t.kind, t.text, t.end = tokenString, b.String(), l.pos
			return t, nil
		}
		b.WriteByte(c)
		l.step()
	}
	return t, &Error{t.line, t.col, "this string is never closed"}
}

func isLetter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

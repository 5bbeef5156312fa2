// Package lex cuts SQL text into tokens: words, quoted names, strings, numbers, operators and parameters, each with its place. It
// knows a dialect's quoting and comments and nothing about grammar.
package lex

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
)

// Kind says what a Token is.
type Kind int

// The kinds of tokens.
const (
	EOF Kind = iota
	Word
	Quoted
	String
	Dollar // a dollar-quoted string
	Number
	Op
	Param // $1 or :name
	Hex   // X'1F'
)

// Token is one token. Text is folded for a Word and unescaped for strings and quoted names; a number keeps its suffix. Written is a name
// before it was folded, where that differs.
type Token struct {
	Kind    Kind
	Text    string
	Written string
	Pos     syntax.Pos
	End     int // byte offset behind the token
}

type lexer struct {
	src       string
	lexis     dialect.Lexis
	i         int
	line, col int
	toks      []Token
}

// Tokens cuts the text. The last token is EOF. The error is a *syntax.Error.
func Tokens(text string, d *dialect.Dialect) ([]Token, error) {
	x := &lexer{src: text, lexis: d.Lexis, line: 1, col: 1, toks: make([]Token, 0, len(text)/4+2)}
	for {
		if err := x.space(); err != nil {
			return nil, err.Locate(text)
		}
		if x.i >= len(x.src) {
			x.emit(EOF, "", x.pos())
			return x.toks, nil
		}
		if err := x.next(); err != nil {
			return nil, err.Locate(text)
		}
	}
}

func (x *lexer) pos() syntax.Pos { return syntax.Pos{Line: x.line, Col: x.col, Offset: x.i} }

func (x *lexer) emit(k Kind, text string, at syntax.Pos) {
	x.toks = append(x.toks, Token{Kind: k, Text: text, Pos: at, End: x.i})
}

// advance moves n bytes on and keeps line and column.
func (x *lexer) advance(n int) {
	for end := x.i + n; x.i < end && x.i < len(x.src); {
		c := x.src[x.i]
		switch {
		case c == '\n':
			x.line, x.col = x.line+1, 1
			x.i++
		case c < utf8.RuneSelf:
			x.col++
			x.i++
		default:
			_, size := utf8.DecodeRuneInString(x.src[x.i:])
			x.col++
			x.i += size
		}
	}
}

func (x *lexer) at(off int) byte {
	if x.i+off < len(x.src) {
		return x.src[x.i+off]
	}
	return 0
}

func (x *lexer) space() *syntax.Error {
	for x.i < len(x.src) {
		c := x.src[x.i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			x.advance(1)
		case c == 0xC2 && x.at(1) == 0xA0, c == 0xEF && x.at(1) == 0xBB && x.at(2) == 0xBF:
			_, size := utf8.DecodeRuneInString(x.src[x.i:])
			x.advance(size)
		case c == '-' && x.at(1) == '-':
			n := strings.IndexByte(x.src[x.i:], '\n')
			if n < 0 {
				n = len(x.src) - x.i
			}
			x.advance(n)
		case c == '/' && x.at(1) == '*':
			if err := x.block(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// block skips a block comment; they nest in both dialects.
func (x *lexer) block() *syntax.Error {
	at, depth := x.pos(), 0
	for x.i < len(x.src) {
		switch {
		case x.at(0) == '/' && x.at(1) == '*':
			depth++
			x.advance(2)
		case x.at(0) == '*' && x.at(1) == '/':
			depth--
			x.advance(2)
			if depth == 0 {
				return nil
			}
		default:
			x.advance(1)
		}
	}
	return syntax.Errorf(at, "this comment is not closed")
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func (x *lexer) next() *syntax.Error {
	at := x.pos()
	r, _ := utf8.DecodeRuneInString(x.src[x.i:])
	switch {
	case (r == 'x' || r == 'X') && x.at(1) == '\'' && x.lexis.HexStrings:
		return x.hex(at)
	case (r == 'r' || r == 'R') && x.quotes(x.at(1)) && x.lexis.RawStrings:
		x.advance(1)
		return x.str(at, x.at(0), true)
	case (r == 'e' || r == 'E') && x.at(1) == '\'' && x.lexis.EscapeStrings:
		x.advance(1)
		return x.str(at, '\'', false)
	case letter(r), r == '#' && x.lexis.HashNames && isWordByte(x.at(1)):
		x.word(at)
	case r >= '0' && r <= '9', r == '.' && x.at(1) >= '0' && x.at(1) <= '9' && !x.afterName():
		x.number(at)
	case r < utf8.RuneSelf && x.quotes(byte(r)):
		return x.str(at, byte(r), false)
	case r == '"', r == '`':
		return x.quoted(at, byte(r))
	case r == '$':
		return x.dollar(at)
	case r == ':' && isWordByte(x.at(1)) && (x.at(1) < '0' || x.at(1) > '9') && !x.prevColon():
		n := 1
		for isWordByte(x.at(n)) {
			n++
		}
		name := x.src[x.i+1 : x.i+n]
		x.advance(n)
		x.emit(Param, name, at)
	default:
		return x.op(at)
	}
	return nil
}

// quotes reports whether a byte quotes a string.
func (x *lexer) quotes(c byte) bool { return c != 0 && strings.IndexByte(x.lexis.StringQuotes, c) >= 0 }

func (x *lexer) prevColon() bool { return x.i > 0 && x.src[x.i-1] == ':' }

// afterName reports whether the dot just read belongs to a path: t.1 is no number.
func (x *lexer) afterName() bool {
	if len(x.toks) == 0 {
		return false
	}
	last := x.toks[len(x.toks)-1]
	return last.End == x.i && (last.Kind == Word || last.Kind == Quoted || last.Kind == Op && last.Text == "]")
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= utf8.RuneSelf
}

func (x *lexer) word(at syntax.Pos) {
	start := x.i
	x.advance(1)
	for x.i < len(x.src) {
		r, size := utf8.DecodeRuneInString(x.src[x.i:])
		if !letter(r) && !unicode.IsDigit(r) && !(r == '$' && x.lexis.DollarNames) {
			break
		}
		x.advance(size)
	}
	x.name(Word, x.src[start:x.i], true, at)
}

// name emits a word or a quoted name, folded perhaps.
func (x *lexer) name(k Kind, written string, fold bool, at syntax.Pos) {
	text := written
	if fold {
		text = strings.ToLower(written)
	}
	x.emit(k, text, at)
	if text != written {
		x.toks[len(x.toks)-1].Written = written
	}
}

func (x *lexer) number(at syntax.Pos) {
	start := x.i
	digits := func() {
		for c := x.at(0); c >= '0' && c <= '9'; c = x.at(0) {
			x.advance(1)
		}
	}
	digits()
	if x.at(0) == '.' && x.at(1) != '.' {
		x.advance(1)
		digits()
	}
	if c := x.at(0); c == 'e' || c == 'E' {
		n := 1
		if x.at(n) == '+' || x.at(n) == '-' {
			n++
		}
		if x.at(n) >= '0' && x.at(n) <= '9' {
			x.advance(n)
			digits()
		}
	}
	if x.lexis.NumberSuffixes {
		x.suffix()
	}
	x.emit(Number, strings.ToLower(x.src[start:x.i]), at)
}

// suffix takes Spark's L, S, Y, D, F and BD.
func (x *lexer) suffix() {
	n := 0
	switch x.at(0) | 0x20 {
	case 'l', 's', 'y', 'd', 'f':
		n = 1
	case 'b':
		if x.at(1)|0x20 == 'd' {
			n = 2
		}
	}
	if n > 0 && !isWordByte(x.at(n)) {
		x.advance(n)
	}
}

var ops = [...]string{"<=>", "!~*", "||/", "::", "||", "|/", "<>", "!=", "<=", ">=", "==", "<<", ">>", "->", "=>", "~~", "!~", "~*", ":="}

func (x *lexer) op(at syntax.Pos) *syntax.Error {
	for _, op := range ops {
		if strings.HasPrefix(x.src[x.i:], op) {
			x.advance(len(op))
			x.emit(Op, op, at)
			return nil
		}
	}
	r, size := utf8.DecodeRuneInString(x.src[x.i:])
	if !strings.ContainsRune("()[]{},;.+-*/%^<>=~!@#&|:?\\", r) {
		return syntax.Errorf(at, "character %q is not part of SQL", r)
	}
	x.advance(size)
	x.emit(Op, string(r), at)
	return nil
}

package parse

import (
	"strconv"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
)

// maxDepth bounds nesting, so that no text can exhaust the stack.
const maxDepth = 200

// parser walks the tokens. The first mistake is kept in err, and every later read gives EOF, so loops end.
type parser struct {
	toks    []lex.Token
	i       int
	dialect *dialect.Dialect
	has     *dialect.Grammar
	text    string
	depth   int
	err     *syntax.Error
	closing []int         // see match
	given   []syntax.Expr // what stands for $1, $2, ... of an expression
}

func newParser(text string, d *dialect.Dialect) (*parser, error) {
	toks, err := lex.Tokens(text, d)
	if err != nil {
		return nil, err
	}
	return &parser{toks: toks, dialect: d, has: &d.Grammar, text: text}, nil
}

// fail keeps the first mistake and jumps to the end.
func (p *parser) fail(at syntax.Pos, format string, args ...any) {
	p.failAs(syntax.Grammar, at, format, args...)
}

func (p *parser) failAs(kind syntax.Kind, at syntax.Pos, format string, args ...any) {
	if p.err == nil {
		p.err = syntax.ErrorOf(kind, at, format, args...).Locate(p.text)
	}
	p.i = len(p.toks) - 1
}

// unexpected is the usual mistake: something else was expected here.
func (p *parser) unexpected(want string) {
	t := p.tok()
	if p.err != nil {
		return
	}
	if t.Kind == lex.EOF {
		p.fail(t.Pos, "the statement ends here, expected %s", want)
		return
	}
	p.fail(t.Pos, "found %s, expected %s", show(t), want)
}

func show(t lex.Token) string {
	switch t.Kind {
	case lex.EOF:
		return "the end"
	case lex.String, lex.Dollar:
		if len(t.Text) > 30 {
			return "'" + t.Text[:30] + "...'"
		}
		return "'" + t.Text + "'"
	case lex.Quoted:
		return strconv.Quote(t.Text)
	case lex.Param:
		return "parameter " + t.Text
	}
	return strconv.Quote(t.Text)
}

// enter and leave bound the depth of the tree.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.failAs(syntax.TooComplex, p.tok().Pos, "the statement is nested more than %d levels deep", maxDepth)
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// maxChain bounds how many operators of one level may follow one another: a + b + c ... is a tree as deep as it is long.
const maxChain = 10_000

// link counts an operator of a chain.
func (p *parser) link(n *int) {
	*n++
	if *n > maxChain {
		p.failAs(syntax.TooComplex, p.pos(), "more than %d operators in a row", maxChain)
	}
}

func (p *parser) tok() lex.Token { return p.toks[p.i] }

func (p *parser) pos() syntax.Pos { return p.toks[p.i].Pos }

func (p *parser) node() syntax.Node { return syntax.Node{At: p.pos()} }

// ahead is the n-th token after the current one.
func (p *parser) ahead(n int) lex.Token {
	if p.i+n < len(p.toks) {
		return p.toks[p.i+n]
	}
	return p.toks[len(p.toks)-1]
}

func (p *parser) next() lex.Token {
	t := p.toks[p.i]
	if p.i < len(p.toks)-1 {
		p.i++
	}
	return t
}

func (p *parser) end() bool { return p.toks[p.i].Kind == lex.EOF }

// is reports whether the next words are these.
func (p *parser) is(words ...string) bool {
	for n, w := range words {
		if t := p.ahead(n); t.Kind != lex.Word || t.Text != w {
			return false
		}
	}
	return true
}

// isAny reports whether the next word is one of these.
func (p *parser) isAny(words ...string) bool {
	t := p.tok()
	if t.Kind != lex.Word {
		return false
	}
	for _, w := range words {
		if t.Text == w {
			return true
		}
	}
	return false
}

// accept takes these words if they are next.
func (p *parser) accept(words ...string) bool {
	if !p.is(words...) {
		return false
	}
	for range words {
		p.next()
	}
	return true
}

// acceptAny takes the next word if it is one of these and gives it.
func (p *parser) acceptAny(words ...string) string {
	if p.isAny(words...) {
		return p.next().Text
	}
	return ""
}

// expect demands these words.
func (p *parser) expect(words ...string) {
	for _, w := range words {
		if !p.accept(w) {
			p.unexpected(upper(w))
			return
		}
	}
}

func (p *parser) isOp(op string) bool {
	t := p.tok()
	return t.Kind == lex.Op && t.Text == op
}

func (p *parser) aheadOp(n int, op string) bool {
	t := p.ahead(n)
	return t.Kind == lex.Op && t.Text == op
}

func (p *parser) op(op string) bool {
	if p.isOp(op) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expectOp(op string) {
	if !p.op(op) {
		p.unexpected(strconv.Quote(op))
	}
}

// ident demands an identifier; any word will do.
func (p *parser) ident(what string) syntax.Ident {
	t := p.tok()
	if t.Kind != lex.Word && t.Kind != lex.Quoted {
		p.unexpected(what)
		return syntax.Ident{Pos: t.Pos}
	}
	p.next()
	return syntax.Ident{Name: t.Text, Written: t.Written, Quoted: t.Kind == lex.Quoted, Pos: t.Pos}
}

// name demands a possibly qualified name.
func (p *parser) name(what string) syntax.Name {
	n := syntax.Name{p.ident(what)}
	for p.isOp(".") && (p.ahead(1).Kind == lex.Word || p.ahead(1).Kind == lex.Quoted) {
		p.next()
		n = append(n, p.ident(what))
	}
	return n
}

// idents demands (a, b, c).
func (p *parser) idents(what string) []syntax.Ident {
	p.expectOp("(")
	var out []syntax.Ident
	for {
		out = append(out, p.ident(what))
		if !p.op(",") {
			break
		}
	}
	p.expectOp(")")
	return out
}

// str demands a string literal.
func (p *parser) str(what string) string {
	t := p.tok()
	if t.Kind != lex.String && t.Kind != lex.Dollar {
		p.unexpected(what)
		return ""
	}
	p.next()
	return t.Text
}

// integer demands a whole number, with a sign perhaps.
func (p *parser) integer(what string) int64 {
	neg := p.op("-")
	t := p.tok()
	n, err := strconv.ParseInt(t.Text, 10, 64)
	if t.Kind != lex.Number || err != nil {
		p.unexpected(what)
		return 0
	}
	p.next()
	if neg {
		return -n
	}
	return n
}

// raw is the text from a token's place to the end of the token before the current one.
func (p *parser) raw(from syntax.Pos) string {
	if p.i == 0 {
		return ""
	}
	end := p.toks[p.i-1].End
	if end < from.Offset {
		return ""
	}
	return p.text[from.Offset:end]
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 32
		}
	}
	return string(b)
}

package convert

import (
	"strconv"
	"strings"
)

// A NumberPicture is a compiled format of TO_CHAR for numbers. The rules are PostgreSQL's, step by step, as the widths depend on them.
type NumberPicture struct {
	nodes            []numNode
	pre, post, multi int
	signAt           int  // digits in front of S
	signPost         bool // S stands behind the digits
	zeroStart        int
	zeroEnd          int
	fill, decimal    bool // fill: FM, without padding
	sign             bool // S
	minus, plus      bool // MI, PL; SG is both
	bracket, zero    bool
	roman            bool
	multiplied       bool // V
}

type numNode struct {
	key  string // "" is a literal
	char byte
}

// numKeys are the elements, longest first.
var numKeys = []string{"FM", "MI", "PL", "SG", "PR", "RN", "TH", "S", "L", "D", "G", "V", "9", "0", ".", ","}

// CompileNumber reads a format.
func CompileNumber(format string) (*NumberPicture, error) {
	p := &NumberPicture{}
	if err := formatLength(format); err != nil {
		return nil, err
	}
	for i := 0; i < len(format); {
		if format[i] == '"' {
			body, _, _ := strings.Cut(format[i+1:], `"`)
			for k := range len(body) {
				p.nodes = append(p.nodes, numNode{char: body[k]})
			}
			i += len(body) + 2
			continue
		}
		key := numKey(format[i:])
		if key == "" {
			if strings.HasPrefix(strings.ToUpper(format[i:]), "EEEE") {
				return nil, fail(CodeArgument, "number format element EEEE is not supported")
			}
			p.nodes = append(p.nodes, numNode{char: format[i]})
			i++
			continue
		}
		if err := p.prepare(key); err != nil {
			return nil, err
		}
		node := numNode{key: key}
		if key == "RN" || key == "TH" {
			node.char = format[i]
		}
		p.nodes = append(p.nodes, node)
		i += len(key)
	}
	if !p.plus && !p.minus && p.sign && !p.signPost && p.pre == p.signAt {
		p.signPost = true
	}
	return p, nil
}

func numKey(s string) string {
	for _, k := range numKeys {
		if len(s) >= len(k) && strings.EqualFold(s[:len(k)], k) {
			return k
		}
	}
	return ""
}

// prepare counts an element and refuses what cannot stand together.
func (p *NumberPicture) prepare(key string) error {
	clash := func(bad bool, with string) error {
		if bad {
			return fail(CodeArgument, "number format: %q cannot stand with %s", key, with)
		}
		return nil
	}
	switch key {
	case "9", "0":
		p.digit(key)
		return clash(p.bracket, "PR in front of it")
	case ".", "D":
		err := clash(p.decimal || p.multiplied, "another decimal point or V")
		p.decimal = true
		return err
	case "FM":
		p.fill = true
	case "S":
		err := clash(p.sign || p.plus || p.minus || p.bracket, "S, PL, MI, SG or PR")
		p.sign, p.signPost, p.signAt = true, p.decimal, p.pre
		return err
	case "MI", "PL", "SG":
		err := clash(p.sign, "S")
		p.minus = p.minus || key != "PL"
		p.plus = p.plus || key != "MI"
		return err
	case "PR":
		err := clash(p.sign || p.plus || p.minus, "S, PL, MI or SG")
		p.bracket = true
		return err
	case "RN":
		p.roman = true
	case "V":
		err := clash(p.decimal, "a decimal point")
		p.multiplied = true
		return err
	}
	return nil
}

func (p *NumberPicture) digit(key string) {
	if key == "0" && !p.zero && !p.decimal {
		p.zero, p.zeroStart = true, p.pre
	}
	switch {
	case p.multiplied && key == "9":
		p.multi++
	case p.decimal:
		p.post++
	default:
		p.pre++
	}
	if key == "0" {
		p.zeroEnd = p.pre + p.post
	}
}

// numWriter writes one number.
type numWriter struct {
	*NumberPicture
	dst       []byte
	digits    []byte // with a point before the digits of the fraction
	at        int    // the digit that comes next
	last      int    // the last digit that matters, -1: all do
	sign      byte
	signed    bool // the sign is written, or needs none
	in        bool // a digit has been written
	spaces    int  // places in front of the first digit
	curr, cnt int
	brackets  bool
}

// Append writes the number in text (plain, or with an exponent) by the picture.
func (p *NumberPicture) Append(dst, number []byte) []byte {
	n, ok := scan(number)
	if !ok { // NaN, Infinity
		return append(dst, strings.Repeat("#", max(p.pre+p.post+1, 1))...)
	}
	w := &numWriter{NumberPicture: p, dst: dst, sign: '+', last: -1, brackets: p.bracket}
	if p.roman {
		return w.romanNumber(n)
	}
	pre := p.pre + p.multi
	n.exp += p.multi
	w.digits = n.rounded(p.post)
	if n.neg && strings.Trim(string(w.digits), "0.") != "" {
		w.sign = '-'
	}
	whole := len(w.digits)
	if p.post > 0 {
		whole -= p.post + 1
	}
	if pre > whole {
		w.spaces = pre - whole
	} else if whole > pre {
		w.digits = []byte(strings.Repeat("#", pre+p.post+1))
		w.digits[pre] = '.'
		if p.post == 0 {
			w.digits = w.digits[:pre]
		}
	}
	w.start()
	for _, node := range p.nodes {
		w.node(node)
	}
	return w.dst
}

// rounded gives the digits without a sign, the fraction with so many places.
func (n number) rounded(places int) []byte {
	var all []byte
	for _, c := range n.digits {
		if c != '.' {
			all = append(all, c)
		}
	}
	keep := n.whole + min(max(n.exp, -400), 400) + places
	up := false
	switch {
	case keep < 0:
		all = nil
	case keep < len(all):
		up = all[keep] >= '5'
		all = all[:keep]
	}
	for len(all) < keep {
		all = append(all, '0')
	}
	for i := len(all) - 1; up && i >= 0; i-- {
		if all[i] == '9' {
			all[i] = '0'
			continue
		}
		all[i]++
		up = false
	}
	if up {
		all = append([]byte{'1'}, all...)
	}
	for len(all) < places+1 {
		all = append([]byte{'0'}, all...)
	}
	for len(all) > places+1 && all[0] == '0' {
		all = all[1:]
	}
	if places == 0 {
		return all
	}
	whole := len(all) - places
	return append(append(append([]byte{}, all[:whole]...), '.'), all[whole:]...)
}

func (w *numWriter) start() {
	switch {
	case w.plus || w.minus:
		w.signed = w.minus || w.sign == '+' // PL leaves the minus to the digits
	default:
		if w.sign == '+' && w.fill {
			w.brackets = false
		}
		w.signed = w.sign == '+' && w.fill && !w.NumberPicture.sign
	}
	w.cnt = w.post + w.pre + w.multi - 1
	if w.fill && w.decimal {
		w.last = lastRelevant(w.digits)
		if w.last >= 0 && w.zeroEnd > w.spaces {
			w.last = max(w.last, min(len(w.digits)-1, w.zeroEnd-w.spaces))
		}
	}
	if !w.signed && w.spaces == 0 {
		w.cnt++
	}
}

// lastRelevant is the place of the last digit of the fraction that is no zero, or of the point; -1 without a point.
func lastRelevant(digits []byte) int {
	point := strings.IndexByte(string(digits), '.')
	if point < 0 {
		return -1
	}
	last := point
	for i := point + 1; i < len(digits); i++ {
		if digits[i] != '0' {
			last = i
		}
	}
	return last
}

func (w *numWriter) node(n numNode) {
	switch n.key {
	case "":
		w.dst = append(w.dst, n.char)
	case "9", "0", ".", "D", "V":
		if n.key != "V" {
			w.part(n.key)
		}
	case ",", "G":
		if w.in {
			w.dst = append(w.dst, ',')
		} else {
			w.blank()
		}
	case "L":
		w.dst = append(w.dst, '$')
	case "TH":
		if w.digits[0] != '#' && w.sign == '+' && !w.decimal {
			w.dst = appendOrdinal(w.dst, w.digits, n.char == 'T')
		}
	case "MI":
		w.signOrBlank('-')
	case "PL":
		w.signOrBlank('+')
	case "SG":
		w.dst = append(w.dst, w.sign)
	}
}

func (w *numWriter) signOrBlank(c byte) {
	if w.sign == c {
		w.dst = append(w.dst, c)
	} else {
		w.blank()
	}
}

// blank pads, unless FM says not to.
func (w *numWriter) blank() {
	if !w.fill {
		w.dst = append(w.dst, ' ')
	}
}

// preDecimal reports whether the zero in front of the point comes next, which is not written.
func (w *numWriter) preDecimal() bool {
	return !w.zero && w.at == 0 && len(w.digits) > 0 && w.digits[0] == '0' && w.post != 0
}

func (w *numWriter) lastIsPoint() bool { return w.last >= 0 && w.digits[w.last] == '.' }

// part writes a digit or the point, and the sign around them.
func (w *numWriter) part(key string) {
	if !w.signed && (w.curr >= w.spaces || w.zero && w.zeroStart == w.curr) && (!w.preDecimal() || w.lastIsPoint()) {
		w.leadingSign()
	}
	switch {
	case w.curr < w.spaces && (w.zeroStart > w.curr || !w.zero):
		w.blank()
	case w.zero && w.curr < w.spaces:
		w.dst = append(w.dst, '0')
		w.in = true
	default:
		w.one(key)
	}
	end := w.cnt
	if w.spaces > 0 {
		end++
	}
	if w.decimal {
		end++
	}
	if w.last >= 0 && w.last == w.at {
		end = w.curr
	}
	if w.curr+1 == end {
		w.trailingSign()
	}
	w.curr++
}

func (w *numWriter) leadingSign() {
	switch {
	case w.NumberPicture.sign:
		if w.signPost {
			return
		}
		w.dst = append(w.dst, w.sign)
	case w.brackets:
		w.dst = append(w.dst, choose(w.sign == '+', ' ', '<'))
	case w.sign == '+':
		w.blank()
	default:
		w.dst = append(w.dst, '-')
	}
	w.signed = true
}

func (w *numWriter) trailingSign() {
	switch {
	case w.signed && w.brackets:
		w.dst = append(w.dst, choose(w.sign == '+', ' ', '>'))
	case w.NumberPicture.sign && w.signPost:
		w.dst = append(w.dst, w.sign)
	}
}

func choose(cond bool, yes, no byte) byte {
	if cond {
		return yes
	}
	return no
}

// one writes the next digit or the point.
func (w *numWriter) one(key string) {
	if w.at >= len(w.digits) {
		if key == "." || key == "D" {
			w.dst = append(w.dst, '.')
		}
		return
	}
	c := w.digits[w.at]
	switch {
	case c == '.':
		w.dst = append(w.dst, '.')
	case w.last >= 0 && w.at > w.last && key != "0":
	case w.preDecimal():
		if !w.fill {
			w.dst = append(w.dst, ' ')
		} else if w.lastIsPoint() {
			w.dst = append(w.dst, '0')
		}
	default:
		w.dst = append(w.dst, c)
		w.in = true
	}
	w.at++
}

// appendOrdinal writes st, nd, rd or th.
func appendOrdinal(dst, digits []byte, upper bool) []byte {
	n := len(digits)
	word := "th"
	if n < 2 || digits[n-2] != '1' {
		switch digits[n-1] {
		case '1':
			word = "st"
		case '2':
			word = "nd"
		case '3':
			word = "rd"
		}
	}
	if upper {
		word = strings.ToUpper(word)
	}
	return append(dst, word...)
}

// Roman writes 1 to 3999.
func Roman(n int) string {
	var b strings.Builder
	for _, r := range [...]struct {
		n int
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"},
		{5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= r.n {
			b.WriteString(r.s)
			n -= r.n
		}
	}
	return b.String()
}

// romanNumber writes the number right-aligned in 15 places, or 15 # when it has no Roman form.
func (w *numWriter) romanNumber(n number) []byte {
	v, err := strconv.Atoi(string(n.rounded(0)))
	text := strings.Repeat("#", 15)
	if err == nil && v >= 1 && v <= 3999 && !n.neg {
		text = Roman(v)
	}
	for _, node := range w.nodes {
		switch {
		case node.key == "" && node.char != 0:
			w.dst = append(w.dst, node.char)
		case node.key == "RN":
			for i := len(text); !w.fill && i < 15; i++ {
				w.dst = append(w.dst, ' ')
			}
			if node.char == 'r' {
				text = strings.ToLower(text)
			}
			w.dst = append(w.dst, text...)
		}
	}
	return w.dst
}

// Scale is the number of digits behind the point, for TO_NUMBER.
func (p *NumberPicture) Scale() int { return p.post }

// Read is TO_NUMBER: the digits of the text with its sign and point, whatever stands between them; what is no part of a number by the
// picture is passed over.
func (p *NumberPicture) Read(s []byte, precision, scale int) (Int128, Fault) {
	plain := make([]byte, 1, len(s)+1)
	plain[0] = '+'
	digits := false
	for _, c := range s {
		switch {
		case c == '-' || c == '<':
			plain[0] = '-'
		case isDigit(c):
			digits = true
			plain = append(plain, c)
		case c == '.':
			plain = append(plain, c)
		}
	}
	n, ok := scan(plain)
	if !digits || !ok {
		return Int128{}, Syntax
	}
	return n.decimal(precision, scale, false)
}

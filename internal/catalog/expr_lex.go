package catalog

import "strings"

// maxExpression is the longest partition expression in bytes (the API's limit).
const maxExpression = 2048

type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokWord             // an identifier or keyword
	tokName             // an identifier in quotes: never a keyword
	tokText             // a literal in single quotes, without them
	tokNumber           // an unquoted number
	tokSymbol           // ( ) , = <> < <= > >=
)

type token struct {
	kind tokenKind
	text string
	pos  int // byte offset
}

// lexExpression splits a partition expression into tokens; the last is tokEnd.
func lexExpression(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'' || c == '"' || c == '`':
			t, next, err := lexQuoted(s, i)
			if err != nil {
				return nil, err
			}
			out, i = append(out, t), next
		case isWordByte(c) || (c == '-' || c == '+') && i+1 < len(s) && (isDigit(s[i+1]) || s[i+1] == '.'):
			end := i + 1
			for end < len(s) && (isWordByte(s[end]) || (s[end] == '-' || s[end] == '+') && exponentBefore(s[i:end])) {
				end++
			}
			kind := tokWord
			if looksNumeric(s[i:end]) {
				kind = tokNumber
			}
			out, i = append(out, token{kind, s[i:end], i}), end
		default:
			n := symbolLength(s[i:])
			if n == 0 {
				return nil, exprError(s, i, "unexpected %q", s[i:i+1])
			}
			out, i = append(out, token{tokSymbol, s[i : i+n], i}), i+n
		}
	}
	return append(out, token{tokEnd, "", len(s)}), nil
}

func lexQuoted(s string, start int) (token, int, error) {
	q := s[start]
	var b strings.Builder
	for i := start + 1; i < len(s); i++ {
		if s[i] != q {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == q {
			b.WriteByte(q)
			i++
			continue
		}
		kind := tokName
		if q == '\'' {
			kind = tokText
		}
		return token{kind, b.String(), start}, i + 1, nil
	}
	return token{}, 0, exprError(s, start, "the quote %c is never closed", q)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '.' || c == '$' || c >= 0x80
}

// looksNumeric reports whether a word is a number rather than a name: names may begin with a digit, but "2024" is a literal.
func looksNumeric(w string) bool {
	_, err := parseNumber(w)
	return err == nil
}

func exponentBefore(w string) bool {
	return (strings.HasSuffix(w, "e") || strings.HasSuffix(w, "E")) && looksNumeric(w[:len(w)-1])
}

func symbolLength(s string) int {
	for _, sym := range [...]string{"<>", "!=", "<=", ">="} {
		if strings.HasPrefix(s, sym) {
			return 2
		}
	}
	if strings.ContainsRune("(),=<>", rune(s[0])) {
		return 1
	}
	return 0
}

func exprError(s string, pos int, format string, args ...any) *Error {
	e := errorf(Invalid, format, args...)
	e.Text = "Unsupported expression '" + s + "': at character " + itoa(pos+1) + ": " + e.Text
	return e
}

package policy

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A glob is a pattern as runes, with the two wildcards as values that no text has. An escaped wildcard and what a variable stands for are
// plain runes, so that nobody's name widens a pattern.
type glob []rune

const (
	many rune = -1 - iota
	one
)

// compile makes a glob of a pattern. Wild patterns have * and ?; with variables, ${key}, ${key, 'default'}, ${*}, ${?} and ${$} are
// replaced. It reports false for a variable that has no value: such a pattern matches nothing.
func compile(pattern string, wild bool, variables bool, r *Request) (glob, bool) {
	g := make(glob, 0, len(pattern))
	for pattern != "" {
		if variables && strings.HasPrefix(pattern, "${") {
			if name, rest, ok := strings.Cut(pattern[2:], "}"); ok {
				value, ok := variable(name, r)
				if !ok {
					return nil, false
				}
				g, pattern = append(g, []rune(value)...), rest
				continue
			}
		}
		c, size := utf8.DecodeRuneInString(pattern)
		switch {
		case wild && c == '*':
			c = many
		case wild && c == '?':
			c = one
		}
		g, pattern = append(g, c), pattern[size:]
	}
	return g, true
}

// variable is what ${name} stands for. Only a key with one value can stand in a text.
func variable(name string, r *Request) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	key, fallback, has := strings.Cut(name, ",")
	if given := r.values(strings.TrimSpace(key)); len(given) == 1 {
		return given[0], true
	}
	fallback = strings.TrimSpace(fallback)
	if !has || len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
		return "", false
	}
	return fallback[1 : len(fallback)-1], true
}

// matches reports whether the whole text fits. After a mismatch only the last * is tried again, so that the work is at most the product
// of both lengths.
func (g glob) matches(text []rune) bool {
	at, star, from := 0, -1, 0
	for i := 0; i < len(text); {
		switch {
		case at < len(g) && g[at] == many:
			star, from = at, i
			at++
		case at < len(g) && (g[at] == one || g[at] == text[i]):
			at++
			i++
		case star >= 0:
			from++
			at, i = star+1, from
		default:
			return false
		}
	}
	for at < len(g) && g[at] == many {
		at++
	}
	return at == len(g)
}

// fold makes small letters of both cases, for names that have none.
func (g glob) fold() glob {
	for i, c := range g {
		if c >= 0 {
			g[i] = unicode.ToLower(c)
		}
	}
	return g
}

// matchName compares names without regard to case: actions, and texts where the operator says so.
func matchName(pattern, name string, wild bool) bool {
	g, _ := compile(pattern, wild, false, nil)
	return g.fold().matches(glob(name).fold())
}

// matchARN compares the six parts of two ARNs each by itself.
func (g glob) matchARN(text string) bool {
	if slices.Equal(g, glob{many}) {
		return true
	}
	parts := strings.SplitN(text, ":", 6)
	for i, part := range parts {
		colon := slices.Index(g, ':')
		if last := i == 5; last {
			return g.matches([]rune(part))
		}
		if colon < 0 || !g[:colon].matches([]rune(part)) {
			return false
		}
		g = g[colon+1:]
	}
	return false
}

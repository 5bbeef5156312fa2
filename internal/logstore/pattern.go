package logstore

import (
	"fmt"
	"strings"
	"unicode"
)

// A Pattern is a parsed filter pattern of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html: terms (all must occur), "quoted phrases",
// ?term (one of these must occur), -term (must not occur), and { } selectors over JSON messages. Space-delimited patterns [a, b] and
// regular expressions %...% are refused by name.
type Pattern struct {
	all, any, none []string
	json           condition
}

// A PatternError says what is wrong with a filter pattern.
type PatternError struct{ Pattern, Reason string }

// Error implements error.
func (e *PatternError) Error() string {
	return fmt.Sprintf("invalid filter pattern %q: %s", e.Pattern, e.Reason)
}

// ParsePattern reads a filter pattern; the empty one matches every message.
func ParsePattern(text string) (*Pattern, error) {
	fail := func(reason string) (*Pattern, error) { return nil, &PatternError{text, reason} }
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "{") {
		c, err := parseSelector(trimmed)
		if err != nil {
			return fail(err.Error())
		}
		return &Pattern{json: c}, nil
	}
	if strings.HasPrefix(trimmed, "[") {
		return fail("space-delimited patterns are not supported by Penstock yet")
	}
	p := &Pattern{}
	for rest := trimmed; rest != ""; rest = strings.TrimLeft(rest, " \t") {
		kind := rest[0]
		if kind == '?' || kind == '-' {
			rest = rest[1:]
		}
		term, after, err := readTerm(rest)
		if err != nil {
			return fail(err.Error())
		}
		rest = after
		switch kind {
		case '?':
			p.any = append(p.any, term)
		case '-':
			p.none = append(p.none, term)
		default:
			p.all = append(p.all, term)
		}
	}
	return p, nil
}

func readTerm(s string) (term, rest string, err error) {
	if s == "" {
		return "", "", fmt.Errorf("a term is missing at the end")
	}
	if s[0] == '%' {
		return "", "", fmt.Errorf("regular expressions (%%...%%) are not supported by Penstock yet")
	}
	if s[0] == '"' {
		end := strings.IndexByte(s[1:], '"')
		if end < 0 {
			return "", "", fmt.Errorf("a quote is not closed")
		}
		return s[1 : 1+end], s[2+end:], nil
	}
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		end = len(s)
	}
	for _, r := range s[:end] {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			return "", "", fmt.Errorf("the term %s holds other characters than letters, digits and _: put it in double quotes", s[:end])
		}
	}
	return s[:end], s[end:], nil
}

// Match reports whether the message fits.
func (p *Pattern) Match(message string) bool {
	if p.json != nil {
		return matchJSON(p.json, message)
	}
	for _, t := range p.all {
		if !strings.Contains(message, t) {
			return false
		}
	}
	for _, t := range p.none {
		if strings.Contains(message, t) {
			return false
		}
	}
	for _, t := range p.any {
		if strings.Contains(message, t) {
			return true
		}
	}
	return len(p.any) == 0
}

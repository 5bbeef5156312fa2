package convert

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// regexTime is how long one match may take where the machine goes back and tries again (look-ahead, back references).
const regexTime = 300 * time.Millisecond

// A Regex is a compiled pattern. Patterns without look-around and back references run in linear time.
type Regex struct {
	linear *regexp.Regexp
	back   *regexp2.Regexp
	looks  bool // a match depends on what stands in front of it: ^, \b
}

// CompileRegex compiles a pattern. fold ignores case, longest takes the longest of several matches that begin at a place, as POSIX has
// it, back allows the constructs that need a machine which goes back.
func CompileRegex(pattern string, fold, longest, back bool) (*Regex, error) {
	prefix := ""
	if fold {
		prefix = "(?i)"
	}
	re, err := regexp.Compile(prefix + pattern)
	if err == nil {
		if longest && !lazy(pattern) {
			re.Longest()
		}
		return &Regex{linear: re, looks: looksBack(pattern)}, nil
	}
	if !back {
		return nil, fail(CodePattern, "invalid regular expression %q: %s", pattern, reason(err))
	}
	var opts regexp2.RegexOptions
	if fold {
		opts = regexp2.IgnoreCase
	}
	slow, err2 := regexp2.Compile(pattern, opts)
	if err2 != nil {
		return nil, fail(CodePattern, "invalid regular expression %q: %s", pattern, reason(err))
	}
	slow.MatchTimeout = regexTime
	return &Regex{back: slow}, nil
}

// Linear reports whether the engine's own machine reads the pattern as well.
func (r *Regex) Linear() bool { return r.linear != nil }

func looksBack(pattern string) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil && hasAnchor(re)
}

func hasAnchor(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, sub := range re.Sub {
		if hasAnchor(sub) {
			return true
		}
	}
	return false
}

// lazy reports whether a pattern has quantifiers that take as little as they can.
func lazy(pattern string) bool {
	return strings.Contains(pattern, "*?") || strings.Contains(pattern, "+?") || strings.Contains(pattern, "??") ||
		strings.Contains(pattern, "}?")
}

// reasons are the mistakes of patterns in our words.
var reasons = map[syntax.ErrorCode]string{syntax.ErrInvalidCharClass: "a character class is wrong",
	syntax.ErrInvalidCharRange:    "a range of characters is wrong",
	syntax.ErrInvalidEscape:       "a backslash stands before something that it does not escape",
	syntax.ErrInvalidNamedCapture: "the name of a group is wrong",
	syntax.ErrInvalidPerlOp:       "look-ahead, look-behind and their like are not supported here",
	syntax.ErrInvalidRepeatOp:     "two repetitions stand behind one another", syntax.ErrInvalidRepeatSize: "a repetition is too long",
	syntax.ErrMissingBracket: "a closing ] is missing", syntax.ErrMissingParen: "a closing ) is missing",
	syntax.ErrMissingRepeatArgument: "nothing stands in front of a repetition", syntax.ErrTrailingBackslash: "it ends with a backslash",
	syntax.ErrUnexpectedParen: "a ) has no (", syntax.ErrNestingDepth: "it nests too deeply", syntax.ErrLarge: "it is too large"}

func reason(err error) string {
	if e, ok := err.(*syntax.Error); ok && reasons[e.Code] != "" {
		return reasons[e.Code]
	}
	return "it is not understood"
}

// each calls f with the matches from byte at on, until f says to stop: loc holds the bounds of the match and of its groups, in bytes.
func (r *Regex) each(s []byte, at int, f func(loc []int) bool) error {
	if r.looks {
		for _, loc := range r.linear.FindAllSubmatchIndex(s[at:], -1) {
			if !f(shift(loc, at)) {
				break
			}
		}
		return nil
	}
	if r.linear != nil {
		for at <= len(s) {
			loc := r.linear.FindSubmatchIndex(s[at:])
			if loc == nil {
				return nil
			}
			if !f(shift(loc, at)) {
				return nil
			}
			at = next(s, loc)
		}
		return nil
	}
	return r.eachBack(s, at, f)
}

func shift(loc []int, by int) []int {
	for i := range loc {
		if loc[i] >= 0 {
			loc[i] += by
		}
	}
	return loc
}

// next is where the search goes on behind a match: one character further behind an empty one.
func next(s []byte, loc []int) int {
	if loc[1] > loc[0] {
		return loc[1]
	}
	_, n := utf8.DecodeRune(s[loc[1]:])
	return loc[1] + max(n, 1)
}

func (r *Regex) eachBack(s []byte, at int, f func(loc []int) bool) error {
	runes := bytes.Runes(s)
	places := make([]int, len(runes)+1)
	for i, c := range runes {
		places[i+1] = places[i] + utf8.RuneLen(c)
	}
	from := utf8.RuneCount(s[:at])
	m, err := r.back.FindRunesMatchStartingAt(runes, from)
	for ; m != nil && err == nil; m, err = r.back.FindNextMatch(m) {
		loc := make([]int, 2*m.GroupCount())
		for i, g := range m.Groups() {
			loc[2*i], loc[2*i+1] = -1, -1
			if len(g.Captures) > 0 {
				loc[2*i], loc[2*i+1] = places[g.Index], places[g.Index+g.Length]
			}
		}
		if !f(loc) {
			return nil
		}
	}
	if err != nil {
		return fail(CodeLimit, "a regular expression took longer than %v", regexTime)
	}
	return nil
}

// Match reports whether the pattern is found.
func (r *Regex) Match(s []byte) (found bool, err error) {
	if r.linear != nil {
		return r.linear.Match(s), nil
	}
	err = r.eachBack(s, 0, func([]int) bool { found = true; return false })
	return found, err
}

// Count counts the matches from character from on, which counts from 1.
func (r *Regex) Count(s []byte, from int64) (n int64, err error) {
	err = r.each(s, offset(s, from-1), func([]int) bool { n++; return true })
	return n, err
}

// Find returns the bounds of a group of match number nth; nil when there is none.
func (r *Regex) Find(s []byte, from, nth int64, group int) (loc []int, err error) {
	err = r.each(s, offset(s, from-1), func(l []int) bool {
		if nth--; nth > 0 {
			return true
		}
		if 2*group+1 < len(l) {
			loc = l[2*group : 2*group+2]
		}
		return false
	})
	return loc, err
}

// SplitChars calls f with the characters of a text, the first ones when most > 0; a text without any is one part.
func SplitChars(s []byte, most int64, f func(part []byte)) {
	if len(s) == 0 {
		f(s)
	}
	for n := int64(0); len(s) > 0 && (most <= 0 || n < most); n++ {
		_, size := utf8.DecodeRune(s)
		f(s[:size])
		s = s[size:]
	}
}

// Split calls f with the parts between the matches as Java does: most > 0 gives at most so many parts, an empty match at the start divides
// nothing.
func (r *Regex) Split(s []byte, most int64, f func(part []byte)) error {
	at, n := 0, int64(1)
	err := r.each(s, 0, func(loc []int) bool {
		switch {
		case most > 0 && n >= most:
			return false
		case loc[1] == 0 || loc[0] == loc[1] && loc[0] == len(s):
			return true
		}
		f(s[at:loc[0]])
		at = loc[1]
		n++
		return true
	})
	f(s[at:])
	return err
}

// Groups is the number of groups.
func (r *Regex) Groups() int {
	if r.linear != nil {
		return r.linear.NumSubexp()
	}
	return len(r.back.GetGroupNumbers()) - 1
}

// ReplaceRegex puts a text in the place of each match; $1 in it stands for a group, a backslash takes the meaning of what follows.
func (r *Rules) ReplaceRegex(re *Regex, dst, s []byte, from int64, with []byte) ([]byte, error) {
	at := offset(s, from-1)
	dst = append(dst, s[:at]...)
	var over error
	err := re.each(s, at, func(loc []int) bool {
		dst = append(dst, s[at:loc[0]]...)
		at = loc[1]
		dst = expand(dst, s, loc, with)
		over = r.limit(int64(len(dst)))
		return over == nil
	})
	if err == nil {
		err = over
	}
	return append(dst, s[min(at, len(s)):]...), err
}

func expand(dst, s []byte, loc []int, with []byte) []byte {
	for i := 0; i < len(with); i++ {
		switch {
		case with[i] == '\\' && i+1 < len(with) && !isDigit(with[i+1]):
			i++
			dst = append(dst, with[i])
		case (with[i] == '$' || with[i] == '\\') && i+1 < len(with) && isDigit(with[i+1]):
			i++
			if g := 2 * int(with[i]-'0'); g+1 < len(loc) && loc[g] >= 0 {
				dst = append(dst, s[loc[g]:loc[g+1]]...)
			}
		default:
			dst = append(dst, with[i])
		}
	}
	return dst
}

// Place is the number of the character at a byte, counted from 1.
func Place(s []byte, at int) int64 { return chars(s[:at]) + 1 }

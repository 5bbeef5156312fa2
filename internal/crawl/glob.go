package crawl

import (
	"regexp"
	"strings"
)

// compileGlob turns an exclusion into an expression over a key relative to the include path: * stays within a folder, ** crosses
// folders, ? is one character, [a-z] and [!a-z] are classes, {a,b} are choices, \ takes the meaning from the next character. A leading
// dot is an ordinary character.
func compileGlob(glob string) (*regexp.Regexp, error) {
	g := globber{glob: glob}
	for i := 0; i < len(glob); {
		n, err := g.next(glob[i:])
		if err != nil {
			return nil, err
		}
		i += n
	}
	if g.choice {
		return nil, g.errorf("{ is never closed")
	}
	re, err := regexp.Compile("(?s)^" + g.out.String() + "$")
	if err != nil {
		return nil, g.errorf("%v", err)
	}
	return re, nil
}

// globber is a glob on its way to become a regular expression.
type globber struct {
	glob   string
	out    strings.Builder
	choice bool // between { and }
}

func (g *globber) errorf(format string, args ...any) error {
	return errorf(Invalid, "Exclude pattern %q: "+format, append([]any{g.glob}, args...)...)
}

// next translates what s begins with and returns how many bytes that was.
func (g *globber) next(s string) (int, error) {
	switch c := s[0]; {
	case strings.HasPrefix(s, "**"):
		g.out.WriteString(".*")
		return 2, nil
	case c == '*':
		g.out.WriteString("[^/]*")
	case c == '?':
		g.out.WriteString("[^/]")
	case c == '[':
		return g.class(s)
	case c == '{' && g.choice:
		return 0, g.errorf("groups cannot be nested")
	case c == '{':
		g.choice = true
		g.out.WriteString("(?:")
	case c == '}' && !g.choice:
		return 0, g.errorf("} without {")
	case c == '}':
		g.choice = false
		g.out.WriteString(")")
	case c == ',' && g.choice:
		g.out.WriteString("|")
	case c == '\\' && len(s) == 1:
		return 0, g.errorf("it ends after an escape")
	case c == '\\':
		g.out.WriteString(regexp.QuoteMeta(s[1:2]))
		return 2, nil
	default:
		g.out.WriteString(regexp.QuoteMeta(s[:1]))
	}
	return 1, nil
}

// class translates the class that s begins with.
func (g *globber) class(s string) (int, error) {
	end := strings.IndexByte(s, ']')
	if end < 2 {
		return 0, g.errorf("[ is never closed")
	}
	body := s[1:end]
	g.out.WriteString("[")
	if rest, ok := strings.CutPrefix(body, "!"); ok {
		g.out.WriteString("^/")
		body = rest
	}
	g.out.WriteString(strings.NewReplacer(`\`, `\\`, `[`, `\[`, `^`, `\^`).Replace(body))
	g.out.WriteString("]")
	return end + 1, nil
}

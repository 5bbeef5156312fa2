package crawl

import (
	"regexp"
	"strings"
)

// compileGlob turns an exclusion into an expression over a key relative to the include path: * stays within a folder, ** crosses
// folders, ? is one character, [a-z] and [!a-z] are classes, {a,b} are choices, \ takes the meaning from the next character. A leading
// dot is an ordinary character.
func compileGlob(glob string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString("^")
	choice := false
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; c {
		case '*':
			if strings.HasPrefix(glob[i:], "**") {
				b.WriteString(".*")
				i++
			} else {
				b.WriteString("[^/]*")
			}
		case '?':
			b.WriteString("[^/]")
		case '[':
			n, err := globClass(&b, glob[i:])
			if err != nil {
				return nil, err
			}
			i += n
		case '{':
			if choice {
				return nil, errorf(Invalid, "Exclude pattern %q: groups cannot be nested", glob)
			}
			choice = true
			b.WriteString("(?:")
		case '}':
			if !choice {
				return nil, errorf(Invalid, "Exclude pattern %q: } without {", glob)
			}
			choice = false
			b.WriteString(")")
		case ',':
			if choice {
				b.WriteString("|")
			} else {
				b.WriteString(",")
			}
		case '\\':
			if i++; i == len(glob) {
				return nil, errorf(Invalid, "Exclude pattern %q ends after an escape", glob)
			}
			b.WriteString(regexp.QuoteMeta(glob[i : i+1]))
		default:
			b.WriteString(regexp.QuoteMeta(glob[i : i+1]))
		}
	}
	if choice {
		return nil, errorf(Invalid, "Exclude pattern %q: { is never closed", glob)
	}
	re, err := regexp.Compile("(?s)" + b.String() + "$")
	if err != nil {
		return nil, errorf(Invalid, "Exclude pattern %q: %v", glob, err)
	}
	return re, nil
}

// globClass writes the class that s starts with and returns how many bytes follow its first.
func globClass(b *strings.Builder, s string) (int, error) {
	end := strings.IndexByte(s, ']')
	if end < 2 {
		return 0, errorf(Invalid, "Exclude pattern: [ is never closed in %q", s)
	}
	body := s[1:end]
	b.WriteString("[")
	if rest, ok := strings.CutPrefix(body, "!"); ok {
		b.WriteString("^/")
		body = rest
	}
	b.WriteString(strings.NewReplacer(`\`, `\\`, `[`, `\[`, `^`, `\^`).Replace(body))
	b.WriteString("]")
	return end, nil
}

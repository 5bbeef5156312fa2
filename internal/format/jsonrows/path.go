package jsonrows

import (
	"fmt"
	"strconv"
	"strings"
)

// path leads to the records, as the JSON path of a custom classifier does.
type path []step

type step struct {
	name   bool   // it leads into an object
	number bool   // it leads into an array
	key    string // the member; "" with any
	index  int
	any    bool
}

// fits reports whether a member of an array or object is on the path.
func (s step) fits(key string, index int, open byte) bool {
	if open == '{' {
		return s.name && (s.any || s.key == key)
	}
	return s.number && (s.any || s.index == index)
}

// parsePath reads a JSON path of a custom classifier: $, then .name, ['name'], [n], and * for any name or number (.* both, [*]
// elements only). Each object that it leads to is a record.
func parsePath(text string) (path, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok && text != "" {
		return nil, fmt.Errorf("JSON path %q does not begin with $", text)
	}
	var p path
	for rest != "" {
		s, n, err := parseStep(rest)
		if err != nil {
			return nil, fmt.Errorf("JSON path %q: %w", text, err)
		}
		if p, rest = append(p, s), rest[n:]; len(p) > 64 {
			return nil, fmt.Errorf("JSON path %q has more than 64 steps", text)
		}
	}
	return p, nil
}

func parseStep(rest string) (s step, n int, err error) {
	if rest[0] == '.' {
		n = 1 + strings.IndexAny(rest[1:]+".", ".[")
		switch name := rest[1:n]; name {
		case "":
			return s, 0, fmt.Errorf("a name is missing at %q", rest)
		case "*":
			return step{name: true, number: true, any: true}, n, nil
		default:
			return step{name: true, key: name}, n, nil
		}
	}
	if rest[0] != '[' {
		return s, 0, fmt.Errorf("a point or bracket is missing at %q", rest)
	}
	if len(rest) > 1 && (rest[1] == '\'' || rest[1] == '"') {
		end := strings.Index(rest[2:], rest[1:2]+"]")
		if end < 0 {
			return s, 0, fmt.Errorf("a quoted name is not closed at %q", rest)
		}
		return step{name: true, key: rest[2 : 2+end]}, end + 4, nil
	}
	end := strings.IndexByte(rest, ']')
	if end < 0 {
		return s, 0, fmt.Errorf("a bracket is not closed at %q", rest)
	}
	if rest[1:end] == "*" {
		return step{number: true, any: true}, end + 1, nil
	}
	index, err := strconv.Atoi(rest[1:end])
	if err != nil || index < 0 {
		return s, 0, fmt.Errorf("%q is no name, number or *", rest[1:end])
	}
	return step{number: true, index: index}, end + 1, nil
}

func itoa(n int) string { return strconv.Itoa(n) }

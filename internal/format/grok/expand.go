package grok

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"penstock/internal/schema"
)

// MaxCustom is the most characters that a text of custom patterns may have: the limit of Glue's API.
const MaxCustom = 16000

const (
	maxNesting  = 50      // patterns in patterns
	maxExpanded = 1 << 20 // bytes of the whole regular expression
	maxFields   = 4096
)

// unwanted is the field that keeps nothing: the built-in patterns use it.
const unwanted = "UNWANTED"

//go:embed patterns.txt
var patterns string

// builtin is the table of built-in patterns, made when first asked for.
var builtin = sync.OnceValues(func() (map[string]string, error) { return parsePatterns(patterns) })

// Builtin are the names of the built-in patterns, sorted.
func Builtin() []string {
	table, err := builtin()
	if err != nil { // the table is a part of the program, and tests read it
		return nil
	}
	names := make([]string, 0, len(table))
	for n := range table {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func parseCustom(custom string) (map[string]string, error) {
	if n := len([]rune(custom)); n > MaxCustom {
		return nil, fmt.Errorf("the custom patterns have %d characters; %d are the most", n, MaxCustom)
	}
	return parsePatterns(custom)
}

// parsePatterns reads a pattern a line: the name, blanks, the regular expression. Lines without text and those that begin with # are
// passed.
func parsePatterns(text string) (map[string]string, error) {
	table := map[string]string{}
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		end := 0
		for end < len(line) && nameByte(line[end]) {
			end++
		}
		rest := strings.TrimLeft(line[end:], " \t")
		if end == 0 || rest == "" || len(rest) == len(line[end:]) {
			return nil, fmt.Errorf("line %d of the custom patterns is no name with a regular expression behind it: %q", n, clip(line))
		}
		table[line[:end]] = rest
	}
	return table, nil
}

func nameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

type field struct {
	name   string
	kind   schema.Kind
	groups []string
}

// An expansion turns a grok expression into one regular expression.
type expansion struct {
	builtin, custom map[string]string
	wanted          map[string]bool // in lower case; nil: every field that is named
	out             strings.Builder
	fields          []field
	groups          int
	within          []string // the patterns that are being expanded
}

func expand(expression, custom string, wanted []string) (*expansion, error) {
	e := &expansion{}
	var err error
	if e.builtin, err = builtin(); err != nil {
		return nil, err
	}
	if e.custom, err = parseCustom(custom); err != nil {
		return nil, err
	}
	if strings.ContainsAny(expression, "\n") {
		return nil, errors.New("a pattern stands for one line and has no line break")
	}
	if wanted != nil {
		e.wanted = map[string]bool{}
		for _, w := range wanted {
			e.wanted[lower(w)] = true
		}
	}
	return e, e.text(expression)
}

// text copies a regular expression, with what %{...} stands for in their place, and gives groups that have a name one of ours.
func (e *expansion) text(s string) error {
	for i := 0; i < len(s); {
		if e.out.Len() > maxExpanded {
			return fmt.Errorf("it is larger than %d bytes when its patterns are put in", maxExpanded)
		}
		switch {
		case s[i] == '\\' && i+1 < len(s):
			e.out.WriteString(s[i : i+2])
			i += 2
		case strings.HasPrefix(s[i:], "%{"):
			end, err := closing(s, i+2)
			if err != nil {
				return err
			}
			if err := e.reference(s[i+2 : end]); err != nil {
				return err
			}
			i = end + 1
		case strings.HasPrefix(s[i:], "(?<"), strings.HasPrefix(s[i:], "(?P<"):
			n, err := e.namedGroup(s[i:])
			if err != nil {
				return err
			}
			i += n
		default:
			e.out.WriteByte(s[i])
			i++
		}
	}
	return nil
}

// closing finds the } that ends the reference whose text begins at i; references may stand in the definition of one.
func closing(s string, i int) (int, error) {
	depth := 0
	for start := i; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i, nil
			}
			depth--
		}
		if i-start > maxExpanded {
			break
		}
	}
	return 0, errors.New("a %{ has no }")
}

// namedGroup writes the beginning of a group (?<name> and returns how long it is in s. Look-behind begins alike and is copied.
func (e *expansion) namedGroup(s string) (int, error) {
	open := strings.IndexByte(s, '<') + 1
	if open < len(s) && (s[open] == '=' || s[open] == '!') {
		e.out.WriteString(s[:open])
		return open, nil
	}
	end := strings.IndexByte(s, '>')
	if end <= open {
		return 0, errors.New("a group (?< has no name and >")
	}
	if err := e.group(s[open:end], schema.String, true); err != nil {
		return 0, err
	}
	return end + 1, nil
}

// group writes the beginning of a group that fills a column, or of one that does not when its name is not wanted.
func (e *expansion) group(name string, kind schema.Kind, named bool) error {
	name = lower(name)
	if e.wanted != nil && !e.wanted[name] || e.wanted == nil && !named || name == lower(unwanted) {
		e.out.WriteString("(?:")
		return nil
	}
	e.groups++
	if e.groups > maxFields {
		return fmt.Errorf("it has more than %d fields", maxFields)
	}
	id := "g" + strconv.Itoa(e.groups)
	e.out.WriteString("(?<" + id + ">")
	for i := range e.fields {
		if e.fields[i].name == name {
			e.fields[i].groups = append(e.fields[i].groups, id)
			return nil
		}
	}
	e.fields = append(e.fields, field{name, kind, []string{id}})
	return nil
}

// reference writes what %{ref} stands for: NAME, NAME:field, NAME:field:type, each with =definition behind it or not.
func (e *expansion) reference(ref string) error {
	name, definition, defined := ref, "", false
	if i := strings.IndexByte(ref, '='); i >= 0 {
		name, definition, defined = ref[:i], ref[i+1:], true
	}
	parts := strings.SplitN(strings.ReplaceAll(name, ";", ":"), ":", 3)
	name = strings.TrimSpace(parts[0])
	if !defined {
		var err error
		if definition, err = e.definition(name); err != nil {
			return err
		}
	}
	if err := e.begin(name, parts[1:]); err != nil {
		return err
	}
	if slices.Contains(e.within, name) && !defined {
		return fmt.Errorf("the pattern %s contains itself", name)
	}
	if len(e.within) >= maxNesting {
		return fmt.Errorf("patterns stand in patterns more than %d deep", maxNesting)
	}
	e.within = append(e.within, name)
	err := e.text(definition)
	e.within = e.within[:len(e.within)-1]
	e.out.WriteByte(')')
	return err
}

func (e *expansion) definition(name string) (string, error) {
	if d, ok := e.custom[name]; ok {
		return d, nil
	}
	if d, ok := e.builtin[name]; ok {
		return d, nil
	}
	return "", fmt.Errorf("there is no pattern %q, neither built in nor among the custom patterns", clip(name))
}

// begin writes the beginning of the group of a reference to a pattern: parts are the field and its type, where it has them.
func (e *expansion) begin(pattern string, parts []string) error {
	if len(parts) == 0 {
		return e.group(pattern, schema.String, false)
	}
	name := strings.TrimSpace(parts[0])
	if name == "" {
		return fmt.Errorf("%%{%s: has no field behind the colon", pattern)
	}
	kind := schema.String
	if len(parts) > 1 {
		var ok bool
		if kind, ok = kindOf(strings.TrimSpace(parts[1])); !ok {
			return fmt.Errorf("the type %q of field %s is none of byte, boolean, double, short, int, long, float and string", clip(parts[1]), name)
		}
	}
	return e.group(name, kind, true)
}

// kindOf is the column's kind for a type of grok. A date, which one built-in pattern has with its format, stays text.
func kindOf(word string) (schema.Kind, bool) {
	word, _, _ = strings.Cut(word, ":")
	switch word {
	case "byte":
		return schema.TinyInt, true
	case "boolean":
		return schema.Boolean, true
	case "double":
		return schema.Double, true
	case "short":
		return schema.SmallInt, true
	case "int":
		return schema.Int, true
	case "long":
		return schema.BigInt, true
	case "float":
		return schema.Float, true
	case "string", "date":
		return schema.String, true
	}
	return schema.Unknown, false
}

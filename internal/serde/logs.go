package serde

import (
	"strings"

	"penstock/internal/format/grok"
)

// grokPatterns reads the two properties of GrokSerDe, which some writers spell otherwise.
func (f *form) grokPatterns() error {
	if err := f.around(); err != nil {
		return err
	}
	f.headless()
	f.grok = [2]string{f.property("input.format"), f.property("input.grokCustomPatterns")}
	if f.grok[0] == "" {
		f.grok[0] = f.property("grokPattern")
	}
	if f.grok[0] == "" {
		return f.refuse("its SerDe has no property input.format, which is its grok pattern")
	}
	_, err := grok.Compile(f.grok[0], f.grok[1], nil)
	return f.wrap(err)
}

// headless takes a header for a line to skip, where nobody compares it.
func (f *form) headless() {
	if f.Text.Header {
		f.Text.Header = false
		f.Text.Skip++
	}
}

// regular reads the properties of RegexSerDe.
func (f *form) regular() error {
	if err := f.around(); err != nil {
		return err
	}
	f.headless()
	if f.regex = f.property("input.regex"); f.regex == "" {
		return f.refuse("its SerDe has no property input.regex, which takes its lines apart")
	}
	switch v := strings.ToLower(f.property("input.regex.case.insensitive")); v {
	case "", "false":
	case "true":
		f.regex = "(?i)" + f.regex
	default:
		return f.refuse("input.regex.case.insensitive is %q; true and false are supported", v)
	}
	return f.wrap(grok.CheckRegex(f.regex))
}

package script

import (
	"strings"

	"penstock/internal/pattern"
)

// mostMessage bounds in bytes what is kept of an exception's text.
const mostMessage = 4000

// A Failure listens to a stream of a script for the exception that ended it: the last traceback's. Python writes it to its standard error,
// and Spark passes that on to its standard output.
type Failure struct {
	inside  bool // of a traceback, before its exception
	message string
	after   bool // the line after an exception's first, which may go on with it
}

// Line takes a line.
func (f *Failure) Line(text string) {
	after := f.after
	f.after = false
	switch {
	case strings.HasPrefix(text, "Traceback (most recent call last):"):
		f.inside = true
	case f.inside && (text == "" || text[0] == ' ' || text[0] == '\t'): // files and lines of the traceback
	case f.inside:
		f.inside, f.after = false, true
		f.message = cut(short(text))
	case strings.HasPrefix(text, "SyntaxError: ") || strings.HasPrefix(text, "IndentationError: ") || strings.HasPrefix(text, "TabError: "):
		f.message = cut(text) // of the script itself: no traceback comes before
	case after && strings.HasPrefix(text, ": "): // what Java says, after "An error occurred while calling ..."
		f.message = cut(f.message + text)
	}
}

// Message is the exception, as Glue shows it ("ValueError: not a number"), or "" when there was none.
func (f *Failure) Message() string { return f.message }

// module is what an exception's class lies in, which Python writes before its name and Glue does not.
var module = pattern.Lazy(`^(?:[A-Za-z_][A-Za-z0-9_]*\.)+([A-Za-z_][A-Za-z0-9_]*)(:|$)`)

func short(text string) string { return module().ReplaceAllString(text, "$1$2") }

func cut(text string) string {
	if len(text) > mostMessage {
		text = strings.ToValidUTF8(text[:mostMessage], "")
	}
	return text
}

package script

import "strings"

// mostMessage bounds in bytes what is kept of an exception's text.
const mostMessage = 4000

// A Failure listens to a script's standard error for the exception that ended it: the last traceback's.
type Failure struct {
	inside  bool // of a traceback, before its exception
	message string
	after   bool // the line after an exception's first, which may go on with it
}

// Line takes a line of standard error.
func (f *Failure) Line(text string) {
	after := f.after
	f.after = false
	switch {
	case strings.HasPrefix(text, "Traceback (most recent call last):"):
		f.inside = true
	case f.inside && (text == "" || text[0] == ' ' || text[0] == '\t'): // files and lines of the traceback
	case f.inside:
		f.inside, f.after = false, true
		f.message = cut(text)
	case strings.HasPrefix(text, "SyntaxError: ") || strings.HasPrefix(text, "IndentationError: ") || strings.HasPrefix(text, "TabError: "):
		f.message = cut(text) // of the script itself: no traceback comes before
	case after && strings.HasPrefix(text, ": "): // what Java says, after "An error occurred while calling ..."
		f.message = cut(f.message + text)
	}
}

// Message is the exception, as Python writes it ("ValueError: not a number"), or "" when there was none.
func (f *Failure) Message() string { return f.message }

func cut(text string) string {
	if len(text) > mostMessage {
		text = strings.ToValidUTF8(text[:mostMessage], "")
	}
	return text
}

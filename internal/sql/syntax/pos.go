package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Pos is a place in a text: line and column count from 1, the column in characters; Offset counts bytes from 0.
type Pos struct{ Line, Col, Offset int }

// Error is a mistake at a place of a text.
type Error struct {
	Kind Kind
	Pos  Pos
	Msg  string
	Line string // the line of the text that holds Pos, empty when the text is not known
	Err  error  // what a lookup answered, nil when the mistake was found here
}

// Errorf makes an error of grammar at a place; Locate adds the line of the text.
func Errorf(at Pos, format string, args ...any) *Error { return ErrorOf(Grammar, at, format, args...) }

// ErrorOf makes an error of a kind at a place.
func ErrorOf(kind Kind, at Pos, format string, args ...any) *Error {
	return &Error{Kind: kind, Pos: at, Msg: fmt.Sprintf(format, args...)}
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Locate adds the line that holds the place, so that the message can show it with a caret.
func (e *Error) Locate(text string) *Error {
	if e.Line != "" || e.Pos.Line == 0 {
		return e
	}
	lines := strings.Split(text, "\n")
	if e.Pos.Line <= len(lines) {
		e.Line = strings.TrimRight(lines[e.Pos.Line-1], "\r")
	}
	return e
}

// Error returns "line 2, column 8: message", and below it the line with a caret when the line is known.
func (e *Error) Error() string {
	if e.Pos.Line == 0 {
		return e.Msg
	}
	head := fmt.Sprintf("line %d, column %d: %s", e.Pos.Line, e.Pos.Col, e.Msg)
	if e.Line == "" {
		return head
	}
	return head + "\n" + e.Caret()
}

// Caret returns the line and, below it, a caret under the place. Long lines are cut around the place.
func (e *Error) Caret() string {
	const width = 100
	line, col := strings.ReplaceAll(e.Line, "\t", " "), e.Pos.Col-1
	runes := []rune(line)
	if !utf8.ValidString(line) {
		runes = []rune(strings.ToValidUTF8(line, "?"))
	}
	if col > len(runes) {
		col = len(runes)
	}
	if start := col - width/2; len(runes) > width && start > 0 {
		runes, col = runes[start:], col-start
	}
	if len(runes) > width {
		runes = runes[:width]
	}
	return "  " + string(runes) + "\n  " + strings.Repeat(" ", max(col, 0)) + "^"
}

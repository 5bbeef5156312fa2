package shapes

import "fmt"

// Unknown is a decoder's error: the request sets a member that the operation's input has not, to a value that asks for something.
type Unknown struct{ Path string }

// Error implements error.
func (u *Unknown) Error() string { return "unknown member " + u.Path }

// AsksNothing reports whether the text of a member that the input has not asks for nothing, in forms, XML and headers: "", false or 0.
func AsksNothing(text string) bool { return text == "" || text == "false" || text == "0" }

// Malformed is a decoder's error: the bytes are not of the form that the protocol and the shape ask for.
type Malformed struct {
	Path string
	Text string
	// Argument is the header or the key of the query that holds the text, with Value; "" for what stands in a body.
	Argument, Value string
	Whole           bool // a whole number is asked for
}

// Error implements error.
func (m *Malformed) Error() string {
	if m.Path == "" {
		return m.Text
	}
	return m.Path + ": " + m.Text
}

// Malformedf makes a Malformed without a path.
func Malformedf(format string, args ...any) error {
	return &Malformed{Text: fmt.Sprintf(format, args...)}
}

// In says which header or key of the query a decoder's error is about, and what stood there.
func In(f *Field, value string, err error) error {
	if m, ok := err.(*Malformed); ok {
		m.Argument, m.Value = f.Ref.WireName(), value
		m.Whole = f.Ref.Shape.Kind == Integer || f.Ref.Shape.Kind == Long
	}
	return err
}

// Below puts the name of the enclosing member before the path of a decoder's error.
func Below(name string, err error) error {
	switch e := err.(type) {
	case *Unknown:
		e.Path = join(name, e.Path)
	case *Malformed:
		e.Path = join(name, e.Path)
	}
	return err
}

func join(name, path string) string {
	switch {
	case path == "":
		return name
	case path[0] == '[' || path[0] == '{':
		return name + path
	}
	return name + "." + path
}

package session

import (
	"strconv"

	"penstock/internal/pgwire"
	"penstock/internal/sql/typed"
)

// argValue gives a parameter's text the Go type that the engine binds. Texts stay texts: the printed statement casts them.
func argValue(a pgwire.Arg, t typed.Type) (any, error) {
	if a.Null {
		return nil, nil
	}
	bad := func() error {
		return failure("22P02", "invalid input syntax for type %s: \"%s\"", t, a.Text)
	}
	switch {
	case t.IsInt():
		n, err := strconv.ParseInt(a.Text, 10, 64)
		if err != nil {
			return nil, bad()
		}
		return n, nil
	case t.IsFloat():
		f, err := strconv.ParseFloat(a.Text, 64)
		if err != nil {
			return nil, bad()
		}
		return f, nil
	case t.Kind == typed.Bool:
		switch a.Text {
		case "t", "true", "1", "yes", "on":
			return true, nil
		case "f", "false", "0", "no", "off":
			return false, nil
		}
		return nil, bad()
	}
	return a.Text, nil
}

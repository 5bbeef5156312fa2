package intrinsic

import (
	"fmt"

	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// An Env answers what a call needs from outside.
type Env struct {
	// Path gives the value of a path; its error stops the call and is returned as it is.
	Path func(*jsonpath.Path) (value.Value, error)
	// UUID returns a random UUID, version 4.
	UUID func() string
	// Random returns a number in [0, n).
	Random func(n int64) int64
}

// An Error says why a function could not be evaluated.
type Error struct {
	Name string // without "States."
	Msg  string
}

// Error implements error; the text is AWS's, and which argument is wrong.
func (e *Error) Error() string {
	return fmt.Sprintf("Invalid arguments in States.%s: %s", e.Name, e.Msg)
}

// Eval evaluates the call. The error is an *Error, or what Env.Path answered.
func (c *Call) Eval(env Env) (value.Value, error) {
	args := make([]value.Value, len(c.args))
	for i, a := range c.args {
		var err error
		switch {
		case a.path != nil:
			args[i], err = env.Path(a.path)
		case a.call != nil:
			args[i], err = a.call.Eval(env)
		default:
			args[i] = a.lit
			if s, ok := a.lit.(string); ok && !(c.Name == "Format" && i == 0) {
				args[i] = unescape(s)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	v, err := functions[c.Name].eval(env, args)
	if err != nil {
		return nil, &Error{c.Name, err.Error()}
	}
	return v, nil
}

type function struct {
	min, max int // max -1: any number
	eval     func(Env, []value.Value) (value.Value, error)
}

// functions is filled in functions.go; a function literal there may not refer to it.
var functions = map[string]function{
	"Array":          {0, -1, array},
	"ArrayPartition": {2, 2, arrayPartition},
	"ArrayContains":  {2, 2, arrayContains},
	"ArrayRange":     {3, 3, arrayRange},
	"ArrayGetItem":   {2, 2, arrayGetItem},
	"ArrayLength":    {1, 1, arrayLength},
	"ArrayUnique":    {1, 1, arrayUnique},
	"Base64Encode":   {1, 1, base64Encode},
	"Base64Decode":   {1, 1, base64Decode},
	"Format":         {1, -1, format},
	"Hash":           {2, 2, hash},
	"JsonMerge":      {3, 3, jsonMerge},
	"JsonToString":   {1, 1, jsonToString},
	"MathAdd":        {2, 2, mathAdd},
	"MathRandom":     {2, 3, mathRandom},
	"StringSplit":    {2, 2, stringSplit},
	"StringToJson":   {1, 1, stringToJSON},
	"UUID":           {0, 0, uuid},
}

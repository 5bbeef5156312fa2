// Package fault makes S3's errors with the fields that their documents have. It knows no error by name: what refuses something says which.
package fault

import "penstock/internal/api"

// New returns an error of S3's; fields are names and values in turn.
func New(status int, code, message string, fields ...string) *api.Error {
	e := &api.Error{Code: code, Message: message, Status: status}
	for i := 0; i+1 < len(fields); i += 2 {
		if e.Fields == nil {
			e.Fields = map[string]string{}
		}
		e.Fields[fields[i]] = fields[i+1]
	}
	return e
}

// Argument returns InvalidArgument for a named argument.
func Argument(name, value, message string) *api.Error {
	return New(400, "InvalidArgument", message, "ArgumentName", name, "ArgumentValue", value)
}

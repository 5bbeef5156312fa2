package sns

import (
	"fmt"

	"penstock/internal/api"
)

func invalid(format string, args ...any) error {
	return api.Errorf("InvalidParameter", "Invalid parameter: %s", fmt.Sprintf(format, args...))
}

func notFound(what string) error {
	return &api.Error{Code: "NotFound", Message: what + " does not exist", Status: 404}
}

func authorization(text string) error {
	return &api.Error{Code: "AuthorizationError", Message: text, Status: 403}
}

// dialect is how SNS words faults of the request itself.
func dialect() *api.Dialect {
	d := api.QueryDialect()
	d.Validation, d.Unsupported, d.Prefix = "InvalidParameter", "InvalidParameter", "Invalid parameter: "
	return &d
}

package ssm

import "penstock/internal/api"

func invalid(format string, args ...any) error {
	return api.Errorf("ValidationException", format, args...)
}

func notFound(name string) error {
	return api.Errorf("ParameterNotFound", "Parameter %s not found.", name)
}

// noVersion is the answer for a version or a label that a parameter has not; kind is which of the two.
func noVersion(kind, what, name string) error {
	return api.Errorf("ParameterVersionNotFound",
		"Systems Manager could not find %s %s of %s. Verify the %[1]s and try again.", kind, what, name)
}

func badToken() error { return api.Errorf("InvalidNextToken", "The specified token isn't valid.") }

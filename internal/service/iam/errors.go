package iam

import (
	"fmt"

	"penstock/internal/api"
)

func noSuch(format string, args ...any) error {
	return &api.Error{Code: "NoSuchEntity", Message: fmt.Sprintf(format, args...), Status: 404}
}

func exists(format string, args ...any) error {
	return &api.Error{Code: "EntityAlreadyExists", Message: fmt.Sprintf(format, args...), Status: 409}
}

func conflict(text string) error {
	return &api.Error{Code: "DeleteConflict", Message: text, Status: 409}
}

func malformed(format string, args ...any) error {
	return api.Errorf("MalformedPolicyDocument", format, args...)
}

func invalid(format string, args ...any) error {
	return api.Errorf("ValidationError", format, args...)
}

func input(text string) error { return api.Errorf("InvalidInput", "%s", text) }

func limit(text string) error {
	return &api.Error{Code: "LimitExceeded", Message: text, Status: 409}
}

package cloudformation

import (
	"errors"
	"fmt"

	"penstock/internal/api"
	"penstock/internal/service/cloudformation/template"
)

func invalid(format string, args ...any) error {
	return api.Errorf("ValidationError", format, args...)
}

func noStack(name string) error { return invalid("Stack with id %s does not exist", name) }

func alreadyExists(name string) error {
	return api.Errorf("AlreadyExistsException", "Stack [%s] already exists", name)
}

func insufficient(capability string) error {
	return api.Errorf("InsufficientCapabilitiesException", "Requires capabilities : [%s]", capability)
}

func noChangeSet(name string) error {
	return &api.Error{Code: "ChangeSetNotFound", Message: fmt.Sprintf("ChangeSet [%s] does not exist", name), Status: 404}
}

func changeSetStatus(format string, args ...any) error {
	return api.Errorf("InvalidChangeSetStatus", format, args...)
}

// mapped gives a template's mistakes AWS's code.
func mapped(err error) error {
	var e *template.Error
	if errors.As(err, &e) {
		return invalid("%s", e.Text)
	}
	return err
}

// reason is what an event says of a failure.
func reason(err error) string {
	var e *api.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("Resource handler returned message: %q (%s, HandlerErrorCode: %s)", e.Message, e.Op, e.Code)
	}
	if code := api.Code(err); code != "" {
		return fmt.Sprintf("Resource handler returned message: %q (HandlerErrorCode: %s)", err.Error(), code)
	}
	return err.Error()
}

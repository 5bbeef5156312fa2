package cloudwatch

import (
	"errors"

	"penstock/internal/api"
	"penstock/internal/metric"
)

const (
	invalidValue       = "InvalidParameterValue"
	invalidCombination = "InvalidParameterCombination"
	missingParameter   = "MissingParameter"
	validation         = "ValidationError"
	resourceNotFound   = "ResourceNotFound"
	notFoundException  = "ResourceNotFoundException"
	invalidNextToken   = "InvalidNextToken"
)

// noAlarm gives the store's error AWS's words.
func noAlarm(err error) error {
	if no := (*metric.NoAlarmError)(nil); errors.As(err, &no) {
		return &api.Error{Code: resourceNotFound, Message: "Alarm " + no.Name + " not found", Status: 404}
	}
	return err
}

// dialect is how CloudWatch words faults of the request itself.
func dialect() *api.Dialect {
	d := api.JSONDialect()
	d.Validation, d.Unsupported = validation, validation
	return &d
}

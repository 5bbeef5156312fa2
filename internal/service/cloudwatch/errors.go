package cloudwatch

import (
	"errors"
	"strings"

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
	if errors.Is(err, metric.ErrNoAlarm) {
		_, name, _ := strings.Cut(err.Error(), ": ")
		return &api.Error{Code: resourceNotFound, Message: "Alarm " + name + " not found", Status: 404}
	}
	return err
}

package logs

import (
	"errors"

	"penstock/internal/api"
	"penstock/internal/logstore"
)

const (
	invalidParameter = "InvalidParameterException"
	notFound         = "ResourceNotFoundException"
	alreadyExists    = "ResourceAlreadyExistsException"
	tooManyTags      = "TooManyTagsException"
)

// mapped gives the store's errors AWS's codes and words.
func mapped(err error) error {
	var p *logstore.PatternError
	switch {
	case errors.Is(err, logstore.ErrGroupNotFound):
		return api.Errorf(notFound, "The specified log group does not exist.")
	case errors.Is(err, logstore.ErrStreamNotFound):
		return api.Errorf(notFound, "The specified log stream does not exist.")
	case errors.Is(err, logstore.ErrGroupExists):
		return api.Errorf(alreadyExists, "The specified log group already exists")
	case errors.Is(err, logstore.ErrStreamExists):
		return api.Errorf(alreadyExists, "The specified log stream already exists")
	case errors.Is(err, logstore.ErrBadToken):
		return api.Errorf(invalidParameter, "The specified nextToken is invalid.")
	case errors.As(err, &p):
		return api.Errorf(invalidParameter, "Invalid filter pattern: %s", p.Reason)
	}
	return err
}

// dialect is how CloudWatch Logs words faults of the request itself.
func dialect() *api.Dialect {
	d := api.JSONDialect()
	d.Validation, d.Unsupported = invalidParameter, invalidParameter
	return &d
}

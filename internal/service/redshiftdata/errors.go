package redshiftdata

import (
	"errors"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/warehouse"
)

const (
	validation = "ValidationException"
	notFound   = "ResourceNotFoundException"
)

// mapped gives an error of the packages below its AWS code.
func mapped(err error) error {
	var q *warehouse.QueryError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, warehouse.ErrNoWorkgroup):
		return api.Errorf(validation, "Redshift endpoint doesn't exist in this region.")
	case errors.Is(err, warehouse.ErrNoStatement):
		return api.Errorf(notFound, "Query does not exist.")
	case errors.Is(err, warehouse.ErrNoResult):
		return api.Errorf(notFound, "Query does not have result. Please check query status with DescribeStatement.")
	case errors.Is(err, warehouse.ErrNotRunning):
		return api.Errorf(validation, "Could not cancel a query that is already in a terminal state.")
	case errors.Is(err, warehouse.ErrTooMany):
		return api.Errorf("ActiveStatementsExceededException", "Active statements exceeded the allowed quota (500).")
	case errors.Is(err, warehouse.ErrToken):
		return api.Errorf(validation, "The client token was used with another request.")
	case errors.Is(err, meta.ErrToken):
		return api.Errorf(validation, "The NextToken is not valid for this request.")
	case errors.As(err, &q):
		return api.Errorf(validation, "%s", q.Message)
	}
	return err
}

package redshiftserverless

import (
	"errors"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/warehouse"
)

const (
	validation = "ValidationException"
	notFound   = "ResourceNotFoundException"
	conflict   = "ConflictException"
)

// mapped gives an error of the packages below its AWS code; what names the resource.
func mapped(err error, what string) error {
	var p *tag.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		return tagged(p)
	case errors.Is(err, warehouse.ErrNoResource):
		return api.Errorf(notFound, "The resource %s was not found.", what)
	case errors.Is(err, warehouse.ErrNoNamespace):
		return api.Errorf(notFound, "The namespace %s was not found.", what)
	case errors.Is(err, warehouse.ErrNoWorkgroup):
		return api.Errorf(notFound, "The workgroup %s was not found.", what)
	case errors.Is(err, warehouse.ErrNamespaceExists):
		return api.Errorf(conflict, "Namespace with name %s already exists", what)
	case errors.Is(err, warehouse.ErrWorkgroupExists):
		return api.Errorf(conflict, "Workgroup with name %s already exists", what)
	case errors.Is(err, warehouse.ErrNamespaceInUse):
		return api.Errorf(conflict, "There is an operation running on, or a workgroup associated with, the namespace of %s. "+
			"Delete the workgroup first.", what)
	case errors.Is(err, warehouse.ErrPort):
		return api.Errorf(validation, "%s", err)
	case errors.Is(err, meta.ErrToken):
		return api.Errorf("InvalidPaginationException", "The nextToken is not valid for this request.")
	}
	return err
}

// tagged words what the rules of tags refuse.
func tagged(p *tag.Problem) error {
	switch {
	case p.TooMany:
		return api.Errorf("TooManyTagsException", "The request exceeded the number of tags allowed for a resource: %d.", tag.Most)
	case p.Reserved:
		return api.Errorf(validation, "The tag key %s is not valid: keys that begin with aws: are AWS's own.", p.Key)
	}
	return api.Errorf(validation, "The tag %s is not valid: a key has 1 to %d characters and a value up to %d, "+
		"of letters, numbers, spaces and _.:/=+-@.", p.Key, tag.KeyLimit, tag.ValueLimit)
}

package glue

import (
	"errors"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/crawl"
	"penstock/internal/meta"
)

// Error codes of the Glue API.
const (
	codeNotFound       = "EntityNotFoundException"
	codeExists         = "AlreadyExistsException"
	codeInvalid        = "InvalidInputException"
	codeInvalidState   = "InvalidStateException"
	codeConcurrent     = "ConcurrentModificationException"
	codeIdempotent     = "IdempotentParameterMismatchException"
	codeCrawlerRunning = "CrawlerRunningException"
	codeCrawlerStopped = "CrawlerNotRunningException"
	codeCrawlerStops   = "CrawlerStoppingException"
)

// awsError gives the errors of the nouns below their AWS codes; others pass.
func awsError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, meta.ErrToken) {
		return &api.Error{Code: codeInvalid, Message: "The NextToken is not valid for this request.", Err: err}
	}
	var c *catalog.Error
	if errors.As(err, &c) {
		return &api.Error{Code: catalogCode(c.Reason), Message: c.Text, Err: err}
	}
	var w *crawl.Error
	if errors.As(err, &w) {
		return &api.Error{Code: crawlCode(w.Reason), Message: w.Text, Err: err}
	}
	return err
}

func catalogCode(r catalog.Reason) string {
	switch r {
	case catalog.NotFound:
		return codeNotFound
	case catalog.Exists:
		return codeExists
	case catalog.Conflict:
		return codeConcurrent
	case catalog.InvalidState:
		return codeInvalidState
	}
	return codeInvalid
}

func crawlCode(r crawl.Reason) string {
	switch r {
	case crawl.NotFound:
		return codeNotFound
	case crawl.Exists:
		return codeExists
	case crawl.Running:
		return codeCrawlerRunning
	case crawl.NotRunning:
		return codeCrawlerStopped
	case crawl.Stopping:
		return codeCrawlerStops
	}
	return codeInvalid
}

// dialect is how Glue words faults of the request itself.
func dialect() *api.Dialect {
	d := api.JSONDialect()
	d.Unsupported = codeInvalid
	return &d
}

// Package answer holds what all parts of the Glue API say alike: error codes, pages, and the Words of their tables of members. It is no
// API of its own and keeps nothing.
package answer

import (
	"errors"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/crawl"
	"penstock/internal/meta"
)

// Error codes of the Glue API.
const (
	NotFound       = "EntityNotFoundException"
	Exists         = "AlreadyExistsException"
	Invalid        = "InvalidInputException"
	InvalidState   = "InvalidStateException"
	Concurrent     = "ConcurrentModificationException"
	TooMany        = "ResourceNumberLimitExceededException"
	Conflict       = "ConflictException"
	Idempotent     = "IdempotentParameterMismatchException"
	CrawlerRunning = "CrawlerRunningException"
	CrawlerStopped = "CrawlerNotRunningException"
	CrawlerStops   = "CrawlerStoppingException"

	NoSchedule         = "NoScheduleException"
	ScheduleRunning    = "SchedulerRunningException"
	ScheduleNotRunning = "SchedulerNotRunningException"
)

// Error gives the errors of the nouns below their AWS codes; others pass.
func Error(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, meta.ErrToken) {
		return &api.Error{Code: Invalid, Message: "The NextToken is not valid for this request.", Err: err}
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
		return NotFound
	case catalog.Exists:
		return Exists
	case catalog.Conflict:
		return Concurrent
	case catalog.InvalidState:
		return InvalidState
	case catalog.TooMany:
		return TooMany
	case catalog.Busy:
		return Conflict
	}
	return Invalid
}

func crawlCode(r crawl.Reason) string {
	switch r {
	case crawl.NotFound:
		return NotFound
	case crawl.Exists:
		return Exists
	case crawl.Running:
		return CrawlerRunning
	case crawl.NotRunning:
		return CrawlerStopped
	case crawl.Stopping:
		return CrawlerStops
	case crawl.NoSchedule:
		return NoSchedule
	case crawl.ScheduleRunning:
		return ScheduleRunning
	case crawl.ScheduleNotRunning:
		return ScheduleNotRunning
	}
	return Invalid
}

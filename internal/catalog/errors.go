package catalog

import "fmt"

// A Reason is why the catalog refuses.
type Reason int

// The reasons.
const (
	NotFound     Reason = iota + 1 // a database, table, version, partition, ... does not exist
	Exists                         // it exists already
	Conflict                       // another writer was first
	Invalid                        // the input makes no sense
	InvalidState                   // what is stored does not fit the request
	TooMany                        // there may be no more of them
	Busy                           // it is being made or removed
)

// An Error is a refusal; Text is for the caller.
type Error struct {
	Reason Reason
	Text   string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

func errorf(r Reason, format string, args ...any) *Error {
	return &Error{Reason: r, Text: fmt.Sprintf(format, args...)}
}

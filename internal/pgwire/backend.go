package pgwire

import (
	"context"
	"errors"
)

// A Backend proves users and opens sessions.
type Backend interface {
	// Secret returns what is stored of the user's password: "md5..." (hex of md5(password+user)) or "SCRAM-SHA-256$...".
	// ErrNoUser says that there is none; the client is then asked for a password all the same.
	Secret(ctx context.Context, user, database string) (string, error)
	// Open starts a session for an authenticated user. The client outlives the call.
	Open(ctx context.Context, start Startup, client *Client) (Session, error)
}

// ErrNoUser is Secret's answer for a user that does not exist.
var ErrNoUser = errors.New("no such user")

// A Startup is what the client said when it connected.
type Startup struct {
	User, Database string
	PID            uint32            // the backend process id that the client was given
	Parameters     map[string]string // all start-up parameters, also those that nobody knows
}

// A Session is one connection's state. Its methods are called by one goroutine at a time.
type Session interface {
	// Split cuts the text of a simple query into its statements; none for blank text.
	Split(sql string) ([]string, error)
	// Prepare checks one statement. oids are the client's parameter types; 0 or a missing one is for the session to find.
	Prepare(ctx context.Context, sql string, oids []uint32) (Statement, error)
	// Sync ends what was opened implicitly for a group of statements (one simple query, or everything up to a Sync message): it
	// commits, or rolls back when failed. Inside an explicit transaction it does nothing.
	Sync(ctx context.Context, failed bool) error
	// Status is 'I' outside a transaction block, 'T' inside one, 'E' inside a failed one.
	Status() byte
	Close()
}

// A Statement is prepared and can be bound any number of times.
type Statement interface {
	Parameters() []uint32
	// Columns describes the rows; nil means that the statement returns none. A Bind may change them.
	Columns() []Column
	Bind(ctx context.Context, args []Arg) (Portal, error)
	Close()
}

// A Portal is one execution of a statement.
type Portal interface {
	// Next writes up to limit rows (0: all). done is false when it stopped at the limit with more to come; tag is the command tag
	// ("SELECT 3") and counts when done.
	Next(ctx context.Context, rows *Rows, limit int) (tag string, done bool, err error)
	Close()
}

// A Column describes a result column.
type Column struct {
	Name     string
	OID      uint32
	Modifier int32 // atttypmod: -1, or length+4 for varchar, (precision<<16|scale)+4 for numeric
	Table    uint32
	Number   uint16
}

// An Arg is a parameter's value in the text form of its type.
type Arg struct {
	OID  uint32
	Null bool
	Text string
}

// An Error is what a client is told. Severity defaults to ERROR.
type Error struct {
	Severity, Code, Message, Detail, Hint string
	Position                              int // character of the statement, from 1; 0 when it has no place
	Err                                   error
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

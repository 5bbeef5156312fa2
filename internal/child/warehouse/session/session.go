package session

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/child/warehouse/load"
	"penstock/internal/child/warehouse/store"
	"penstock/internal/child/warehouse/sysview"
	"penstock/internal/clock"
	"penstock/internal/pgwire"
	"penstock/internal/sql/parse"
)

// An Env is what all sessions of a warehouse share.
type Env struct {
	Databases *store.Databases
	Clock     clock.Clock
	Log       *slog.Logger
	Resolve   load.Resolve
	// Cancel interrupts another session's statement; false when there is none with this process id.
	Cancel func(pid int64) bool
	// User makes, changes or drops a user of the namespace.
	User func(ctx context.Context, u calls.User) error
	// Users lists the namespace's users.
	Users func(ctx context.Context) ([]sysview.User, error)
	// Broken is told of an error after which the engine cannot be used any more.
	Broken  func(error)
	Queries atomic.Int64 // the last query id given
}

// A Client is a session's way to whoever opened it, beside results.
type Client interface {
	Notice(severity, code, message string)
	Parameter(name, value string)
	FloatDigits(extra int)
	// What the client has prepared and opened by messages of the protocol. Deallocate and CloseCursor are false when there is none.
	Prepared(name string) bool
	Deallocate(name string) bool
	DeallocateAll()
	CloseCursor(name string) bool
	CloseAll()
}

// A Session is one user's connection to one database.
type Session struct {
	env      *Env
	db       *store.Database
	h        *store.Handle
	client   Client
	user     string
	pid      int64
	settings map[string]string
	explicit bool // inside BEGIN
	failed   bool // a statement of the block failed
	active   *cursor
	named    map[string]*Statement // by PREPARE
	ledger   string
	views    []int64 // the late-binding views that are being bound, each inside of the one before
	listing  bool    // their columns are being listed, so none can be bound that lists them itself

	lastCopyID, lastCopyCount, lastQuery int64
	loaded                               int64 // bytes of the files that COPY read since TakeLoaded
}

// Open starts a session.
func Open(ctx context.Context, env *Env, database, user string, pid int64, client Client) (*Session, error) {
	db, ok := env.Databases.Database(database)
	if !ok {
		return nil, &pgwire.Error{Code: "3D000", Message: fmt.Sprintf("database \"%s\" does not exist", database)}
	}
	h, err := db.Handle(ctx)
	if err != nil {
		return nil, err
	}
	return &Session{env: env, db: db, h: h, client: client, user: user, pid: pid, settings: map[string]string{},
		named: map[string]*Statement{}}, nil
}

// SetLedger makes the next transaction that writes leave this Data API statement id in the file.
func (s *Session) SetLedger(id string) { s.ledger = id }

// Close ends the session; what is not committed is undone.
func (s *Session) Close() {
	s.dropActive()
	s.closeNamed()
	if err := s.h.Close(); err != nil {
		s.env.Log.Error("close session", "pid", s.pid, "error", err)
	}
}

// Status is the transaction status of the PostgreSQL protocol.
func (s *Session) Status() byte {
	switch {
	case s.failed:
		return 'E'
	case s.explicit:
		return 'T'
	}
	return 'I'
}

// Split cuts a text into statements. A text of several must be free of syntax errors as a whole before the first runs.
func (s *Session) Split(text string) ([]string, error) {
	pieces, err := parse.Split(text, s.dialect())
	if err != nil {
		return nil, asError(err, text)
	}
	var out []string
	for _, p := range pieces {
		out = append(out, p.Text)
	}
	if len(pieces) > 1 {
		if _, err := parse.Statements(text, s.dialect()); err != nil {
			return nil, asError(err, text)
		}
	}
	return out, nil
}

// Sync ends the implicit transaction of a group of statements.
func (s *Session) Sync(ctx context.Context, failed bool) error {
	s.dropActive()
	if s.explicit {
		return nil
	}
	tx := s.h.Tx()
	if tx == nil {
		return nil
	}
	if failed {
		return s.fault(tx.Rollback(ctx), "")
	}
	return s.fault(tx.Commit(ctx, s.env.Clock.Now()), "")
}

// tx is the open transaction; one is begun if there is none.
func (s *Session) tx() *store.Tx {
	if t := s.h.Tx(); t != nil {
		return t
	}
	t := s.h.Begin()
	if s.ledger != "" {
		t.Record(s.ledger)
	}
	return t
}

// lost marks the statement that failed: inside a block everything up to its end is refused, outside the group's end rolls back.
func (s *Session) lost() {
	if s.explicit {
		s.failed = true
	}
}

func (s *Session) dropActive() {
	if s.active != nil {
		s.active.drop()
		s.active = nil
	}
}

// nextQuery gives the running statement its query id.
func (s *Session) nextQuery() int64 {
	s.lastQuery = s.env.Queries.Add(1)
	return s.lastQuery
}

// LastQuery is the id of the last statement that ran.
func (s *Session) LastQuery() int64 { return s.lastQuery }

// TakeLoaded is how many bytes of files COPY has read since the last call.
func (s *Session) TakeLoaded() int64 {
	n := s.loaded
	s.loaded = 0
	return n
}

// LastCopyCount is how many rows the session's last COPY loaded.
func (s *Session) LastCopyCount() int64 { return s.lastCopyCount }

// PID is the session's process id.
func (s *Session) PID() int64 { return s.pid }

func (s *Session) searchPath() []string {
	path := s.settings["search_path"]
	if path == "" {
		path = "$user, public"
	}
	var out []string
	for _, p := range strings.Split(path, ",") {
		p = strings.Trim(strings.TrimSpace(p), `"'`)
		if p == "$user" {
			p = s.user
		}
		out = append(out, strings.ToLower(p))
	}
	return out
}

package states

import (
	"database/sql"
	"errors"
	"time"

	"penstock/internal/asl"
	"penstock/internal/meta"
)

// Schema is the service's tables; they come after those of package meta/tag. The region of a row is that in its ARN. A revision is a
// definition with its role as it was at a time; executions keep theirs when the machine is updated or deleted.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "states", Migrations: []string{`
CREATE TABLE states_machine (arn TEXT PRIMARY KEY, name TEXT NOT NULL, revision TEXT NOT NULL, created INTEGER NOT NULL,
	deleting INTEGER NOT NULL, include_data INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE states_revision (id TEXT PRIMARY KEY, machine TEXT NOT NULL, definition TEXT NOT NULL, role TEXT NOT NULL, updated INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE states_tag (arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
CREATE TABLE states_execution (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	arn      TEXT NOT NULL UNIQUE,
	name     TEXT NOT NULL,
	machine  TEXT NOT NULL,
	revision TEXT NOT NULL,
	token    TEXT UNIQUE,
	input    TEXT NOT NULL,
	trace    TEXT NOT NULL,
	status   TEXT NOT NULL,
	started  INTEGER NOT NULL,
	stopped  INTEGER NOT NULL DEFAULT 0,
	output   TEXT NOT NULL DEFAULT '',
	error    TEXT NOT NULL DEFAULT '',
	cause    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX states_execution_of_machine ON states_execution (machine, seq);
CREATE INDEX states_execution_running ON states_execution (seq) WHERE status = 'RUNNING';
CREATE TABLE states_event (execution INTEGER NOT NULL, id INTEGER NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
	PRIMARY KEY (execution, id)) WITHOUT ROWID;
`, `
ALTER TABLE states_revision ADD COLUMN initial INTEGER NOT NULL DEFAULT 0;
UPDATE states_revision SET initial = 1 WHERE EXISTS (SELECT 1 FROM states_machine m WHERE m.arn = states_revision.machine AND m.created = states_revision.updated);
`, `
INSERT INTO call_answer (token, service, op, request, answer, at)
	SELECT token, 'states', 'StartExecution', x'', json_object('ExecutionArn', arn, 'StartDate', strftime('%Y-%m-%dT%H:%M:%fZ', started / 1000.0, 'unixepoch')), started
	FROM states_execution WHERE token IS NOT NULL;
UPDATE states_execution SET token = NULL; -- package meta keeps tokens since then
`, `
CREATE TABLE states_execution_4 (
	seq      INTEGER PRIMARY KEY,
	arn      TEXT NOT NULL UNIQUE,
	name     TEXT NOT NULL,
	machine  TEXT NOT NULL,
	revision TEXT NOT NULL,
	input    TEXT NOT NULL,
	trace    TEXT NOT NULL,
	status   TEXT NOT NULL,
	started  INTEGER NOT NULL,
	stopped  INTEGER NOT NULL DEFAULT 0,
	output   TEXT NOT NULL DEFAULT '',
	error    TEXT NOT NULL DEFAULT '',
	cause    TEXT NOT NULL DEFAULT ''
);
INSERT INTO states_execution_4 SELECT seq, arn, name, machine, revision, input, trace, status, started, stopped, output, error, cause FROM states_execution;
DROP TABLE states_execution;
ALTER TABLE states_execution_4 RENAME TO states_execution;
CREATE INDEX states_execution_of_machine ON states_execution (machine, seq);
CREATE INDEX states_execution_running ON states_execution (seq) WHERE status = 'RUNNING';
-- since then a row of states_event with an empty type holds the events of a commit, in the form of events.go
`, `
INSERT INTO tag_row (arn, key, value) SELECT arn, key, value FROM states_tag;
DROP TABLE states_tag; -- package meta/tag keeps tags since then
`}}

// A machine is a row of states_machine with its current revision.
type machine struct {
	ARN, Name, Revision string
	Created             time.Time
	Deleting            bool
	IncludeData         bool
	Definition, Role    string
	Updated             time.Time
	Initial             bool // the revision that CreateStateMachine made
}

// revisionID is the revision as AWS names it: the first one has no name.
func (m *machine) revisionID() *string {
	if m.Initial {
		return nil
	}
	return &m.Revision
}

const selectMachine = `SELECT m.arn, m.name, m.revision, m.created, m.deleting, m.include_data, r.definition, r.role, r.updated, r.initial
	FROM states_machine m JOIN states_revision r ON r.id = m.revision`

func scanMachine(row interface{ Scan(...any) error }) (m machine, err error) {
	var created, updated int64
	err = row.Scan(&m.ARN, &m.Name, &m.Revision, &created, &m.Deleting, &m.IncludeData, &m.Definition, &m.Role, &updated, &m.Initial)
	m.Created, m.Updated = millis(created), millis(updated)
	return m, err
}

// machineTx finds a machine; errNoMachine when there is none.
func machineTx(tx *meta.Tx, machineARN string) (machine, error) {
	m, err := scanMachine(tx.QueryRow(selectMachine+` WHERE m.arn = ?`, machineARN))
	if errors.Is(err, sql.ErrNoRows) {
		return m, noMachine(machineARN)
	}
	return m, err
}

// An execution is a row of states_execution.
type execution struct {
	Seq                          int64
	ARN, Name, Machine, Revision string
	Input, Trace                 string
	Status                       asl.Status
	Started, Stopped             time.Time
	Output, Error, Cause         string
}

const selectExecution = `SELECT seq, arn, name, machine, revision, input, trace, status, started, stopped, output, error, cause ` +
	`FROM states_execution`

func scanExecution(row interface{ Scan(...any) error }) (e execution, err error) {
	var started, stopped int64
	err = row.Scan(&e.Seq, &e.ARN, &e.Name, &e.Machine, &e.Revision, &e.Input, &e.Trace, &e.Status, &started, &stopped,
		&e.Output, &e.Error, &e.Cause)
	e.Started, e.Stopped = millis(started), millis(stopped)
	return e, err
}

func executionTx(tx *meta.Tx, executionARN string) (execution, error) {
	e, err := scanExecution(tx.QueryRow(selectExecution+` WHERE arn = ?`, executionARN))
	if errors.Is(err, sql.ErrNoRows) {
		return e, noExecution(executionARN)
	}
	return e, err
}

func millis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

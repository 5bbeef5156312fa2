// Package calls holds the messages between the control process and a warehouse child: what each asks the other over their two
// sockets. Both sides import it, so it knows neither the engine nor the object store. Paths are those of the HTTP requests.
package calls

import "encoding/json"

// Paths that the child calls.
const (
	PathResolve     = "/resolve"
	PathSecret      = "/secret"
	PathUser        = "/user"
	PathUsers       = "/users"
	PathCertificate = "/certificate"
)

// Paths that the control process calls.
const (
	PathExecute   = "/execute"
	PathCancel    = "/cancel"
	PathFinished  = "/finished"
	PathDatabase  = "/database"
	PathDatabases = "/databases"
	PathStop      = "/stop" // ends the sessions and folds the logs into the databases' files
)

// Resolve asks for the objects of a bucket as local files, under a lease that lasts as long as the child. Either Prefix or Keys is
// set; of Keys, those that do not exist are left out of the answer.
type Resolve struct {
	Bucket string
	Region string // in which the bucket is said to lie; "" is the warehouse's own
	Prefix string
	Keys   []string `json:",omitempty"`
	Reader Reader
}

// A Reader is who reads the objects: a role, or the owner of an access key.
type Reader struct {
	Role                     string `json:",omitempty"` // its ARN; "" is the namespace's own
	AccessKey, Secret, Token string `json:",omitempty"`
}

// An Object is a stored object and the file that holds its bytes.
type Object struct {
	Key, Version, ETag string
	Size               int64
	Path               string
}

// Resolved answers Resolve, in the order of keys.
type Resolved struct {
	Objects []Object
	// Elsewhere is the region in which the bucket lies when that is another than the one that was said; there are no Objects then.
	Elsewhere string `json:",omitempty"`
	// Refused says why the reader may not, in the words of Redshift's S3ServiceException; there are no Objects then.
	Refused string `json:",omitempty"`
}

// Secret asks what proves a user. OK is false for an unknown one.
type Secret struct{ User, Database string }

// SecretAnswer answers Secret.
type SecretAnswer struct {
	OK     bool
	Secret string
}

// User creates, alters or drops a user: Secret is the stored form of the password, "" to keep it.
type User struct {
	Action string // create, alter, drop
	Name   string
	Secret string
	Super  *bool // CREATEUSER, NOCREATEUSER: may do everything; nil to keep it
}

// UserAnswer says why the change is refused, with an SQLSTATE; "" when it is done.
type UserAnswer struct{ Refused, Code string }

// Users lists the users of the namespace, by their number.
type Users struct{ Users []ListedUser }

// A ListedUser is one of them.
type ListedUser struct {
	Name  string
	ID    int64
	Super bool
}

// Execute runs the statements of one Data API call, in one session. The answer is a stream of Events, one JSON object a line.
type Execute struct {
	ID         string
	Database   string
	User       string
	Label      string // the statement name
	SQLs       []Statement
	Together   bool // in one transaction
	Ledger     bool // write the ID into the file if anything is written
	TimeoutSec int
}

// A Statement is one SQL text with its named parameters.
type Statement struct {
	ID     string
	SQL    string
	Params []Param `json:",omitempty"`
}

// A Param is a named parameter; its value is text, cast by the engine.
type Param struct{ Name, Value string }

// An Event reports progress of an Execute. Exactly one of its parts after N is set; the last event of a statement is End.
type Event struct {
	N     int     // which statement, from 0
	Start *Start  `json:",omitempty"`
	Rows  *Page   `json:",omitempty"`
	End   *Result `json:",omitempty"`
}

// Start says that a statement runs now.
type Start struct {
	PID     int64
	QueryID int64
}

// A Page is some rows: each cell is a JSON null, boolean, number (integers, floats) or string.
type Page struct {
	Columns []Column            `json:",omitempty"` // with the first page
	Rows    [][]json.RawMessage // never null
}

// A Result ends a statement.
type Result struct {
	Error     string `json:",omitempty"`
	Code      string `json:",omitempty"` // SQLSTATE
	Canceled  bool   `json:",omitempty"`
	HasResult bool
	Rows      int64 // rows returned or changed, -1 when unknown
	Bytes     int64 // of the result
	Loaded    int64 // bytes of the files that a COPY read
	Nanos     int64
	QueryID   int64
	PID       int64
}

// A Column describes a result column in the words of the Data API.
type Column struct {
	Name, Label, TypeName string
	Length                int32
	Precision, Scale      int32
	Nullable              int32
	Schema, Table         string
	Default               string
	CaseSensitive, Signed bool
}

// Cancel interrupts the Execute with this id.
type Cancel struct{ ID string }

// CancelAnswer says whether it was running.
type CancelAnswer struct{ Running bool }

// Finished asks which Data API statements of a list have committed, according to the databases' own ledgers.
type Finished struct{ IDs []string }

// FinishedAnswer lists those.
type FinishedAnswer struct{ IDs []string }

// Database creates a database if it does not exist.
type Database struct{ Name string }

// Databases lists the databases.
type Databases struct{ Names []string }

// None is the empty message.
type None struct{}

// A Certificate answers PathCertificate: what the listener shows to clients that ask for TLS. The key crosses no
// more than the socket between the two processes.
type Certificate struct {
	Chain [][]byte // DER, the listener's own first
	Key   []byte   // PKCS #8, DER
}

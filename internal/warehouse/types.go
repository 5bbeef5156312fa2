package warehouse

import (
	"errors"
	"time"

	"penstock/internal/child/warehouse/calls"
)

// Errors of this package.
var (
	ErrNoNamespace     = errors.New("the namespace does not exist")
	ErrNamespaceExists = errors.New("the namespace exists")
	ErrNamespaceInUse  = errors.New("the namespace has a workgroup")
	ErrNoWorkgroup     = errors.New("the workgroup does not exist")
	ErrWorkgroupExists = errors.New("the workgroup exists")
	ErrPort            = errors.New("the port cannot be used")
	ErrNoResource      = errors.New("no namespace or workgroup has this ARN")
	ErrNoStatement     = errors.New("the statement does not exist")
	ErrNoResult        = errors.New("the statement has no result")
	ErrNotRunning      = errors.New("the statement is not running")
	ErrTooMany         = errors.New("too many active statements")
	ErrToken           = errors.New("the client token was used for another statement")
)

// A Namespace is databases and users.
type Namespace struct {
	Name, ID, ARN   string
	AdminUser       string
	Database        string
	Folder          string
	IAMRoles        []string
	DefaultRole     string
	LogExports      []string
	KMSKey          string
	CatalogID       string
	Created         time.Time
	Tags            map[string]string `json:"-"` // of a new one
	AdminSecret     string            // stored form of the administrator's password
	ManagedPassword bool
}

// A Workgroup is the compute of a namespace: an endpoint.
type Workgroup struct {
	Name, ID, ARN, Namespace string
	Port                     int
	AskedPort                bool // the port was named by the caller
	First                    bool // it listens where the server was told to
	Default                  bool // the server made it: it gives the server's port to the first other one
	BaseCapacity             int32
	MaxCapacity              int32
	Parameters               []Parameter
	EnhancedVPCRouting       bool
	PubliclyAccessible       bool
	SecurityGroups, Subnets  []string
	TrackName                string
	Created                  time.Time
	Tags                     map[string]string `json:"-"` // of a new one
}

// A Parameter is a database setting of a workgroup.
type Parameter struct{ Key, Value string }

// States of statements, as the Data API names them.
const (
	Submitted = "SUBMITTED"
	Picked    = "PICKED"
	Started   = "STARTED"
	Finished  = "FINISHED"
	Aborted   = "ABORTED"
	Failed    = "FAILED"
)

// A Statement is one call of the Data API: one SQL text, or the sub-statements of a batch.
type Statement struct {
	ID         string
	Workgroup  string
	Database   string
	User       string
	SecretARN  string
	Name       string
	Principal  string
	Batch      bool
	Together   bool // a batch in one transaction
	Format     string
	WithEvent  bool
	Params     []calls.Param
	Subs       []Sub // of a single statement, one with the statement's own id
	Status     string
	Error      string
	PID        int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Nanos      int64
	Seq        int64  `json:"-"`
	Token      string `json:"-"`
	TokenMatch string // what a repeat with the same token must equal
}

// A Sub is one SQL text of a Statement.
type Sub struct {
	ID        string
	SQL       string
	Status    string
	Error     string
	HasResult bool
	Rows      int64
	Bytes     int64 // of the result
	Loaded    int64 // bytes of the files that a COPY read
	Nanos     int64
	QueryID   int64
	Columns   []calls.Column
	Pages     int
	UpdatedAt time.Time
}

// Ended reports whether a state is final.
func Ended(status string) bool { return status == Finished || status == Aborted || status == Failed }

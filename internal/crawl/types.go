package crawl

import (
	"fmt"
	"time"
)

// A Target is a place to crawl.
type Target struct {
	Path       string   `json:"path"`                 // "s3://bucket/prefix/"
	Exclusions []string `json:"exclusions,omitempty"` // globs relative to Path
	SampleSize int      `json:"sampleSize,omitempty"` // files to read in each folder, 0 for all
}

// What to do when a crawl finds a changed schema.
const (
	UpdateInDatabase = "UPDATE_IN_DATABASE"
	Log              = "LOG"
)

// What to do when a crawl no longer finds what it found before; Log is the third way.
const (
	DeprecateInDatabase = "DEPRECATE_IN_DATABASE"
	DeleteFromDatabase  = "DELETE_FROM_DATABASE"
)

// What a crawl looks at when it is not the first.
const (
	CrawlEverything     = "CRAWL_EVERYTHING"
	CrawlNewFoldersOnly = "CRAWL_NEW_FOLDERS_ONLY"
)

// States of a crawler.
const (
	StateReady    = "READY"
	StateRunning  = "RUNNING"
	StateStopping = "STOPPING"
)

// States of a crawl.
const (
	CrawlRunning   = "RUNNING"
	CrawlCompleted = "COMPLETED"
	CrawlFailed    = "FAILED"
	CrawlStopped   = "STOPPED"
)

// A Crawler says what to crawl, into which database and how to treat changes.
type Crawler struct {
	Name          string          `json:"-"`
	Role          string          `json:"role"`
	Database      string          `json:"database"`
	Description   *string         `json:"description,omitempty"`
	Targets       []Target        `json:"targets"`
	Databases     []JDBCTarget    `json:"jdbc,omitempty"`
	Classifiers   []string        `json:"classifiers,omitempty"` // of the user's own, by name; they come first, in their order
	Tables        []CatalogTarget `json:"tables,omitempty"`
	TablePrefix   string          `json:"tablePrefix,omitempty"`
	Update        string          `json:"update"` // UpdateInDatabase or Log
	Delete        string          `json:"delete"` // DeprecateInDatabase, DeleteFromDatabase or Log
	Recrawl       string          `json:"recrawl"`
	Configuration string          `json:"configuration,omitempty"` // JSON; see Config
	Schedule      *Schedule       `json:"schedule,omitempty"`
	State         string          `json:"-"`
	Version       int64           `json:"-"` // 1, 2, ...
	Created       time.Time       `json:"-"`
	Updated       time.Time       `json:"-"`
	Last          *Crawl          `json:"-"` // the crawl that ended last, or nil
	Running       *Crawl          `json:"-"` // the crawl that runs, or nil
}

// A Crawl is one run of a crawler.
type Crawl struct {
	ID      string
	Crawler string
	State   string
	Error   string // for people, when FAILED
	Started time.Time
	Ended   time.Time // zero while it runs
	Summary Summary
}

// A Summary counts what a crawl changed.
type Summary struct {
	TablesAdded       int `json:"tablesAdded"`
	TablesUpdated     int `json:"tablesUpdated"`
	TablesDeleted     int `json:"tablesDeleted"`
	PartitionsAdded   int `json:"partitionsAdded"`
	PartitionsUpdated int `json:"partitionsUpdated"`
	PartitionsDeleted int `json:"partitionsDeleted"`
	Files             int `json:"files"`
}

// LogGroup is where crawls write their log; the stream is the crawler's name.
const LogGroup = "/aws-glue/crawlers"

// A Reason is why a crawler operation is refused.
type Reason int

// The reasons.
const (
	NotFound Reason = iota + 1
	Exists
	Running
	NotRunning
	Stopping
	Invalid
	NoSchedule
	ScheduleRunning
	ScheduleNotRunning
)

// An Error is a refusal; Text is for the caller.
type Error struct {
	Reason Reason
	Text   string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

func errorf(r Reason, format string, args ...any) *Error {
	return &Error{r, fmt.Sprintf(format, args...)}
}

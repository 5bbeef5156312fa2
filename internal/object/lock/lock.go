// Package lock is S3's object lock as rules: what keeps a version from removal, who may change that, and what a new version gets. It stores
// nothing and knows no clock: package object keeps a version's Lock in its row, and asks Held in the transaction that would end it.
// Behaviour: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html. Not here: event holds, which are not served.
package lock

import (
	"encoding/json"
	"errors"
	"time"
)

// What object lock refuses. Errors of this package are one of these or a PastError.
var (
	ErrLocked = errors.New("the version is kept by object lock")
	ErrNone   = errors.New("the bucket has no object lock")
)

// A PastError says that a retention would be over already.
type PastError struct{ Until time.Time }

// Error implements error.
func (e *PastError) Error() string { return "the end of the retention is not in the future" }

// A Mode says who may shorten or end a retention before its time, or remove what it keeps.
type Mode string

// The modes of retention.
const (
	Governance Mode = "GOVERNANCE" // who says that he bypasses it
	Compliance Mode = "COMPLIANCE" // nobody
)

// Whether a version has a legal hold, which keeps it until it is taken off. "" is a version that never had one.
const (
	HoldOn  = "ON"
	HoldOff = "OFF"
)

// A Lock is what keeps a version from being removed: a retention, a legal hold, both, or (the zero value) nothing. It stays with the
// version when its time is over.
type Lock struct {
	Mode  Mode   `json:"mode,omitempty"`  // "" without a retention
	Until int64  `json:"until,omitempty"` // milliseconds since 1970
	Hold  string `json:"hold,omitempty"`
}

// RetainUntil is the end of the retention.
func (l Lock) RetainUntil() time.Time { return time.UnixMilli(l.Until).UTC() }

// retained reports whether a retention is in force.
func (l Lock) retained(now time.Time) bool { return l.Mode != "" && now.UnixMilli() < l.Until }

// Held refuses what would remove a version while a lock keeps it. bypass passes a retention of the mode Governance, nothing else.
func (l Lock) Held(now time.Time, bypass bool) error {
	if l.Hold == HoldOn || l.retained(now) && (l.Mode != Governance || !bypass) {
		return ErrLocked
	}
	return nil
}

// Future refuses a retention that is over.
func (l Lock) Future(now time.Time) error {
	if l.Mode != "" && !l.retained(now) {
		return &PastError{l.RetainUntil()}
	}
	return nil
}

// Retain replaces the retention by another one, or (mode "") ends it. One that is in force may be made longer; only with bypass, and only
// of the mode Governance, it may be shortened, ended or given another mode.
func (l *Lock) Retain(mode Mode, until int64, now time.Time, bypass bool) error {
	longer := mode == l.Mode && until >= l.Until
	if l.retained(now) && !longer && (l.Mode != Governance || !bypass) {
		return ErrLocked
	}
	l.Mode, l.Until = mode, until
	return nil
}

// A Bucket says whether versions of a bucket can be locked, and the retention that its new ones get without asking for one.
type Bucket struct {
	Enabled bool    `json:"-"`
	Default Default `json:"default,omitzero"`
}

// A Default is a mode and a period from the making of a version, in days or in years; the zero value is none.
type Default struct {
	Mode  Mode `json:"mode,omitempty"`
	Days  int  `json:"days,omitempty"`
	Years int  `json:"years,omitempty"`
}

// Text is the stored form: "" is a bucket without object lock.
func (b Bucket) Text() (string, error) {
	if !b.Enabled {
		return "", nil
	}
	out, err := json.Marshal(b)
	return string(out), err
}

// Read is the inverse of Text.
func (b *Bucket) Read(text string) error {
	if text == "" {
		return nil
	}
	b.Enabled = true
	return json.Unmarshal([]byte(text), b)
}

// Give returns the lock of a version that is made now: the one asked for, and the default where no retention was asked for.
func (b Bucket) Give(asked Lock, now time.Time) (Lock, error) {
	if !b.Enabled {
		if asked != (Lock{}) {
			return Lock{}, ErrNone
		}
		return Lock{}, nil
	}
	if d := b.Default; asked.Mode == "" && d.Mode != "" {
		asked.Mode, asked.Until = d.Mode, now.UTC().AddDate(d.Years, 0, d.Days).UnixMilli()
	}
	return asked, nil
}

// Begin refuses a lock that a request asks for a new version: where the bucket has none, or for a time that is over.
func (b Bucket) Begin(asked Lock, now time.Time) error {
	if err := asked.Future(now); err != nil {
		return err
	}
	_, err := b.Give(asked, now)
	return err
}

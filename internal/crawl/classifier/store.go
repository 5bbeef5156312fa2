// Package classifier keeps the classifiers of a user's own, which crawlers run before the built-in ones. What they do with files is package
// classify's.
package classifier

import (
	"fmt"
	"time"

	"penstock/internal/classify"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/doc"
)

// A Classifier is one with its history.
type Classifier struct {
	classify.Classifier
	Version int64     `json:"version"` // 1, 2, ...
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// A Reason is why an operation is refused.
type Reason int

// The reasons.
const (
	NotFound Reason = iota + 1
	Exists
	Invalid
)

// An Error is a refusal; Text is for the caller.
type Error struct {
	Reason Reason
	Text   string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

// A Store is the classifiers of one region, in a store that was opened with doc.Schema.
type Store struct {
	Region string
	Clock  clock.Clock
}

func (s Store) table() doc.Table[Classifier] {
	return doc.Table[Classifier]{Kind: "glue.classifier", Region: s.Region}
}

// CreateTx makes a classifier.
func (s Store) CreateTx(tx *meta.Tx, c classify.Classifier) error {
	if _, err := classify.Compile(c); err != nil {
		return &Error{Invalid, err.Error()}
	}
	_, found, err := s.table().Get(tx, c.Name)
	if err != nil {
		return err
	}
	if found {
		return &Error{Exists, fmt.Sprintf("Classifier %s already exists.", c.Name)}
	}
	now := s.Clock.Now().UTC()
	return s.table().Put(tx, c.Name, Classifier{c, 1, now, now})
}

// GetTx returns a classifier.
func (s Store) GetTx(tx *meta.Tx, name string) (Classifier, error) {
	c, found, err := s.table().Get(tx, name)
	if err == nil && !found {
		err = &Error{NotFound, fmt.Sprintf("Classifier %s not found.", name)}
	}
	return c, err
}

// UpdateTx replaces a classifier by what change makes of it.
func (s Store) UpdateTx(tx *meta.Tx, name string, change func(*classify.Classifier) error) error {
	c, err := s.GetTx(tx, name)
	if err != nil {
		return err
	}
	if err := change(&c.Classifier); err != nil {
		return err
	}
	if _, err := classify.Compile(c.Classifier); err != nil {
		return &Error{Invalid, err.Error()}
	}
	c.Version++
	c.Updated = s.Clock.Now().UTC()
	return s.table().Put(tx, name, c)
}

// DeleteTx removes a classifier. Crawlers that name it fail from then on, and say so.
func (s Store) DeleteTx(tx *meta.Tx, name string) error {
	found, err := s.table().Delete(tx, name)
	if err == nil && !found {
		err = &Error{NotFound, fmt.Sprintf("Classifier %s not found.", name)}
	}
	return err
}

// WalkTx calls fn with the classifiers whose names follow after, in their order, until it returns false.
func (s Store) WalkTx(tx *meta.Tx, after string, fn func(Classifier) bool) error {
	return s.table().Walk(tx, "", after, func(_ string, c Classifier) (bool, error) { return fn(c), nil })
}

// CompileTx makes classifiers ready, in the order of their names given.
func (s Store) CompileTx(tx *meta.Tx, names []string) ([]*classify.Custom, error) {
	var out []*classify.Custom
	for _, name := range names {
		c, err := s.GetTx(tx, name)
		if err != nil {
			return nil, err
		}
		ready, err := classify.Compile(c.Classifier)
		if err != nil {
			return nil, err
		}
		out = append(out, ready)
	}
	return out, nil
}

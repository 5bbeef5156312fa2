// Package settings holds what a bucket keeps beside its objects: documents under names, whose meaning is the service's own affair. It reads
// and writes none.
package settings

import "sync"

// A Doc is one document. Set is false when it has never been written or removed since; a removed one is kept as an empty text, for a
// service whose default differs from "removed".
type Doc struct {
	Text string
	Set  bool
}

// A Check refuses a change for what the bucket's other documents say, which it reads by their names.
type Check func(other func(name string) (Doc, error)) error

// Docs are a bucket's documents at one instant, kept in memory until one of them changes. Nobody changes them.
type Docs struct {
	docs    map[string]Doc
	once    sync.Once
	derived any
}

// New makes the documents that texts has.
func New(texts map[string]string) *Docs {
	d := &Docs{docs: map[string]Doc{}}
	for name, text := range texts {
		d.docs[name] = Doc{Text: text, Set: true}
	}
	return d
}

// Get returns a document.
func (d *Docs) Get(name string) Doc { return d.docs[name] }

// Derive returns what make has made of the documents when it was called first: all callers give the same make.
func (d *Docs) Derive(make func(*Docs) any) any {
	d.once.Do(func() { d.derived = make(d) })
	return d.derived
}

// Size is about how many bytes of memory the documents take, with what is derived from them.
func (d *Docs) Size() int {
	n := 500
	for name, doc := range d.docs {
		n += 100 + len(name) + 3*len(doc.Text)
	}
	return n
}

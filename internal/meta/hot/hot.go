// Package hot keeps decoded rows of the metadata store in memory, bounded, so that a read of what was read or written lately asks no
// database. It owns no truth and no table: what it does not have is read as before. It is not a cache with a time to live, and knows
// nothing of the rows.
//
// The rule: what it answers is never older than the last acknowledged change and is always durable. A transaction that changes a row
// says so (Set, Drop). Before COMMIT the row is taken away, after COMMIT and before any caller is answered the new one is put in its
// place; a closure that is undone changes nothing, and a store whose COMMIT has failed answers nothing any more. A reader that misses
// remembers the generation of its shard before its View and may fill only if no transaction has touched the shard since.
package hot

import (
	"context"
	"hash/maphash"
	"sync"

	"penstock/internal/meta"
)

// shards is how many parts a map has, each with its lock, its generation and its share of the bytes.
const shards = 64

// A Map holds rows of one kind by key. Rows are shared: nobody changes what he was given. Its methods may be called from any goroutine.
type Map[K comparable, V any] struct {
	store  *meta.Store
	seed   maphash.Seed
	size   func(K, V) int
	shards [shards]shard[K, V]

	// These only the writer touches.
	batch   int64
	touched map[K]bool // in the batch
}

// New makes an empty map of at most about the given number of bytes; size tells a row's.
func New[K comparable, V any](store *meta.Store, bytes int, size func(K, V) int) *Map[K, V] {
	m := &Map[K, V]{store: store, seed: maphash.MakeSeed(), size: size}
	for i := range m.shards {
		m.shards[i].half = max(bytes/shards/2, 1)
	}
	return m
}

func (m *Map[K, V]) shard(key K) *shard[K, V] {
	return &m.shards[maphash.Comparable(m.seed, key)%shards]
}

// Get returns a row if it is here. Under a context of meta's Once it never is: there a View shows the call's own changes.
func (m *Map[K, V]) Get(ctx context.Context, key K) (v V, ok bool) {
	if m.store.Private(ctx) || m.store.Failed() != nil {
		return v, false
	}
	v, ok, _ = m.shard(key).get(key)
	return v, ok
}

// Load returns a row: the one that is here, or what read gives, which is kept. read makes one View under ctx.
func (m *Map[K, V]) Load(ctx context.Context, key K, read func(context.Context) (V, error)) (V, error) {
	if m.store.Private(ctx) {
		return read(ctx)
	}
	sh := m.shard(key)
	v, ok, generation := sh.get(key)
	if ok && m.store.Failed() == nil {
		return v, nil
	}
	v, err := read(ctx)
	if err == nil {
		sh.fill(key, v, m.size(key, v), generation)
	}
	return v, err
}

// Known returns a row as a transaction sees it, if it is here and the transaction's batch has not changed it.
func (m *Map[K, V]) Known(tx *meta.Tx, key K) (v V, ok bool) {
	if tx.Batch() == 0 || m.batch == tx.Batch() && m.touched[key] {
		return v, false
	}
	v, ok, _ = m.shard(key).get(key)
	return v, ok
}

// Set says that tx has written a row.
func (m *Map[K, V]) Set(tx *meta.Tx, key K, v V) {
	m.change(tx, key, &entry[V]{v: v, size: m.size(key, v)})
}

// Drop says that tx has removed a row, or changed it in a way that the next reader may look up.
func (m *Map[K, V]) Drop(tx *meta.Tx, key K) { m.change(tx, key, nil) }

func (m *Map[K, V]) change(tx *meta.Tx, key K, e *entry[V]) {
	if m.batch != tx.Batch() || m.touched == nil {
		m.batch, m.touched = tx.Batch(), map[K]bool{}
	}
	m.touched[key] = true
	sh := m.shard(key)
	tx.Change(meta.Change{
		Hold: func() { sh.hold(key) },
		Done: func(committed bool) {
			if !committed {
				e = nil
			}
			sh.release(key, e)
		},
	})
}

type entry[V any] struct {
	v    V
	size int
}

// A shard drops what was not asked for lately: what is used goes to young, and when young is full it becomes old and the old is dropped.
type shard[K comparable, V any] struct {
	mu         sync.Mutex
	generation uint64
	held       map[K]int // the changes of a key that wait for a COMMIT
	half       int       // bytes of young and of old
	bytes      int       // of young
	young, old map[K]*entry[V]
}

func (s *shard[K, V]) get(key K) (v V, ok bool, generation uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.young[key]
	if e == nil {
		if e = s.old[key]; e == nil {
			return v, false, s.generation
		}
		delete(s.old, key)
		s.put(key, e)
	}
	return e.v, true, s.generation
}

// fill keeps what a View has shown, unless a change has begun since the reader took the generation.
func (s *shard[K, V]) fill(key K, v V, size int, generation uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation == generation && s.held[key] == 0 {
		s.put(key, &entry[V]{v, size})
	}
}

// hold takes a row away while its change is committed: some readers see the old one and some the new.
func (s *shard[K, V]) hold(key K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[K]int{}
	}
	s.held[key]++
	s.generation++
	s.drop(key)
}

// release ends a hold. Of several changes of a key in one batch the last one stays.
func (s *shard[K, V]) release(key K, e *entry[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	if s.held[key]--; s.held[key] > 0 {
		return
	}
	delete(s.held, key)
	if e != nil {
		s.put(key, e)
	}
}

func (s *shard[K, V]) put(key K, e *entry[V]) {
	if e.size > s.half/4 { // it would drive out too many others
		s.drop(key)
		return
	}
	if s.bytes+e.size > s.half {
		s.old, s.young, s.bytes = s.young, nil, 0
	}
	if s.young == nil {
		s.young = map[K]*entry[V]{}
	}
	if before := s.young[key]; before != nil {
		s.bytes -= before.size
	}
	delete(s.old, key)
	s.young[key] = e
	s.bytes += e.size
}

func (s *shard[K, V]) drop(key K) {
	if e := s.young[key]; e != nil {
		s.bytes -= e.size
		delete(s.young, key)
	}
	delete(s.old, key)
}

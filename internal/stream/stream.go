// Package stream keeps ordered records: a stream has shards, each a range of the hash of the partition key; within a shard records have
// strictly rising sequence numbers and stay until the retention has passed. An append is durable when it returns; what arrives while
// the store commits shares the next commit. Readers hold a position, a sequence number of a shard, and wait on its topic for more.
//
// It knows no wire form: how a service shows sequence numbers, iterators and limits is its own business, and consumers keep their
// positions in their own rows. It is no queue: nothing is taken off by reading.
package stream

import (
	"bytes"
	"crypto/md5"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// Schema is the package's tables. A chunk holds the records of one append for one shard; its id is the shard's shifted by 40 bits, plus the
// sequence number of its last record.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "stream", Migrations: []string{`
CREATE TABLE stream_stream (name TEXT PRIMARY KEY, retention INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE stream_shard (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  stream   TEXT NOT NULL,    -- '' when the stream has been deleted and records are left
  number   INTEGER NOT NULL, -- within the stream
  low      BLOB NOT NULL,
  high     BLOB NOT NULL,
  parent   INTEGER NOT NULL, -- number, or -1
  adjacent INTEGER NOT NULL, -- the other parent of a merge, or -1
  first    INTEGER NOT NULL, -- sequence number of the first record that it may have
  floor    INTEGER NOT NULL, -- records below it are gone
  ending   INTEGER NOT NULL, -- when closed: the last sequence number; else 0
  opened   INTEGER NOT NULL,
  closed   INTEGER NOT NULL
);
CREATE INDEX stream_shard_stream ON stream_shard (stream, number);
CREATE TABLE stream_chunk (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL);
`}}

// shift leaves room for 2^40 sequence numbers a shard: 34 years of 1,000 records a second.
const shift = 40

// Errors of the package; services word them.
var (
	ErrNoStream = errors.New("there is no such stream")
	ErrNoShard  = errors.New("the stream has no such shard")
	ErrExists   = errors.New("the stream exists")
	ErrClosed   = errors.New("the shard is closed")
	ErrSplit    = errors.New("the hash does not divide the shard in two")
	ErrMerge    = errors.New("the shards are not neighbours")
)

// A Hash is a place in the range that the shards of a stream share: an unsigned number of 128 bits, big-endian.
type Hash [16]byte

// HashOf is the place of a partition key.
func HashOf(key string) Hash { return md5.Sum([]byte(key)) }

func (h Hash) plus(n int64) (out Hash) {
	x := new(big.Int).SetBytes(h[:])
	x.Add(x, big.NewInt(n)).FillBytes(out[:])
	return out
}

// A Shard is a part of a stream.
type Shard struct {
	Number           int
	Low, High        Hash // inclusive
	Parent, Adjacent int  // numbers of the shards that it came from, or -1
	First            int64
	Next             int64 // the sequence number that the next record gets
	Floor            int64 // of the oldest record that may be there
	Closed           bool  // it takes no more records; Next-1 is its last
	Opened, Ended    time.Time

	id int64
}

// holds reports whether records of a hash belong to the shard.
func (s Shard) holds(h Hash) bool {
	return bytes.Compare(s.Low[:], h[:]) <= 0 && bytes.Compare(h[:], s.High[:]) <= 0
}

// A Store keeps streams.
type Store struct {
	meta  *meta.Store
	clock clock.Clock
	log   *slog.Logger
}

// Open returns the store over m, which was opened with Schema.
func Open(m *meta.Store, c clock.Clock, log *slog.Logger) *Store {
	return &Store{meta: m, clock: c, log: log}
}

// Topic is notified when a shard gets records or is closed.
func Topic(stream string, shard int) string { return fmt.Sprintf("stream/%s/%d", stream, shard) }

// Create makes a stream of n shards of equal ranges.
func (s *Store) Create(tx *meta.Tx, stream string, n int, retention time.Duration) error {
	res, err := tx.Exec(`INSERT INTO stream_stream (name, retention) VALUES (?, ?) ON CONFLICT DO NOTHING`, stream, retention.Milliseconds())
	if err != nil {
		return err
	}
	if made, err := res.RowsAffected(); err != nil || made == 0 {
		return errors.Join(err, ErrExists)
	}
	whole := new(big.Int).Lsh(big.NewInt(1), 128)
	bound := func(i int) *big.Int {
		x := new(big.Int).Mul(whole, big.NewInt(int64(i)))
		return x.Div(x, big.NewInt(int64(n)))
	}
	for i := range n {
		sh := Shard{Number: i, Parent: -1, Adjacent: -1, First: 1}
		bound(i).FillBytes(sh.Low[:])
		new(big.Int).Sub(bound(i+1), big.NewInt(1)).FillBytes(sh.High[:])
		if err := s.open(tx, stream, sh); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) open(tx *meta.Tx, stream string, sh Shard) error {
	_, err := tx.Exec(`INSERT INTO stream_shard (stream, number, low, high, parent, adjacent, first, floor, ending, opened, closed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0)`,
		stream, sh.Number, sh.Low[:], sh.High[:], sh.Parent, sh.Adjacent, sh.First, sh.First, s.clock.Now().UnixMilli())
	return err
}

const selectShards = `SELECT id, number, low, high, parent, adjacent, first, floor, ending, opened, closed,
	(SELECT c.id FROM stream_chunk c WHERE c.id > s.id << 40 AND c.id < (s.id + 1) << 40 ORDER BY c.id DESC LIMIT 1)
	FROM stream_shard s WHERE stream = ?`

// Shards lists a stream's shards by number, closed ones too as long as they have records.
func (s *Store) Shards(tx *meta.Tx, stream string) ([]Shard, error) {
	shards, err := shards(tx, selectShards+` ORDER BY number`, stream)
	if err == nil && len(shards) == 0 {
		return nil, ErrNoStream
	}
	return shards, err
}

func (s *Store) shard(tx *meta.Tx, stream string, number int) (Shard, error) {
	found, err := shards(tx, selectShards+` AND number = ?`, stream, number)
	if err == nil && len(found) == 0 {
		err = ErrNoShard
	}
	if err != nil {
		return Shard{}, err
	}
	return found[0], nil
}

func shards(tx *meta.Tx, query string, args ...any) (out []Shard, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var sh Shard
		var low, high []byte
		var ending, opened, closed int64
		var last sql.NullInt64
		err := rows.Scan(&sh.id, &sh.Number, &low, &high, &sh.Parent, &sh.Adjacent, &sh.First, &sh.Floor, &ending, &opened, &closed, &last)
		if err != nil {
			return nil, err
		}
		copy(sh.Low[:], low)
		copy(sh.High[:], high)
		sh.Next = max(sh.Floor, last.Int64&(1<<shift-1)+1)
		sh.Opened = time.UnixMilli(opened).UTC()
		if sh.Closed = closed != 0; sh.Closed {
			sh.Next, sh.Ended = ending+1, time.UnixMilli(closed).UTC()
		}
		out = append(out, sh)
	}
	return out, rows.Err()
}

// Split closes a shard and opens two in its place: the first below the hash, the second from it on.
func (s *Store) Split(tx *meta.Tx, stream string, number int, at Hash) error {
	sh, err := s.close(tx, stream, number)
	if err != nil {
		return err
	}
	if !sh.holds(at) || at == sh.Low {
		return ErrSplit
	}
	next, err := s.numberTx(tx, stream)
	if err != nil {
		return err
	}
	lower := Shard{Number: next, Low: sh.Low, High: at.plus(-1), Parent: number, Adjacent: -1, First: sh.Next}
	upper := Shard{Number: next + 1, Low: at, High: sh.High, Parent: number, Adjacent: -1, First: sh.Next}
	return errors.Join(s.open(tx, stream, lower), s.open(tx, stream, upper))
}

// Merge closes two neighbours and opens one in their place.
func (s *Store) Merge(tx *meta.Tx, stream string, number, other int) error {
	if number == other {
		return ErrMerge
	}
	a, err := s.close(tx, stream, number)
	if err != nil {
		return err
	}
	b, err := s.close(tx, stream, other)
	if err != nil {
		return err
	}
	low, high := a, b
	if bytes.Compare(a.Low[:], b.Low[:]) > 0 {
		low, high = b, a
	}
	if low.High.plus(1) != high.Low {
		return ErrMerge
	}
	next, err := s.numberTx(tx, stream)
	if err != nil {
		return err
	}
	return s.open(tx, stream, Shard{Number: next, Low: low.Low, High: high.High, Parent: number, Adjacent: other, First: max(a.Next, b.Next)})
}

func (s *Store) numberTx(tx *meta.Tx, stream string) (n int, err error) {
	return n, tx.QueryRow(`SELECT max(number) + 1 FROM stream_shard WHERE stream = ?`, stream).Scan(&n)
}

// close ends a shard; its readers come to its end.
func (s *Store) close(tx *meta.Tx, stream string, number int) (Shard, error) {
	sh, err := s.shard(tx, stream, number)
	if err != nil {
		return sh, err
	}
	if sh.Closed {
		return sh, ErrClosed
	}
	tx.Notify(Topic(stream, number))
	_, err = tx.Exec(`UPDATE stream_shard SET closed = ?, ending = ? WHERE id = ?`, s.clock.Now().UnixMilli(), sh.Next-1, sh.id)
	return sh, err
}

// Delete removes a stream. Its records are hidden at once and removed by Run.
func (s *Store) Delete(tx *meta.Tx, stream string) error {
	all, err := s.Shards(tx, stream)
	if err != nil {
		return err
	}
	for _, sh := range all {
		tx.Notify(Topic(stream, sh.Number))
	}
	_, err1 := tx.Exec(`DELETE FROM stream_stream WHERE name = ?`, stream)
	_, err2 := tx.Exec(`UPDATE stream_shard SET stream = '' WHERE stream = ?`, stream)
	return errors.Join(err1, err2)
}

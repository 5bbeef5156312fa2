package stream

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"penstock/internal/meta"
)

// A Record is an entry of a shard.
type Record struct {
	Seq  int64
	At   time.Time // of its append; it never falls within a shard
	Key  string
	Data []byte
}

// An Entry is a record to be. Hash says to which shard it goes.
type Entry struct {
	Hash Hash
	Key  string
	Data []byte
}

// A Place is where an entry has become a record.
type Place struct {
	Shard int
	Seq   int64
}

// chunkBytes is about how many bytes a row holds: what a reader decodes beyond what it wants.
const chunkBytes = 1 << 20

// Append adds entries; within a shard they keep their order. They are durable when it returns, or none is there.
func (s *Store) Append(ctx context.Context, stream string, entries []Entry) (places []Place, err error) {
	err = s.meta.Update(ctx, func(tx *meta.Tx) error {
		places, err = s.AppendTx(tx, stream, entries)
		return err
	})
	return places, err
}

// AppendTx is Append inside a transaction of the caller's.
func (s *Store) AppendTx(tx *meta.Tx, stream string, entries []Entry) ([]Place, error) {
	open, err := shards(tx, selectShards+` AND closed = 0 ORDER BY low`, stream)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, ErrNoStream
	}
	places := make([]Place, len(entries))
	pending := make([]chunk, len(open))
	for i, e := range entries {
		n := 0
		for !open[n].holds(e.Hash) {
			n++
		}
		sh, c := &open[n], &pending[n]
		if len(c.body) > 0 && len(c.body)+len(e.Data) > chunkBytes {
			if err := s.write(tx, *sh, c); err != nil {
				return nil, err
			}
		}
		places[i] = Place{sh.Number, sh.Next}
		c.add(sh.Next, e)
		sh.Next++
	}
	for n := range pending {
		if len(pending[n].body) == 0 {
			continue
		}
		if err := s.write(tx, open[n], &pending[n]); err != nil {
			return nil, err
		}
		tx.Notify(Topic(stream, open[n].Number))
	}
	return places, nil
}

// A chunk is a row: the records of one append for one shard.
type chunk struct {
	first, last int64
	at          int64
	body        []byte
}

func (c *chunk) add(seq int64, e Entry) {
	if len(c.body) == 0 {
		c.first = seq
	}
	c.last = seq
	c.body = binary.AppendUvarint(c.body, uint64(len(e.Key)))
	c.body = append(c.body, e.Key...)
	c.body = binary.AppendUvarint(c.body, uint64(len(e.Data)))
	c.body = append(c.body, e.Data...)
}

// write stores a chunk and empties it.
func (s *Store) write(tx *meta.Tx, sh Shard, c *chunk) error {
	_, err := tx.Exec(`INSERT INTO stream_chunk (id, first, at, body) VALUES (?1, ?2,
		max(?3, coalesce((SELECT at FROM stream_chunk WHERE id < ?1 AND id > ?4 ORDER BY id DESC LIMIT 1), 0)), ?5)`,
		sh.id<<shift+c.last, c.first, s.clock.Now().UnixMilli(), sh.id<<shift, c.body)
	c.body = nil
	return err
}

var errChunk = errors.New("a stored chunk of a stream is damaged")

// records reads a chunk's records from a sequence number on.
func (c chunk) records(from int64) (out []Record, err error) {
	text := func(b []byte) (head, rest []byte, ok bool) {
		n, used := binary.Uvarint(b)
		if used <= 0 || uint64(len(b)-used) < n {
			return nil, nil, false
		}
		return b[used : used+int(n)], b[used+int(n):], true
	}
	rest := c.body
	for seq := c.first; seq <= c.last; seq++ {
		key, after, ok := text(rest)
		if !ok {
			return nil, fmt.Errorf("record %d: %w", seq, errChunk)
		}
		data, after, ok := text(after)
		if !ok {
			return nil, fmt.Errorf("record %d: %w", seq, errChunk)
		}
		if rest = after; seq >= from {
			out = append(out, Record{seq, time.UnixMilli(c.at).UTC(), string(key), data})
		}
	}
	return out, nil
}

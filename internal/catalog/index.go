package catalog

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/schema"
)

// The states of a partition index.
const (
	IndexCreating = "CREATING" // it is filled, and not used
	IndexActive   = "ACTIVE"
	IndexDeleting = "DELETING"
	IndexFailed   = "FAILED" // a partition has a value that is none of its key's type
)

// An Index finds partitions by some of their values.
type Index struct {
	Name  string
	Keys  []Column // of the table's PartitionKeys, in the index's order
	State string
	Bad   [][]string // the values of some of the partitions that made it fail
}

// MaxIndexes is how many partition indexes a table can have.
const MaxIndexes = 3

// batch is how many entries are written or removed in one transaction.
const batch = 2000

// indexDoc is what catalog_index stores of an index in JSON.
type indexDoc struct {
	Keys []string   `json:"keys"` // folded
	Bad  [][]string `json:"bad,omitempty"`
}

// index is a row of catalog_index.
type index struct {
	id    int64
	table int64
	name  string
	state string
	doc   indexDoc
	done  []byte // up to which key it is filled, while it is CREATING
	keys  []keyed
}

// live reports whether new partitions must be entered.
func (x *index) live() bool { return x.state == IndexCreating || x.state == IndexActive }

const indexColumns = "id, table_id, name, state, doc, done"

func (x *index) scan(row scanner) error {
	var doc string
	if err := row.Scan(&x.id, &x.table, &x.name, &x.state, &doc, &x.done); err != nil {
		return err
	}
	return fromJSON(doc, &x.doc)
}

// bind finds the index's keys in its table.
func (x *index) bind(t *Table) error {
	for _, name := range x.doc.Keys {
		k, err := t.indexKey(name)
		if err != nil {
			return err
		}
		x.keys = append(x.keys, k)
	}
	return nil
}

func (t *Table) indexKey(name string) (keyed, error) {
	i := slices.IndexFunc(t.PartitionKeys, func(c Column) bool { return Fold(c.Name) == Fold(name) })
	if i < 0 {
		return keyed{}, errorf(Invalid, "Index key %s is not a partition key of table %s", name, t.Name)
	}
	ty, err := schema.Parse(t.PartitionKeys[i].Type)
	switch {
	case err != nil:
	case ty.Kind.Text() || ty.Kind == schema.Date:
		return keyed{i, ty.Kind, textCoder{}}, nil
	case ty.Kind.Integer():
		return keyed{i, ty.Kind, intCoder{}}, nil
	}
	return keyed{}, errorf(Invalid, "Index key %s has the type %s: an index has keys of string, char, varchar, tinyint, smallint, int, "+
		"bigint and date only", name, t.PartitionKeys[i].Type)
}

// indexesTx returns the indexes of a table by name, bound to its keys.
func (c *Catalog) indexesTx(tx *meta.Tx, t *Table, table int64) (out []*index, err error) {
	err = each(tx, func(r *sql.Rows) error {
		x := &index{}
		out = append(out, x)
		if err := x.scan(r); err != nil {
			return err
		}
		return x.bind(t)
	}, "SELECT "+indexColumns+" FROM catalog_index WHERE table_id = ? ORDER BY name", table)
	return out, err
}

// Indexes returns the partition indexes of a table by name.
func (c *Catalog) Indexes(ctx context.Context, database, table string) ([]Index, error) {
	return view(ctx, c, func(tx *meta.Tx) ([]Index, error) {
		t, id, err := c.lookup(tx, database, table)
		if err != nil {
			return nil, err
		}
		list, err := c.indexesTx(tx, t, id)
		out := make([]Index, len(list))
		for i, x := range list {
			out[i] = Index{Name: x.name, State: x.state, Bad: x.doc.Bad}
			for _, k := range x.keys {
				out[i].Keys = append(out[i].Keys, t.PartitionKeys[k.index])
			}
		}
		return out, err
	})
}

// CreateIndexTx makes a partition index over the named keys in the caller's transaction. One of a table with many partitions is CREATING
// until Run has filled it.
func (c *Catalog) CreateIndexTx(tx *meta.Tx, database, table, name string, keys []string) error {
	t, id, err := c.lookup(tx, database, table)
	if err != nil {
		return err
	}
	x := &index{table: id, name: name, state: IndexCreating, doc: indexDoc{Keys: make([]string, len(keys))}}
	for i, k := range keys {
		if x.doc.Keys[i] = Fold(k); slices.Contains(x.doc.Keys[:i], Fold(k)) {
			return errorf(Invalid, "Index %s has the key %s twice", name, k)
		}
	}
	if err := x.bind(t); err != nil {
		return err
	}
	others, err := c.indexesTx(tx, t, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(others, func(o *index) bool { return o.name == name }) {
		return errorf(Exists, "Index with the given indexName : %s already exists", name)
	}
	if len(others) >= MaxIndexes {
		return errorf(TooMany, "Number of partition indexes on table %s has reached the limit: %d", t.Name, MaxIndexes)
	}
	doc, err := toJSON(x.doc)
	if err != nil {
		return err
	}
	if err := tx.QueryRow("INSERT INTO catalog_index (table_id, name, state, doc, done) VALUES (?, ?, ?, ?, x'') RETURNING id",
		id, name, x.state, doc).Scan(&x.id); err != nil {
		return err
	}
	return c.advance(tx, x)
}

// advance does one batch of an index's work; what is left is for Run.
func (c *Catalog) advance(tx *meta.Tx, x *index) error {
	over, err := x.work(tx)
	if err != nil || over {
		return err
	}
	return due.Add(tx, due.Name(indexQueue, c.region), c.clock.Now(), strconv.FormatInt(x.id, 10))
}

// DeleteIndexTx removes a partition index in the caller's transaction. One with many entries is DELETING until Run has removed them.
func (c *Catalog) DeleteIndexTx(tx *meta.Tx, database, table, name string) error {
	t, id, err := c.lookup(tx, database, table)
	if err != nil {
		return err
	}
	list, err := c.indexesTx(tx, t, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(x *index) bool { return x.name == name })
	if i < 0 {
		return errorf(NotFound, "Index with the given indexName : %s does not exist", name)
	}
	if x := list[i]; x.state == IndexCreating || x.state == IndexDeleting {
		return errorf(Busy, "Index %s is %s", name, x.state)
	}
	return c.dropIndex(tx, list[i])
}

func (c *Catalog) dropIndex(tx *meta.Tx, x *index) error {
	x.state = IndexDeleting
	if _, err := tx.Exec("UPDATE catalog_index SET state = ? WHERE id = ?", x.state, x.id); err != nil {
		return err
	}
	return c.advance(tx, x)
}

// dropIndexes removes all indexes of a table that goes.
func (c *Catalog) dropIndexes(tx *meta.Tx, table int64) error {
	var list []*index
	err := each(tx, func(r *sql.Rows) error {
		x := &index{}
		list = append(list, x)
		return x.scan(r)
	}, "SELECT "+indexColumns+" FROM catalog_index WHERE table_id = ?", table)
	for _, x := range list {
		err = errors.Join(err, c.dropIndex(tx, x))
	}
	return err
}

// value is the bytes by which an index finds a partition, or the place of the value that is none of its key's type.
func (x *index) value(values []string) (b []byte, bad int, ok bool) {
	for _, k := range x.keys {
		text := values[k.index]
		if text == NullValue {
			b = append(b, k.coder.null().from...)
			continue
		}
		v, err := readValue(k.kind, text)
		if err != nil {
			return nil, k.index, false
		}
		if !k.kind.Integer() {
			b = appendKey(b, text)
			continue
		}
		n, outside := v.num.int64()
		if outside != 0 {
			return nil, k.index, false
		}
		b = appendInt(b, n)
	}
	return b, 0, true
}

// intCoder codes integers: 0 for null, or 1 and eight bytes.
type intCoder struct{}

func appendInt(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 1), uint64(n)^(1<<63))
}

func (intCoder) literal(v value) span {
	n, in := v.num.int64()
	switch {
	case in < 0:
		return span{from: []byte{1}, to: []byte{1}}
	case in > 0:
		return span{from: []byte{2}, to: []byte{2}}
	}
	return point(appendInt(nil, n))
}

func (intCoder) null() span { return point([]byte{0}) }

func (intCoder) prefix(string) spans { return everything() }

// int64 returns a whole number, or on which side of all of them it lies.
func (n number) int64() (v int64, outside int) {
	if n.digits == "" {
		return 0, 0
	}
	if n.exp > 19 {
		return 0, n.sign()
	}
	text := n.digits + strings.Repeat("0", n.exp-len(n.digits))
	if n.negative {
		text = "-" + text
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, n.sign()
	}
	return v, 0
}

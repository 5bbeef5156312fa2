// Package avro reads Avro object container files: the schema as columns, and the rows straight into a column.Batch, by the file's own
// schema or by a table's (avro.schema.literal) with Avro's rules of resolution.
//
// The library twmb/avro reads and compares schemas and unpacks blocks; the values are decoded here, because a row is not worth a map of Go
// values. It writes nothing, and files are opened elsewhere.
package avro

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	lib "github.com/twmb/avro"

	"penstock/internal/schema"
)

// Magic is how every container file begins.
const Magic = "Obj\x01"

// The bounds of a header: more is no file that anybody has written.
const (
	maxHeader  = 16 << 20 // bytes of all metadata
	maxEntries = 10_000
)

const syncSize = 16

// A Header is the beginning of a container file.
type Header struct {
	Schema   string            // the writer's schema as JSON
	Codec    string            // null, deflate, snappy, zstandard, bzip2, ...
	Metadata map[string][]byte // all of it, avro.schema and avro.codec too
	Size     int64             // bytes up to the first block

	sync [syncSize]byte
	root *lib.SchemaNode
	full *lib.Schema
}

// ReadHeader reads the header of a file and its schema.
func ReadHeader(src io.Reader) (*Header, error) {
	return readHeader(newCounted(src))
}

func newCounted(src io.Reader) *counted { return &counted{r: bufio.NewReaderSize(src, 64<<10)} }

// counted is a buffered reader that knows where it is.
type counted struct {
	r  *bufio.Reader
	at int64
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.at++
	}
	return b, err
}

func (c *counted) full(p []byte) error {
	n, err := io.ReadFull(c.r, p)
	c.at += int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// long reads a variable-length integer. At the very end it returns io.EOF.
func (c *counted) long() (int64, error) {
	n, err := binary.ReadVarint(c)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		var broken error = errNumber
		if _, peek := c.r.Peek(1); peek != nil && !errors.Is(peek, io.EOF) {
			broken = peek
		}
		return 0, broken
	}
	return n, err
}

var errNumber = errors.New("an integer has more than ten bytes")

func readHeader(c *counted) (*Header, error) {
	magic := make([]byte, len(Magic))
	if err := c.full(magic); err != nil || string(magic) != Magic {
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		return nil, errors.New("it is no Avro file: it does not begin with Obj and a byte 1")
	}
	h := &Header{Metadata: map[string][]byte{}}
	if err := h.metadata(c); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it is cut off")
		}
		return nil, fmt.Errorf("the header of the Avro file is broken: %w", err)
	}
	if err := c.full(h.sync[:]); err != nil {
		return nil, errors.New("the header of the Avro file is broken: it is cut off")
	}
	h.Size = c.at
	h.Schema, h.Codec = string(h.Metadata["avro.schema"]), string(h.Metadata["avro.codec"])
	if h.Codec == "" {
		h.Codec = "null"
	}
	if h.Schema == "" {
		return nil, errors.New("the header of the Avro file has no avro.schema")
	}
	var err error
	if h.full, h.root, err = parse(h.Schema); err != nil {
		return nil, fmt.Errorf("the schema of the Avro file: %w", err)
	}
	return h, nil
}

// metadata reads the header's map.
func (h *Header) metadata(c *counted) error {
	for {
		n, err := c.long()
		if err != nil || n == 0 {
			return err
		}
		if n < 0 {
			if _, err := c.long(); err != nil { // the size of the entries in bytes
				return err
			}
			n = -n
		}
		if n < 0 || n > maxEntries-int64(len(h.Metadata)) {
			return fmt.Errorf("it has more than %d entries", maxEntries)
		}
		for range n {
			key, err := headerBytes(c)
			if err != nil {
				return err
			}
			if h.Metadata[string(key)], err = headerBytes(c); err != nil {
				return err
			}
		}
	}
}

func headerBytes(c *counted) ([]byte, error) {
	n, err := c.long()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > maxHeader-c.at {
		return nil, fmt.Errorf("it has more than %d bytes", maxHeader)
	}
	var b bytes.Buffer // grows with what is there, not with what a length says
	got, err := io.CopyN(&b, c.r, n)
	c.at += got
	if err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return b.Bytes(), nil
}

// maxSchema is the most bytes of a schema, and maxNesting the most types within types.
const (
	maxSchema  = 4 << 20
	maxNesting = 64
)

func parse(text string) (*lib.Schema, *lib.SchemaNode, error) {
	if len(text) > maxSchema {
		return nil, nil, fmt.Errorf("it has %d bytes; %d are the most", len(text), maxSchema)
	}
	s, err := lib.Parse(text, lib.WithLaxNames(nil))
	if err != nil {
		return nil, nil, err
	}
	root := s.Root().ExpandReferences()
	if err := inline(root); err != nil {
		return nil, nil, err
	}
	if root.Type != "record" {
		return nil, nil, fmt.Errorf("it is of type %s; rows are records", root.Type)
	}
	return s, root, nil
}

// Columns are the columns that a table of the file has. See TypeOf for their types.
func (h *Header) Columns() ([]schema.Field, error) { return columnsOf(h.root) }

// Columns are the columns that a table has whose avro.schema.literal is text.
func Columns(text string) ([]schema.Field, error) {
	_, root, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("the Avro schema: %w", err)
	}
	return columnsOf(root)
}

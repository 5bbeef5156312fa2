// Package parquetfile reads what a Parquet file says of itself in its footer: the columns, how many rows there are, the codecs, who wrote
// it, and the key-value metadata. A Writer makes files of column batches.
//
// It reads no rows: the engine does. It decodes the footer itself, because arrow-go's packages bring more than a millisecond of work to
// every start of the program; each length is checked against the bytes that are there before it is believed.
package parquetfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"penstock/internal/schema"
)

const magic = "PAR1"

// maxFooter is the most bytes of a footer: that of a file with 10,000 columns and 100 row groups has some 100 MiB.
const maxFooter = 256 << 20

// A File is the footer of a Parquet file.
type File struct {
	Columns   []schema.Field
	Rows      int64
	RowGroups int
	Codecs    []string // UNCOMPRESSED, SNAPPY, GZIP, LZO, BROTLI, LZ4, ZSTD or LZ4_RAW: those that its columns use, sorted
	CreatedBy string
	Version   int
	Metadata  map[string]string // such as ARROW:schema, pandas, org.apache.spark.sql.parquet.row.metadata
	Bytes     int64             // of the column chunks, as they are stored
}

// Read reads the footer of a file of size bytes.
func Read(src io.ReaderAt, size int64) (*File, error) {
	footer, err := footer(src, size)
	if err != nil {
		return nil, err
	}
	r := &reading{t: thrift{b: footer}, file: &File{Metadata: map[string]string{}}, data: size - int64(len(footer)) - 8}
	if err := r.t.fields(r.field); err != nil {
		return nil, fmt.Errorf("the footer of the Parquet file is broken: %w", err)
	}
	if len(r.elements) == 0 {
		return nil, errors.New("the footer of the Parquet file has no schema")
	}
	if r.grouped != r.file.Rows {
		return nil, fmt.Errorf("the footer of the Parquet file says that it has %d rows, and %d in its row groups", r.file.Rows, r.grouped)
	}
	slices.Sort(r.file.Codecs)
	if r.file.Columns, err = columns(r.elements); err != nil {
		return nil, fmt.Errorf("the schema of the Parquet file: %w", err)
	}
	return r.file, nil
}

func footer(src io.ReaderAt, size int64) ([]byte, error) {
	if size < 12 {
		return nil, fmt.Errorf("%d bytes are too few for a Parquet file", size)
	}
	var head [4]byte
	var tail [8]byte
	if err := readAt(src, head[:], 0); err != nil {
		return nil, err
	}
	if string(head[:]) == "PARE" {
		return nil, errors.New("the footer of the Parquet file is encrypted; Penstock does not support that")
	}
	if string(head[:]) != magic {
		return nil, errors.New("it is no Parquet file: it does not begin with PAR1")
	}
	if err := readAt(src, tail[:], size-8); err != nil {
		return nil, err
	}
	if string(tail[4:]) != magic {
		return nil, errors.New("the Parquet file is cut off: it does not end with PAR1")
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n > size-12 {
		return nil, fmt.Errorf("the Parquet file says that its footer has %d bytes, and has %d itself", n, size)
	}
	if n > maxFooter {
		return nil, fmt.Errorf("the footer of the Parquet file has %d bytes; %d are the most", n, maxFooter)
	}
	// The memory grows with what is there: size may be what somebody said.
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.NewSectionReader(src, size-8-n, n)); err != nil {
		return nil, err
	}
	if int64(b.Len()) != n {
		return nil, io.ErrUnexpectedEOF
	}
	return b.Bytes(), nil
}

func readAt(src io.ReaderAt, p []byte, at int64) error {
	n, err := src.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// reading is a FileMetaData that is being read.
type reading struct {
	t        thrift
	file     *File
	elements []element
	grouped  int64 // rows in row groups
	data     int64 // where the column chunks end
}

func (r *reading) field(id int, typ byte) (bool, error) {
	var err error
	switch {
	case id == 1 && typ == tI32:
		var n int64
		n, err = r.t.int()
		r.file.Version = int(n)
	case id == 2 && typ == tList:
		err = r.t.structs(r.element)
	case id == 3 && typ == tI64:
		r.file.Rows, err = r.t.int()
	case id == 4 && typ == tList:
		err = r.t.structs(r.rowGroup)
	case id == 5 && typ == tList:
		err = r.t.structs(r.keyValue)
	case id == 6 && typ == tBinary:
		var b []byte
		b, err = r.t.bytes()
		r.file.CreatedBy = string(b)
	case id == 8 && typ == tStruct:
		return true, errors.New("its columns are encrypted; Penstock does not support that")
	default:
		return false, nil
	}
	return true, err
}

func (r *reading) keyValue() error {
	var key, value []byte
	err := r.t.fields(func(id int, typ byte) (bool, error) {
		var err error
		switch {
		case id == 1 && typ == tBinary:
			key, err = r.t.bytes()
		case id == 2 && typ == tBinary:
			value, err = r.t.bytes()
		default:
			return false, nil
		}
		return true, err
	})
	r.file.Metadata[string(key)] = string(value)
	return err
}

func (r *reading) rowGroup() error {
	r.file.RowGroups++
	return r.t.fields(func(id int, typ byte) (bool, error) {
		switch {
		case id == 1 && typ == tList:
			return true, r.t.structs(r.chunk)
		case id == 3 && typ == tI64:
			n, err := r.t.int()
			if err == nil && (n < 0 || r.grouped+n < 0) {
				err = fmt.Errorf("a row group has %d rows", n)
			}
			r.grouped += n
			return true, err
		}
		return false, nil
	})
}

func (r *reading) chunk() error {
	return r.t.fields(func(id int, typ byte) (bool, error) {
		switch {
		case id == 1 && typ == tBinary:
			path, err := r.t.bytes()
			if err == nil && len(path) > 0 {
				err = fmt.Errorf("a column lies in another file, %.100q; Penstock does not support that", path)
			}
			return true, err
		case id == 3 && typ == tStruct:
			return true, r.chunkMeta()
		}
		return false, nil
	})
}

var codecs = [...]string{"UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"}

func (r *reading) chunkMeta() error {
	var n, codec, size, page, dictionary int64
	err := r.t.fields(func(id int, typ byte) (bool, error) {
		to := map[int]*int64{4: &codec, 7: &size, 9: &page, 11: &dictionary}[id]
		if to == nil || typ != tI32 && typ != tI64 {
			return false, nil
		}
		var err error
		*to, err = r.t.int()
		return true, err
	})
	if err != nil {
		return err
	}
	if n = page; dictionary > 0 && dictionary < page {
		n = dictionary
	}
	switch {
	case codec < 0 || codec >= int64(len(codecs)):
		return fmt.Errorf("a column is packed with codec %d, which the format does not have", codec)
	case n < 0 || size < 0 || size > r.data || n > r.data-size:
		return fmt.Errorf("a column of %d bytes begins at byte %d of the file, whose data ends at byte %d", size, n, r.data)
	}
	if name := codecs[codec]; !slices.Contains(r.file.Codecs, name) {
		r.file.Codecs = append(r.file.Codecs, name)
	}
	r.file.Bytes += size
	return nil
}

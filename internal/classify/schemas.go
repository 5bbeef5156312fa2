package classify

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"penstock/internal/column"
	"penstock/internal/format/avro"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/orc"
	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
)

// maxJSON is how far a file of JSON is read until a record is whole, as on AWS: 1 MB first, then more.
const maxJSON = 10 << 20

// setFields takes columns that a file names.
func (s *Sample) setFields(class string, fields []schema.Field) {
	seen := map[string]bool{}
	for i, f := range fields {
		name := strings.ToLower(f.Name)
		for name == "" || seen[name] {
			name += "_" + strconv.Itoa(i)
		}
		seen[name] = true
		s.Names, s.Types = append(s.Names, name), append(s.Types, f.Type)
	}
	if s.Form.Class = class; len(fields) == 0 {
		s.Form.Class, s.Note = "", "has no columns"
	}
}

// inspect takes the schema that a file has itself. What is damaged is no reason not to look at the others.
func (s *Sample) inspect(class string) {
	var fields []schema.Field
	var err error
	switch class {
	case Parquet:
		var f *parquetfile.File
		if f, err = parquetfile.Read(s.file.Src, s.file.Size); err == nil {
			fields, s.Records, s.Whole = f.Columns, float64(f.Rows), true
		}
	case ORC:
		var f orc.Info
		if f, err = orc.Inspect(s.file.Src, s.file.Size); err == nil {
			fields, s.Records, s.Whole = f.Columns, float64(f.Rows), true
		}
	case Avro:
		fields, err = s.inspectAvro()
	}
	if err != nil {
		s.Note = "cannot be read as " + class + ": " + err.Error()
		return
	}
	s.Bytes = float64(s.file.Size)
	s.setFields(class, fields)
}

// inspectAvro reads a file's header, and estimates its records from the blocks at its beginning.
func (s *Sample) inspectAvro() ([]schema.Field, error) {
	h, err := avro.ReadHeader(io.NewSectionReader(s.file.Src, 0, s.file.Size))
	if err != nil {
		return nil, err
	}
	s.Literal = h.Schema
	fields, err := h.Columns()
	if err != nil {
		return nil, err
	}
	for _, limit := range []int64{sampleBytes, 64 * sampleBytes} { // a block has at most 64 MB
		limit = min(limit, s.file.Size-h.Size)
		rows, err := avro.Count(io.NewSectionReader(s.file.Src, 0, h.Size+limit))
		s.Records = float64(rows)
		if h.Size+limit == s.file.Size {
			if s.Whole = err == nil; err != nil {
				s.Note = "is damaged: " + err.Error()
			}
			break
		}
		if s.Records *= float64(s.file.Size-h.Size) / float64(limit); rows > 0 {
			break
		}
	}
	return fields, nil
}

// text is the text of a file from its beginning. It ends where the file cannot be read any further, and keeps why.
type text struct {
	r      io.Reader
	stored *counter // what it is unpacked from
	n      int64
	err    error
	most   int64 // where it ends at the latest; 0: nowhere
}

// capped reports whether the text was ended before the file was.
func (t *text) capped() bool { return t.most > 0 && t.n >= t.most }

// Read fills p, since with each piece that it gets who looks for the end of a long record begins anew.
func (t *text) Read(p []byte) (int, error) {
	if t.most > 0 {
		if p = p[:min(int64(len(p)), t.most-t.n)]; len(p) == 0 {
			return 0, io.EOF
		}
	}
	n, err := io.ReadFull(t.r, p)
	t.n += int64(n)
	if err == io.ErrUnexpectedEOF {
		return n, io.EOF
	}
	if err != nil && err != io.EOF {
		t.err, err = err, io.EOF
	}
	return n, err
}

// readJSON takes what the records at the beginning of a file show.
func (r *Reader) readJSON(s *Sample, t *text, path string) error {
	for limit := int64(sampleBytes); ; limit = min(2*limit, maxJSON) {
		t.most = 2 * maxJSON // what damage may lead to, a record that never ends
		var first column.Finding
		found, err := jsonrows.Infer(t, jsonrows.InferOptions{Path: path, ArrayColumn: path == "", MaxRecord: maxJSON, Bytes: limit,
			Bad: func(f column.Finding) error {
				if first.Problem == "" {
					first = f
				}
				return nil
			}})
		if err != nil {
			return fmt.Errorf("%s: %w", s.file.URL, err)
		}
		if t.err != nil {
			if err := s.broken(t.err, fmt.Sprintf("cannot be read beyond byte %d of its text: ", t.n)); err != nil {
				return err
			}
		}
		if found.Records > 0 || found.Whole || limit >= maxJSON || t.n >= maxJSON {
			s.takeJSON(found, t, first)
			return nil
		}
		if t, err = r.again(s); err != nil || t == nil {
			return err
		}
	}
}

// takeJSON takes columns and estimates from an inference over the text t.
func (s *Sample) takeJSON(found *jsonrows.Inference, t *text, first column.Finding) {
	if s.Note == "" && found.Malformed > 0 {
		s.Note = fmt.Sprintf("has malformed records, %d in its first %d bytes; %s", found.Malformed, found.Bytes, first)
	}
	if found.Records == 0 {
		if s.Note == "" {
			s.Note = "has no record of JSON"
		}
		return
	}
	var fields []schema.Field
	for _, c := range found.Columns {
		fields = append(fields, schema.Field{Name: c.Name, Type: c.Type})
		s.Seen = append(s.Seen, Seen{Values: c.Values, Nulls: found.Records - c.Values, Wider: c.Wider})
	}
	s.setFields(JSON, fields)
	s.Sampled, s.Damaged, s.Whole = found.Records+found.Malformed, found.Malformed, found.Whole && t.err == nil && !t.capped()
	s.Keys = found.Paths()
	s.Records, s.Bytes = float64(found.Records), float64(found.Bytes)
	if !s.Whole && t.stored.n > 0 {
		scale := float64(s.file.Size) / float64(t.stored.n) * float64(t.n) / float64(found.Bytes)
		s.Records, s.Bytes = s.Records*scale, s.Bytes*scale
	}
}

package crawl

import (
	"fmt"
	"io"
	"os"
	"strings"

	"penstock/internal/column"
	"penstock/internal/format/avro"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/orc"
	"penstock/internal/format/parquetfile"
	"penstock/internal/schema"
)

// maxJSON is how far a file of JSON is read until a record is whole, as on AWS: 1 MB first, then one more at a time.
const maxJSON = 10 << 20

// setFields takes columns that a file names.
func (s *sample) setFields(class string, fields []schema.Field) {
	seen := map[string]bool{}
	for i, f := range fields {
		name := strings.ToLower(f.Name)
		for name == "" || seen[name] {
			name += "_" + itoa(i)
		}
		seen[name] = true
		s.names, s.types = append(s.names, name), append(s.types, f.Type)
	}
	if s.form.class = class; len(fields) == 0 {
		s.form.class, s.note = "", "has no columns"
	}
}

// inspect takes the schema that a file has itself. What is damaged is no reason not to look at the others.
func (s *sample) inspect(class string, in *os.File) {
	var fields []schema.Field
	var err error
	switch class {
	case parquetClass:
		var f *parquetfile.File
		if f, err = parquetfile.Read(in, s.file.size); err == nil {
			fields, s.records = f.Columns, float64(f.Rows)
		}
	case orcClass:
		var f orc.Info
		if f, err = orc.Inspect(in, s.file.size); err == nil {
			fields, s.records = f.Columns, float64(f.Rows)
		}
	case avroClass:
		fields, err = s.inspectAvro(in)
	}
	if err != nil {
		s.note = "cannot be read as " + class + ": " + err.Error()
		return
	}
	s.bytes = float64(s.file.size)
	s.setFields(class, fields)
}

// inspectAvro reads a file's header, and estimates its records from the blocks at its beginning.
func (s *sample) inspectAvro(in *os.File) ([]schema.Field, error) {
	h, err := avro.ReadHeader(io.NewSectionReader(in, 0, s.file.size))
	if err != nil {
		return nil, err
	}
	s.literal = h.Schema
	fields, err := h.Columns()
	if err != nil {
		return nil, err
	}
	for _, limit := range []int64{sampleBytes, 64 * sampleBytes} { // a block has at most 64 MB
		limit = min(limit, s.file.size-h.Size)
		rows, err := avro.Count(io.NewSectionReader(in, 0, h.Size+limit))
		s.records = float64(rows)
		if h.Size+limit == s.file.size {
			if err != nil {
				s.note = "is damaged: " + err.Error()
			}
			break
		}
		if s.records *= float64(s.file.size-h.Size) / float64(limit); rows > 0 {
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
}

// Read fills p, since with each piece that it gets who looks for the end of a long record begins anew.
func (t *text) Read(p []byte) (int, error) {
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
func (r *sampler) readJSON(s *sample, in *os.File, t *text) error {
	for limit := int64(sampleBytes); ; limit += sampleBytes {
		var first column.Finding
		found, err := jsonrows.Infer(t, jsonrows.InferOptions{ArrayColumn: true, MaxRecord: maxJSON, Bytes: limit,
			Bad: func(f column.Finding) error {
				if first.Problem == "" {
					first = f
				}
				return nil
			}})
		if err != nil {
			return fmt.Errorf("%s: %w", s.file.url, err)
		}
		if t.err != nil {
			if err := s.broken(t.err, fmt.Sprintf("cannot be read beyond byte %d of its text: ", t.n)); err != nil {
				return err
			}
		}
		if found.Records > 0 || found.Whole || limit >= maxJSON {
			s.takeJSON(found, t, first)
			return nil
		}
		src, stored, err := r.open(s, in)
		if err != nil || src == nil {
			return err
		}
		t = &text{r: src, stored: stored}
	}
}

// takeJSON takes columns and estimates from an inference over the text t.
func (s *sample) takeJSON(found *jsonrows.Inference, t *text, first column.Finding) {
	if s.note == "" && found.Malformed > 0 {
		s.note = fmt.Sprintf("has malformed records, %d in its first %d bytes; %s", found.Malformed, found.Bytes, first)
	}
	if found.Records == 0 {
		if s.note == "" {
			s.note = "has no record of JSON"
		}
		return
	}
	var fields []schema.Field
	for _, c := range found.Columns {
		fields = append(fields, schema.Field{Name: c.Name, Type: c.Type})
	}
	s.setFields(jsonClass, fields)
	s.keys = found.Paths()
	s.records, s.bytes = float64(found.Records), float64(found.Bytes)
	if !found.Whole && t.stored.n > 0 {
		scale := float64(s.file.size) / float64(t.stored.n) * float64(t.n) / float64(found.Bytes)
		s.records, s.bytes = s.records*scale, s.bytes*scale
	}
}

package warehouse

import (
	"encoding/json"
	"math"
	"strconv"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/pgwire"
)

// events writes the stream of an Execute.
type events struct {
	enc   *json.Encoder
	flush func() error
}

func (e *events) send(ev calls.Event) error {
	if err := e.enc.Encode(ev); err != nil {
		return err
	}
	return e.flush()
}

// Pages end at so many rows or bytes: GetStatementResult gives one at a time.
const (
	pageRows  = 1000
	pageBytes = 1 << 20
)

// maxResult is the most bytes that a statement's result may have.
const maxResult = 500 << 20

// A sink makes pages of JSON cells.
type sink struct {
	out     *events
	n       int
	cols    []calls.Column
	raw     []pgwire.Column
	rows    [][]json.RawMessage
	row     []json.RawMessage
	pending int64
	bytes   int64
	sent    bool
}

// describe tells the columns; nil when the statement returns no rows.
func (s *sink) describe(cols []pgwire.Column) {
	s.raw = cols
	for _, c := range cols {
		s.cols = append(s.cols, describeColumn(c))
	}
}

// describeColumn is a column in the Data API's words.
func describeColumn(c pgwire.Column) calls.Column {
	out := calls.Column{Name: c.Name, Label: c.Name, TypeName: typeName(c.OID), Nullable: 1}
	switch c.OID {
	case pgwire.Int2, pgwire.Int4, pgwire.Int8, pgwire.Float4, pgwire.Float8:
		out.Signed = true
		out.Precision = map[uint32]int32{pgwire.Int2: 5, pgwire.Int4: 10, pgwire.Int8: 19, pgwire.Float4: 8, pgwire.Float8: 17}[c.OID]
	case pgwire.Numeric:
		out.Signed = true
		out.Precision, out.Scale = (c.Modifier-4)>>16, (c.Modifier-4)&0xffff
	case pgwire.Varchar, pgwire.BPChar, pgwire.Varbyte:
		if c.Modifier > 4 {
			out.Length, out.Precision = c.Modifier-4, c.Modifier-4
		}
		out.CaseSensitive = true
	}
	return out
}

func typeName(oid uint32) string {
	return map[uint32]string{pgwire.Bool: "bool", pgwire.Int2: "int2", pgwire.Int4: "int4", pgwire.Int8: "int8", pgwire.Float4: "float4",
		pgwire.Float8: "float8", pgwire.Numeric: "numeric", pgwire.Varchar: "varchar", pgwire.BPChar: "bpchar", pgwire.Date: "date",
		pgwire.Time: "time", pgwire.TimeTZ: "timetz", pgwire.Timestamp: "timestamp", pgwire.TimestampTZ: "timestamptz",
		pgwire.Interval: "interval", pgwire.Super: "super", pgwire.HLLSketch: "hllsketch", pgwire.Varbyte: "varbyte",
		pgwire.Unknown: "unknown"}[oid]
}

// finish sends the last page; a result without rows has one, for its columns.
func (s *sink) finish() error {
	if s.raw == nil || s.sent && len(s.rows) == 0 {
		return nil
	}
	return s.page()
}

func (s *sink) page() error {
	p := &calls.Page{Rows: s.rows}
	if p.Rows == nil {
		p.Rows = [][]json.RawMessage{}
	}
	if !s.sent {
		p.Columns = s.cols
	}
	s.sent, s.rows, s.pending = true, nil, 0
	return s.out.send(calls.Event{N: s.n, Rows: p})
}

// Begin implements session.Sink.
func (s *sink) Begin() { s.row = make([]json.RawMessage, 0, len(s.raw)) }

// End implements session.Sink.
func (s *sink) End() error {
	s.rows = append(s.rows, s.row)
	for _, c := range s.row {
		s.pending += int64(len(c))
		s.bytes += int64(len(c))
	}
	if s.bytes > maxResult {
		return &pgwire.Error{Code: "54000", Message: "the result is larger than 500 MB"}
	}
	if len(s.rows) < pageRows && s.pending < pageBytes {
		return nil
	}
	return s.page()
}

func (s *sink) put(b []byte) { s.row = append(s.row, b) }

// Null implements session.Sink.
func (s *sink) Null() { s.put([]byte("null")) }

// Bool implements session.Sink.
func (s *sink) Bool(v bool) { s.put(strconv.AppendBool(nil, v)) }

// Int implements session.Sink.
func (s *sink) Int(v int64) { s.put(strconv.AppendInt(nil, v, 10)) }

// Float implements session.Sink. JSON has no number for NaN and the infinities: they are text.
func (s *sink) Float(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		s.Bytes(pgwire.AppendFloat(nil, v))
		return
	}
	b := strconv.AppendFloat(nil, v, 'g', -1, 64)
	s.put(b)
}

// Numeric implements session.Sink.
func (s *sink) Numeric(text []byte) { s.Bytes(text) }

// Bytes implements session.Sink.
func (s *sink) Bytes(v []byte) { s.Text(string(v)) }

// Text implements session.Sink.
func (s *sink) Text(v string) {
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte(`""`)
	}
	s.put(b)
}

// Varbyte implements session.Sink.
func (s *sink) Varbyte(v []byte) { s.Bytes(pgwire.AppendHex(nil, v)) }

// Date implements session.Sink.
func (s *sink) Date(days int32) { s.Bytes(pgwire.AppendDate(nil, days)) }

// Time implements session.Sink.
func (s *sink) Time(micros int64) { s.Bytes(pgwire.AppendTime(nil, micros)) }

// TimeTZ implements session.Sink.
func (s *sink) TimeTZ(micros int64, offset int32) { s.Bytes(pgwire.AppendTimeTZ(nil, micros, offset)) }

// Interval implements session.Sink.
func (s *sink) Interval(months, days int32, micros int64) error {
	s.Bytes(pgwire.AppendInterval(nil, months, days, micros))
	return nil
}

// Timestamp implements session.Sink.
func (s *sink) Timestamp(micros int64) {
	s.Bytes(pgwire.AppendTimestamp(nil, micros, s.raw[len(s.row)].OID == pgwire.TimestampTZ))
}

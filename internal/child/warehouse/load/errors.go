package load

import (
	"fmt"
	"time"
)

// Codes of stl_load_errors, as the AWS documentation numbers them.
const (
	codeUnknown      = 1200
	codeExtraColumns = 1202
	codeRange        = 1204
	codeDate         = 1205
	codeTimestamp    = 1206
	codeDigit        = 1207
	codeFloat        = 1208
	codeDecimal      = 1209
	codeBoolean      = 1210
	codeNotNull      = 1213
	codeDelimiter    = 1214
	codeBadLine      = 1216
	codeUTF8         = 1220
	codeOverflow     = 1222
)

// A RowError is a row that cannot be loaded: a row of stl_load_errors.
type RowError struct {
	File      string // s3://bucket/key
	Line      int64
	Column    string
	Type      string
	Length    string
	Position  int
	RawLine   string
	RawField  string
	Code      int
	Reason    string
	StartTime time.Time
}

// Error implements error.
func (e *RowError) Error() string {
	return fmt.Sprintf("%s line %d column %s: %s (%d)", e.File, e.Line, e.Column, e.Reason, e.Code)
}

// A valueError is what is wrong with one field.
type valueError struct {
	code   int
	pos    int
	reason string
}

func (e *valueError) Error() string { return e.reason }

func invalid(code, pos int, format string, args ...any) *valueError {
	return &valueError{code, pos, fmt.Sprintf(format, args...)}
}

// An OptionError is a clause of COPY that is wrong or not supported. Its text is what the user sees.
type OptionError struct {
	Message string
	Code    string // SQLSTATE
}

// Error implements error.
func (e *OptionError) Error() string { return e.Message }

func unsupported(format string, args ...any) error {
	return &OptionError{fmt.Sprintf(format, args...) + " is not supported by Penstock yet", "0A000"}
}

func wrong(format string, args ...any) error {
	return &OptionError{fmt.Sprintf(format, args...), "42601"}
}

// A SchemaError is a Parquet file that does not suit the table.
type SchemaError struct{ Message, Detail string }

// Error implements error.
func (e *SchemaError) Error() string { return e.Message }

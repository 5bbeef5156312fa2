package pgwire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgproto3"
)

// errDone ends a connection that has no session to run: a cancel request, a client that left.
var errDone = errors.New("connection done")

// asError makes err presentable: itself when it is an Error, else a general text under the given code. The cause is for the log.
func asError(err error, code string) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Code: "57014", Message: "Query cancelled on statement timeout", Err: err}
	}
	return &Error{Code: code, Message: "Internal error: the log of the warehouse has the reason", Err: err}
}

func encodeError(dst []byte, e *Error) []byte {
	m := &pgproto3.ErrorResponse{Severity: e.Severity, Code: e.Code, Message: plain(e.Message), Detail: plain(e.Detail), Hint: plain(e.Hint),
		Position: int32(e.Position)}
	if m.Severity == "" {
		m.Severity = "ERROR"
	}
	m.SeverityUnlocalized = m.Severity
	if m.Code == "" {
		m.Code = "XX000"
	}
	out, err := m.Encode(dst)
	if err != nil { // a text above 1 GiB
		return dst
	}
	return out
}

// plain makes a text fit for a field of a message, which NUL would end: what stood behind it would be read as further fields.
func plain(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", `\x00`), "?")
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// isConnError reports whether the connection itself is broken: there is nobody to tell.
func isConnError(err error) bool {
	var pe *Error
	if err == nil || errors.As(err, &pe) {
		return false
	}
	return errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, errClient) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// errClient marks a failed write to the client inside a portal's rows.
var errClient = errors.New("client is gone")

func protocolError(format string, args ...any) *Error {
	return &Error{Code: "08P01", Message: fmt.Sprintf(format, args...)}
}

package api

import (
	"errors"
	"fmt"
)

// An Error is an error as an AWS client sees it. Floors below the services return errors of their own; a service maps them to
// these codes in its errors.go.
type Error struct {
	Code    string // the exception's name on the wire: "NoSuchKey", "EntityNotFoundException"
	Message string
	Status  int    // HTTP status; 0 means 400
	Op      string // the operation, filled in by the table
	Err     error  // the cause, for the log; never sent
	// Fields are further members of the error's body (S3's <BucketName>, <Key>), by wire name.
	Fields map[string]string
	// Header are further headers of the HTTP answer (S3's x-amz-delete-marker).
	Header map[string]string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Op != "" {
		return fmt.Sprintf("%s: %s: %s", e.Op, e.Code, e.Message)
	}
	return e.Code + ": " + e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: 400}
}

// Code returns the AWS code of err: an Error's, or that of one of the SDK's exception types; "" when it has none.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	var c interface{ ErrorCode() string }
	if errors.As(err, &c) {
		return c.ErrorCode()
	}
	return ""
}

package pgwire

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

var noDeadline time.Time

// MD5Secret is the stored form of a password for md5 authentication, as pg_shadow keeps it and CREATE USER accepts it.
func MD5Secret(user, password string) string {
	sum := md5.Sum([]byte(password + user))
	return "md5" + hex.EncodeToString(sum[:])
}

// authenticate asks for the password in the form in which it is stored: md5 unless the user was created with SCRAM, because
// Redshift's JDBC driver knows no SCRAM. An unknown user is asked too, so that names cannot be tried.
func (c *conn) authenticate(ctx context.Context, start Startup) error {
	secret, err := c.server.backend.Secret(ctx, start.User, start.Database)
	known := err == nil
	if err != nil && !errors.Is(err, ErrNoUser) {
		return c.fatal(asError(err, "XX000"))
	}
	var ok bool
	if strings.HasPrefix(secret, scramPrefix) {
		ok, err = c.scramAuth(secret)
	} else {
		ok, err = c.md5Auth(secret)
	}
	if err != nil {
		return err
	}
	if !ok || !known {
		return c.fatal(&Error{Code: "28000", Message: fmt.Sprintf("password authentication failed for user \"%s\"", start.User)})
	}
	c.send(&pgproto3.AuthenticationOk{})
	return nil
}

func (c *conn) md5Auth(secret string) (bool, error) {
	salt := c.server.opts.Random(4)
	c.send(&pgproto3.AuthenticationMD5Password{Salt: [4]byte(salt)})
	if err := c.flush(); err != nil {
		return false, err
	}
	msg, err := c.passwordMessage(pgproto3.AuthTypeMD5Password)
	if err != nil {
		return false, err
	}
	p, ok := msg.(*pgproto3.PasswordMessage)
	if !ok {
		return false, c.fatal(protocolError("expected a password, got %T", msg))
	}
	sum := md5.Sum(append([]byte(strings.TrimPrefix(secret, "md5")), salt...))
	return equal([]byte("md5"+hex.EncodeToString(sum[:])), []byte(p.Password)), nil
}

// passwordMessage reads the client's next answer; a client that leaves at a password prompt is no error.
func (c *conn) passwordMessage(kind uint32) (pgproto3.FrontendMessage, error) {
	if err := c.in.SetAuthType(kind); err != nil {
		return nil, fmt.Errorf("authentication: %w", err)
	}
	c.in.SetMaxBodyLen(64 << 10)
	defer c.in.SetMaxBodyLen(c.server.opts.MaxMessage)
	msg, err := c.in.Receive()
	if isEOF(err) {
		return nil, errDone
	}
	if err != nil {
		return nil, c.receiveError(err)
	}
	return msg, nil
}

package pgwire

import (
	"context"
	"crypto/subtle"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// startup talks until the client is authenticated; Secure has answered what it asked about encryption.
func (c *conn) startup(ctx context.Context) (Startup, error) {
	if err := c.nc.SetReadDeadline(c.server.opts.Now().Add(c.server.opts.Handshake)); err != nil {
		return Startup{}, fmt.Errorf("set read deadline: %w", err)
	}
	msg, err := c.firstMessage()
	if err != nil {
		return Startup{}, err
	}
	start := Startup{User: msg.Parameters["user"], Database: msg.Parameters["database"], Parameters: maps.Clone(msg.Parameters)}
	if start.User == "" {
		return start, c.fatal(&Error{Code: "28000", Message: "no user name in the startup packet"})
	}
	if start.Database == "" {
		start.Database = start.User
	}
	_, c.redshift = msg.Parameters["client_protocol_version"]
	c.negotiate(msg)
	if err := c.authenticate(ctx, start); err != nil {
		return start, err
	}
	if !c.server.register(c) {
		return start, c.fatal(&Error{Code: "53300", Message: fmt.Sprintf("connection limit \"%d\" exceeded", c.server.opts.MaxSessions)})
	}
	start.PID = c.pid
	return start, c.nc.SetReadDeadline(noDeadline)
}

// firstMessage reads the start-up message.
func (c *conn) firstMessage() (*pgproto3.StartupMessage, error) {
	msg, err := c.in.ReceiveStartupMessage()
	if err != nil {
		if isEOF(err) {
			return nil, errDone
		}
		return nil, c.fatal(&Error{Code: "08P01", Message: "invalid startup packet", Err: err})
	}
	switch m := msg.(type) {
	case *pgproto3.StartupMessage:
		return m, nil
	case *pgproto3.CancelRequest:
		c.server.cancel(m.ProcessID, m.SecretKey)
		return nil, errDone
	}
	return nil, c.fatal(protocolError("too many encryption requests")) // or one under TLS
}

// negotiate tells a client of a newer minor version, or with protocol options, that none of that is spoken here.
func (c *conn) negotiate(m *pgproto3.StartupMessage) {
	var unknown []string
	for _, k := range slices.Sorted(maps.Keys(m.Parameters)) {
		if strings.HasPrefix(k, "_pq_.") && k != "_pq_.compression" { // Redshift's own driver sends that one and expects no answer
			unknown = append(unknown, k)
		}
	}
	if m.ProtocolVersion != pgproto3.ProtocolVersion30 || len(unknown) > 0 {
		c.send(&pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: 0, UnrecognizedOptions: unknown})
	}
}

// greet sends what a session starts with.
func (c *conn) greet(start Startup) {
	params := map[string]string{
		"server_version": "8.0.2", "server_encoding": "UNICODE", "client_encoding": "UTF8", "DateStyle": "ISO, MDY",
		"integer_datetimes": "on", "standard_conforming_strings": "on", "TimeZone": "UTC", "is_superuser": "off",
		"session_authorization": start.User, "application_name": start.Parameters["application_name"],
	}
	maps.Copy(params, c.server.opts.Parameters)
	for _, k := range slices.Sorted(maps.Keys(params)) {
		c.send(&pgproto3.ParameterStatus{Name: k, Value: params[k]})
	}
	c.send(&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: c.key})
	c.ready()
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

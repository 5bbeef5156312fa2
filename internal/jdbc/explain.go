package jdbc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// explain words a failure for the user: which server, why, what to do. The end of ctx passes as it is.
func (a address) explain(ctx context.Context, err error, limit time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &Error{Text: fmt.Sprintf("Cannot use %s at %s: %s", a.engine.title(), a.place(), a.why(err, limit)), Err: err}
}

func (a address) why(err error, limit time.Duration) string {
	if text := a.said(err); text != "" {
		return text
	}
	var dns *net.DNSError
	var network net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host of that name; check the JDBC URL"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Sprintf("no answer within %v; check host and port of the JDBC URL, and firewalls", limit)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there; check host and port of the JDBC URL, and that the database runs"
	case errors.As(err, &certificate), errors.As(err, new(x509.UnknownAuthorityError)), errors.As(err, new(x509.HostnameError)):
		return fmt.Sprintf("its certificate is not accepted (%v); give its authority by the option sslrootcert of the JDBC URL", cause(err))
	case errors.Is(err, mysql.ErrNoTLS), errors.Is(err, errNoTLS):
		return "it offers no TLS, which the connection asks for; change JDBC_ENFORCE_SSL or the JDBC URL"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, mysql.ErrMalformPkt), errors.Is(err, mysql.ErrInvalidConn):
		return fmt.Sprintf("what listens there does not answer as %s does; check the JDBC URL", a.engine.title())
	case errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("%v; check the option sslrootcert of the JDBC URL", err)
	}
	return cause(err).Error()
}

// said is what the server itself has answered, or "".
func (a address) said(err error) string {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	code, text := "", ""
	switch {
	case errors.As(err, &pg):
		code, text = pg.Code, pg.Message
	case errors.As(err, &my):
		code, text = fmt.Sprint(my.Number), my.Message
	default:
		return ""
	}
	switch code {
	case "28P01", "28000", "1045":
		return fmt.Sprintf("the login of user %q is refused (%s); check USERNAME and PASSWORD", a.user, text)
	case "3D000", "1049":
		return fmt.Sprintf("there is no database %q; check the JDBC URL and the path", a.database)
	case "1044":
		return fmt.Sprintf("user %q may not use the database %q (%s)", a.user, a.database, text)
	}
	return text
}

// cause is the innermost error: what wraps it names hosts and users again.
func cause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

package jdbc

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// An address is what a login's URL says.
type address struct {
	engine         Engine
	host           string
	port           int
	database       string
	user, password string
	tls            tlsMode
	roots          string // file of the certificates to trust, "" for the system's
}

// A tlsMode is how much of TLS is asked for.
type tlsMode int

const (
	tlsPrefer  tlsMode = iota // where the server offers it, of anyone
	tlsDisable                // never
	tlsRequire                // of anyone
	tlsTrusted                // of who has a trusted certificate
	tlsHost                   // of the host with a trusted certificate
)

func (a address) place() string { return net.JoinHostPort(a.host, strconv.Itoa(a.port)) }

// Check reports what keeps a URL from being understood; nil when nothing does.
func Check(text string) error {
	_, err := Login{URL: text}.address()
	return err
}

// EngineOf is the engine that a URL names.
func EngineOf(text string) (Engine, error) {
	a, err := Login{URL: text}.address()
	return a.engine, err
}

func (l Login) address() (address, error) {
	a := address{user: l.User, password: l.Password}
	rest, ok := strings.CutPrefix(l.URL, "jdbc:")
	kind, rest, found := strings.Cut(rest, ":")
	if !ok || !found {
		return a, errorf("The JDBC URL is not of the form jdbc:postgresql://host:port/database or jdbc:mysql://host:port/database")
	}
	switch strings.ToLower(kind) {
	case "postgresql":
		a.engine, a.port = PostgreSQL, 5432
	case "mysql", "mariadb":
		a.engine, a.port = MySQL, 3306
	default:
		return a, errorf("Penstock does not support logging in to databases of the kind %s yet: only postgresql, mysql and mariadb", kind)
	}
	u, err := url.Parse(kind + ":" + rest)
	if err != nil || u.Host == "" || strings.Contains(u.Host, ",") {
		return a, errorf("The JDBC URL is not of the form jdbc:%s://host:port/database, with one host", kind)
	}
	if u.User != nil {
		return a, errorf("The JDBC URL has a user before its host; give USERNAME and PASSWORD")
	}
	a.host = u.Hostname()
	if p := u.Port(); p != "" {
		if a.port, err = strconv.Atoi(p); err != nil || a.port < 1 || a.port > 65535 {
			return a, errorf("The JDBC URL has the port %s, which is none", p)
		}
	}
	a.database = strings.TrimPrefix(u.Path, "/")
	options, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return a, errorf("The options of the JDBC URL cannot be read")
	}
	if err := a.options(options); err != nil {
		return a, err
	}
	if l.TLS {
		a.tls = tlsHost
	}
	return a, nil
}

// options takes the options of a URL that say how to log in. Others are the driver's that jobs use, and mean nothing for a list of tables.
func (a *address) options(all url.Values) error {
	for key := range all {
		v := all.Get(key)
		switch strings.ToLower(key) {
		case "user":
			a.user = or(a.user, v)
		case "password":
			a.password = or(a.password, v)
		case "sslrootcert":
			a.roots = v
		case "sslmode":
			mode, ok := modes()[strings.ToLower(v)]
			if !ok {
				return errorf("The JDBC URL has sslmode=%s, which is not known", v)
			}
			a.tls = mode
		}
		if err := a.flag(strings.ToLower(key), strings.EqualFold(v, "true") || key == "ssl" && v == ""); err != nil {
			return err
		}
	}
	return nil
}

// flag takes an option that is true or false, and refuses options of TLS that nothing here could honour.
func (a *address) flag(key string, on bool) error {
	if slices.Contains(strings.Fields("sslcert sslkey sslpassword sslfactory sslhostnameverifier trustcertificatekeystoreurl "+
		"trustcertificatekeystorepassword clientcertificatekeystoreurl keystore truststore serversslcert"), key) {
		return errorf("Penstock does not support the option %s of a JDBC URL yet: give sslrootcert, a file of certificates to trust", key)
	}
	switch {
	case key == "usessl" && !on:
		a.tls = tlsDisable
	case (key == "usessl" || key == "requiressl") && on:
		a.tls = max(a.tls, tlsRequire)
	case key == "ssl" && on || key == "verifyservercertificate" && on:
		a.tls = max(a.tls, tlsHost)
	}
	return nil
}

func modes() map[string]tlsMode {
	return map[string]tlsMode{"disable": tlsDisable, "allow": tlsPrefer, "prefer": tlsPrefer, "require": tlsRequire, "verify-ca": tlsTrusted,
		"verify-full": tlsHost, "disabled": tlsDisable, "preferred": tlsPrefer, "required": tlsRequire, "trust": tlsRequire,
		"verify_ca": tlsTrusted, "verify_identity": tlsHost}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// An Error says what keeps a database from being used, and what to do. It has no password.
type Error struct {
	Text string
	Err  error
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

// Unwrap is the cause, or nil.
func (e *Error) Unwrap() error { return e.Err }

func errorf(format string, args ...any) *Error { return &Error{Text: fmt.Sprintf(format, args...)} }

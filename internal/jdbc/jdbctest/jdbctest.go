// Package jdbctest runs databases for tests: PostgreSQL and MariaDB, as Debian installs them, in a folder and at a port of their own. It is
// for tests only. A test that needs a database which is not installed is skipped, or fails when CI=true.
package jdbctest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Server is a database server with a user who may do everything.
type Server struct {
	Host     string
	Port     int
	User     string
	Password string
	Roots    string // file with the certificate that it shows to who asks for TLS; "" when it offers none

	kind    string // of its URLs
	execute func(database, sql string) *exec.Cmd
}

// URL is what JDBC calls a database.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("jdbc:%s://%s:%d/%s", s.kind, s.Host, s.Port, database)
}

// Execute runs statements in a database; "" is the server's own.
func (s *Server) Execute(t testing.TB, database, sql string) {
	t.Helper()
	cmd := s.execute(database, sql)
	cmd.Stdin = strings.NewReader(sql)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", s.kind, err, out)
	}
}

const (
	userName = "loader"
	password = "s3cret words"
)

// PostgreSQL starts a server that ends with the test.
func PostgreSQL(t testing.TB) *Server {
	t.Helper()
	bin := postgresBin(t)
	port := freePort(t)
	dir, as := folder(t, "postgres")
	file := filepath.Join(dir, "password")
	write(t, file, password, as)
	cert, key := certificate(t, dir, as)
	data := filepath.Join(dir, "data")
	run(t, dir, as, filepath.Join(bin, "initdb"), "-D", data, "-U", userName, "-A", "scram-sha-256", "--pwfile="+file,
		"--no-sync", "-E", "UTF8", "--locale=C")
	start(t, dir, as, port, filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+dir, "-c", "fsync=off", "-c", "ssl=on", "-c", "ssl_cert_file="+cert, "-c", "ssl_key_file="+key)
	return &Server{Host: "127.0.0.1", Port: port, User: userName, Password: password, Roots: cert, kind: "postgresql",
		execute: func(database, _ string) *exec.Cmd {
			if database == "" {
				database = "postgres"
			}
			cmd := exec.Command("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", strconv.Itoa(port), "-U", userName, database)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PGPASSWORD=" + password}
			return cmd
		}}
}

// postgresBin is the folder of PostgreSQL's programs, which Debian does not put into the PATH.
func postgresBin(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		t.Fatal(err)
	}
	if at, err := exec.LookPath("initdb"); err == nil {
		found = append(found, at)
	}
	if len(found) == 0 {
		missing(t, "PostgreSQL (Debian's package postgresql)")
	}
	return filepath.Dir(found[len(found)-1])
}

// MariaDB starts a server that ends with the test.
func MariaDB(t testing.TB) *Server {
	t.Helper()
	for _, program := range []string{"mariadbd", "mariadb-install-db", "mariadb"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, "MariaDB (Debian's package mariadb-server)")
		}
	}
	port := freePort(t)
	dir, as := folder(t, "mysql")
	data := filepath.Join(dir, "data")
	run(t, dir, as, "mariadb-install-db", "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	first := filepath.Join(dir, "first.sql")
	write(t, first, fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO '%s'@'%%' WITH GRANT OPTION;\n",
		userName, password, userName), as)
	start(t, dir, as, port, "mariadbd", "--no-defaults", "--datadir="+data, "--port="+strconv.Itoa(port), "--bind-address=127.0.0.1",
		"--socket="+filepath.Join(dir, "s"), "--init-file="+first, "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve")
	return &Server{Host: "127.0.0.1", Port: port, User: userName, Password: password, kind: "mysql",
		execute: func(database, _ string) *exec.Cmd {
			cmd := exec.Command("mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", strconv.Itoa(port), "-u", userName, database)
			cmd.Env = append(os.Environ(), "MYSQL_PWD="+password)
			return cmd
		}}
}

// certificate makes a certificate for 127.0.0.1 that nobody has signed.
func certificate(t testing.TB, dir string, as *syscall.Credential) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{Subject: pkix.Name{CommonName: "127.0.0.1"}, // Java reads none without
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature |
			x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), as)
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})), as)
	return cert, key
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("not installed: " + what)
	}
	t.Skip("not installed: " + what)
}

// folder is a folder of its own with a short name, and whose: servers refuse to run as root, and then are the user's that Debian made.
func folder(t testing.TB, owner string) (string, *syscall.Credential) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "jdbctest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Geteuid() != 0 {
		return dir, nil
	}
	u, err := user.Lookup(owner)
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return dir, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func write(t testing.TB, file, text string, as *syscall.Credential) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if as != nil {
		if err := os.Chown(file, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

// command runs a program in a folder, which is its folder for temporary files too: the test's own may be closed to the user.
func command(ctx context.Context, dir string, as *syscall.Credential, program string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, arguments...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true}
	return cmd
}

func run(t testing.TB, dir string, as *syscall.Credential, program string, arguments ...string) {
	t.Helper()
	if out, err := command(t.Context(), dir, as, program, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// start runs a server until the test ends, and returns when it listens.
func start(t testing.TB, dir string, as *syscall.Credential, port int, program string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := command(ctx, dir, as, program, arguments...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() { cancel(); <-ended })
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s has ended\n%s", program, out.String())
		default:
		}
		if time.Since(begun) > time.Minute {
			cancel()
			<-ended
			t.Fatalf("%s does not listen\n%s", program, out.String())
		}
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"penstock/internal/clock"
	"penstock/internal/server"
)

// drain is how long a hosted runtime waits for deliveries before it ends.
const drain = 10 * time.Second

// A session is a connection to a runtime: a server that runs already, or one hosted for this command.
type session struct {
	cfg    aws.Config
	holder server.Holder
	creds  server.Credentials
	data   string
	clock  clock.Clock
	hosted *server.Server
	log    *slog.Logger
	file   io.Closer
	cancel context.CancelFunc
	done   chan error
}

// connect finds the server of the data directory, or hosts the runtime on ports of its own.
func (a *app) connect(ctx context.Context) (*session, error) {
	data, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	for {
		holder, held, err := server.Held(data, a.clock)
		if err != nil {
			return nil, err
		}
		if held {
			creds, err := server.ReadCredentials(data)
			if err != nil {
				return nil, fmt.Errorf("read the keys of the running server: %w", err)
			}
			cfg, err := config(holder, creds, a.region)
			if err != nil {
				return nil, err
			}
			return &session{cfg: cfg, holder: holder, creds: creds, data: data, clock: a.clock, log: a.logger(a.stderr, slog.LevelWarn)}, nil
		}
		s, err := a.host(ctx, data)
		if !errors.Is(err, server.ErrInUse) {
			return s, err
		}
		// Another command was quicker: it is asked where it listens.
	}
}

// startGC is how much the heap of a server that starts may grow before it is collected, in percent. What a start makes stays, so that a
// collection in the middle of it finds nothing; afterwards the usual measure holds.
const startGC = 400

func openServer(ctx context.Context, o server.Options) (*server.Server, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(startGC))
	return server.Open(ctx, o)
}

// host runs the runtime inside this command. Its log goes to a file of the data directory.
func (a *app) host(ctx context.Context, data string) (*session, error) {
	if err := server.Prepare(data); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(data, server.LogName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the runtime's log: %w", err)
	}
	log := a.logger(file, slog.LevelInfo)
	opts, err := a.serverOptions(data, "127.0.0.1:0", "127.0.0.1:0", cmp.Or(a.getenv("PENSTOCK_REGION"), a.region), log)
	if err != nil {
		file.Close()
		return nil, err
	}
	srv, err := openServer(ctx, opts)
	if err != nil {
		file.Close()
		return nil, err
	}
	cfg, err := config(srv.Holder(), srv.Credentials(), a.region)
	if err != nil {
		return nil, errors.Join(err, srv.Close(), file.Close())
	}
	// The runtime outlives an interrupt of the command by what it needs to stop in order.
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &session{cfg: cfg, holder: srv.Holder(), creds: srv.Credentials(), data: data, clock: a.clock, hosted: srv, log: log, file: file,
		cancel: cancel, done: make(chan error, 1)}
	go func() { s.done <- srv.Run(life) }()
	return s, nil
}

// patience is how long a server that answers no more may take to give up its data directory.
const patience = 15 * time.Second

// gone reports whether the server that this session used has ended. One that is about to is waited for.
func (s *session) gone(ctx context.Context) bool {
	if s.hosted != nil {
		return false
	}
	_, address, _ := strings.Cut(*s.cfg.BaseEndpoint, "://")
	for end := s.clock.Now().Add(patience); ctx.Err() == nil && s.clock.Now().Before(end); {
		if holder, held, err := server.Held(s.data, s.clock); err == nil && (!held || holder.Endpoint != *s.cfg.BaseEndpoint) {
			return true
		}
		if c, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = c.Close()
			return false // it lives: the error is another
		}
		if clock.Sleep(ctx, s.clock, 50*time.Millisecond) != nil {
			return false
		}
	}
	return false
}

// close ends a hosted runtime after its deliveries; a server that was running before goes on.
func (s *session) close(ctx context.Context) error {
	if s.hosted == nil {
		return nil
	}
	wait, stop := context.WithTimeout(context.WithoutCancel(ctx), drain)
	if err := s.hosted.Drain(wait); err != nil {
		s.log.Warn("deliveries are left to the next start", "error", err)
	}
	stop()
	s.cancel()
	return errors.Join(<-s.done, s.hosted.Close(), s.file.Close())
}

// config makes clients of a server for one of its regions, "" for its first.
func config(h server.Holder, c server.Credentials, region string) (aws.Config, error) {
	region = cmp.Or(region, h.Regions[0])
	if !slices.Contains(h.Regions, region) {
		return aws.Config{}, fmt.Errorf("the pipeline's region is %s, and the server at %s serves %s: start it with --region %s",
			region, h.Endpoint, strings.Join(h.Regions, ", "), strings.Join(append(slices.Clone(h.Regions), region), ","))
	}
	cfg := aws.Config{
		Region: region, BaseEndpoint: &h.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, ""),
	}
	if !strings.HasPrefix(h.Endpoint, "https://") {
		return cfg, nil
	}
	trust, err := trustOf(h.TLS)
	if err != nil {
		return cfg, err
	}
	cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.TLSClientConfig = trust })
	return cfg, nil
}

// trustOf lets this program's own commands verify the server: by what the system trusts, and by the certificates that the data directory
// names.
func trustOf(t server.Trust) (*tls.Config, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, name := range []string{t.File, t.Own} {
		if name == "" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the server's certificate: %w", err)
		}
		pool.AppendCertsFromPEM(text)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: t.Name}, nil
}

func (a *app) serverOptions(data, http, warehouse, regions string, log *slog.Logger) (server.Options, error) {
	exe, err := os.Executable()
	if err != nil {
		return server.Options{}, fmt.Errorf("find this program, which starts itself as worker and warehouse: %w", err)
	}
	delay, err := a.garbageDelay()
	if err != nil {
		return server.Options{}, err
	}
	names, err := server.ParseRegions(regions)
	if err != nil {
		return server.Options{}, usageError{err}
	}
	return server.Options{
		Data: data, HTTP: http, Warehouse: warehouse, Regions: names, Account: a.getenv("PENSTOCK_ACCOUNT"), Clock: a.clock, Log: log, Exe: exe,
		Scripts: a.scriptHost(),
		KillAt:  a.getenv("PENSTOCK_KILL_AT"), Passed: a.passed(log), GarbageDelay: delay,
	}, nil
}

// garbageDelay is how long deleted bytes stay on disk; tests make it short.
func (a *app) garbageDelay() (time.Duration, error) {
	text := a.getenv("PENSTOCK_GARBAGE_DELAY")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, usageError{fmt.Errorf("PENSTOCK_GARBAGE_DELAY is %q; it must be a duration such as 5m", text)}
	}
	return d, nil
}

// passed appends the names of the kill points that are passed to a file, for the crash tests, which compare them with the list of all.
func (a *app) passed(log *slog.Logger) func(string) {
	name := a.getenv("PENSTOCK_KILL_LOG")
	if name == "" {
		return nil
	}
	return func(point string) {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			log.Error("the list of kill points cannot be written", "error", err)
			return
		}
		defer f.Close()
		if _, err := f.WriteString(point + "\n"); err != nil {
			log.Error("the list of kill points cannot be written", "error", err)
		}
	}
}

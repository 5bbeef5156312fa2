// Package harness starts the real program for tests: built once, served on free ports from a data directory of the test's own, killed
// or stopped at the end. It is for the tests below test/ only.
package harness

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

var build struct {
	once sync.Once
	path string
	err  error
}

// Binary is the program, built from this tree. PENSTOCK_BIN names one that is built already.
func Binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("PENSTOCK_BIN"); path != "" {
		return path
	}
	build.once.Do(func() {
		dir, err := os.MkdirTemp("", "penstock-test-")
		if err != nil {
			build.err = err
			return
		}
		build.path = filepath.Join(dir, "penstock")
		out, err := exec.Command("go", "build", "-o", build.path, "penstock/cmd/penstock").CombinedOutput()
		if err != nil {
			build.err = fmt.Errorf("build the program: %w\n%s", err, out)
		}
	})
	if build.err != nil {
		t.Fatal(build.err)
	}
	return build.path
}

// BrokenBinary is the program built with a tag that makes it wrong on purpose, for the test that must catch it. It is gone with the test.
func BrokenBinary(t testing.TB, tag string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "penstock-"+tag)
	if out, err := exec.Command("go", "build", "-tags", tag, "-o", path, "penstock/cmd/penstock").CombinedOutput(); err != nil {
		t.Fatalf("build the program with the tag %s: %v\n%s", tag, err, out)
	}
	return path
}

// Clean removes what Binary built; call it at the end of TestMain.
func Clean() {
	if build.path != "" {
		os.RemoveAll(filepath.Dir(build.path))
	}
}

// A Result is what a command printed and how it ended.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Run runs the program to its end in a folder. env is added to a clean environment.
func Run(t testing.TB, dir string, env []string, args ...string) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, Binary(t), args...)
	cmd.Dir = dir
	cmd.Env = append(cleanEnv(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return Result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// MustRun is Run of a command that must end with code 0.
func MustRun(t testing.TB, dir string, env []string, args ...string) Result {
	t.Helper()
	r := Run(t, dir, env, args...)
	if r.Code != 0 {
		t.Fatalf("penstock %s: exit code %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r
}

// cleanEnv keeps what programs need and nothing that could point a client at a real account.
func cleanEnv() (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "PG") && name != "PENSTOCK_DATA" {
			env = append(env, v)
		}
	}
	return append(env, "PYTHONPATH="+pythonPath(), "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null")
}

// A Runtime is a running server.
type Runtime struct {
	Data     string
	Endpoint string
	Vars     map[string]string // what "penstock env" exports
	cmd      *exec.Cmd
	stderr   *safeBuffer
	waited   chan error
}

// Serve starts a server on a data directory and waits until it answers.
func Serve(t testing.TB, data string, env ...string) *Runtime {
	t.Helper()
	return ServeBinary(t, Binary(t), data, env...)
}

// ServeWith is Serve with further flags.
func ServeWith(t testing.TB, data string, flags ...string) *Runtime {
	t.Helper()
	return serve(t, Binary(t), data, nil, flags)
}

// ServeAs is Serve with further variables and flags.
func ServeAs(t testing.TB, data string, env []string, flags ...string) *Runtime {
	t.Helper()
	return serve(t, Binary(t), data, env, flags)
}

// ServeBinary is Serve with another build of the program.
func ServeBinary(t testing.TB, binary, data string, env ...string) *Runtime {
	t.Helper()
	return serve(t, binary, data, env, nil)
}

func serve(t testing.TB, binary, data string, env, flags []string) *Runtime {
	t.Helper()
	r := &Runtime{Data: data, stderr: &safeBuffer{}, waited: make(chan error, 1)}
	r.cmd = exec.Command(binary,
		append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--warehouse-listen", "127.0.0.1:0"}, flags...)...)
	r.cmd.Env = append(cleanEnv(), env...)
	r.cmd.Stderr = r.stderr
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Kill)
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "Interrupt to stop") {
				close(ready)
			}
		}
		r.waited <- r.cmd.Wait()
	}()
	select {
	case <-ready:
	case err := <-r.waited:
		r.waited <- err
		t.Fatalf("the server ended: %v\n%s", err, r.stderr.String())
	case <-time.After(2 * time.Minute):
		t.Fatalf("the server does not start\n%s", r.stderr.String())
	}
	r.readEnv(t)
	return r
}

func (r *Runtime) readEnv(t testing.TB) {
	t.Helper()
	out := MustRun(t, r.Data, nil, "env", "--data", r.Data)
	r.Vars = map[string]string{}
	for _, line := range strings.Split(out.Stdout, "\n") {
		if name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "="); ok {
			r.Vars[name] = strings.Trim(value, "'")
		}
	}
	r.Endpoint = r.Vars["AWS_ENDPOINT_URL"]
}

// Env is the environment of a client program.
func (r *Runtime) Env() []string {
	env := cleanEnv()
	for name, value := range r.Vars {
		env = append(env, name+"="+value)
	}
	return env
}

// Config points the AWS SDK at the server.
func (r *Runtime) Config() aws.Config {
	return aws.Config{
		Region: r.Vars["AWS_REGION"], BaseEndpoint: aws.String(r.Endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(r.Vars["AWS_ACCESS_KEY_ID"], r.Vars["AWS_SECRET_ACCESS_KEY"], ""),
	}
}

// Pid is the process id of the control process.
func (r *Runtime) Pid() int { return r.cmd.Process.Pid }

// Log is what the server wrote on stderr.
func (r *Runtime) Log() string { return r.stderr.String() }

// Kill ends the server as kill -9 does, and waits until it is gone.
func (r *Runtime) Kill() {
	r.cmd.Process.Kill()
	r.Wait()
}

// Wait waits until the server has ended.
func (r *Runtime) Wait() error {
	err := <-r.waited
	r.waited <- err
	return err
}

// Ended reports whether the server has ended.
func (r *Runtime) Ended() bool {
	select {
	case err := <-r.waited:
		r.waited <- err
		return true
	default:
		return false
	}
}

// Stop interrupts the server and waits for its orderly end.
func (r *Runtime) Stop(t testing.TB) {
	t.Helper()
	r.cmd.Process.Signal(syscall.SIGINT)
	if err := r.Wait(); err != nil {
		t.Errorf("the server ended badly: %v\n%s", err, r.stderr.String())
	}
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var _ io.Writer = (*safeBuffer)(nil)

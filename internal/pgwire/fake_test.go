package pgwire

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a Backend whose statements are listed by their text.
type fake struct {
	secrets map[string]string
	answers map[string]answer
	mu      sync.Mutex
	log     []string
}

func (f *fake) note(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, text)
}

// until waits for a note.
func (f *fake) until(t *testing.T, text string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		f.mu.Lock()
		there := slices.Contains(f.log, text)
		f.mu.Unlock()
		if there {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("no %q", text)
		}
	}
}

type answer struct {
	params []uint32
	cols   []Column
	rows   []func(r *Rows, args []Arg)
	tag    string
	err    error
	block  bool // wait for the context
	notice string
	ended  chan struct{} // closed when a blocked statement was stopped
}

type fakeSession struct {
	f      *fake
	client *Client
	status byte
}

func (f *fake) Secret(_ context.Context, user, _ string) (string, error) {
	s, ok := f.secrets[user]
	if !ok {
		return "", ErrNoUser
	}
	return s, nil
}

func (f *fake) Open(_ context.Context, start Startup, c *Client) (Session, error) {
	if start.Database == "missing" {
		return nil, &Error{Code: "3D000", Message: `database "missing" does not exist`}
	}
	return &fakeSession{f: f, client: c, status: 'I'}, nil
}

func (s *fakeSession) Split(sql string) ([]string, error) {
	var out []string
	for _, t := range strings.Split(sql, ";") {
		if t = strings.TrimSpace(t); t != "" {
			out = append(out, t)
		}
	}
	return out, nil
}

func (s *fakeSession) Prepare(_ context.Context, sql string, oids []uint32) (Statement, error) {
	if strings.HasPrefix(sql, "set extra_float_digits") {
		s.client.FloatDigits(3)
		return &fakeStatement{s, answer{tag: "SET"}}, nil
	}
	a, ok := s.f.answers[sql]
	if !ok {
		return nil, &Error{Code: "42601", Message: "syntax error", Position: 1}
	}
	return &fakeStatement{s, a}, nil
}

func (s *fakeSession) Sync(_ context.Context, failed bool) error {
	s.f.note(fmt.Sprintf("sync failed=%v", failed))
	return nil
}
func (s *fakeSession) Status() byte { return s.status }
func (s *fakeSession) Close()       { s.f.note("close") }

type fakeStatement struct {
	s *fakeSession
	a answer
}

func (st *fakeStatement) Parameters() []uint32 { return st.a.params }
func (st *fakeStatement) Columns() []Column    { return st.a.cols }
func (st *fakeStatement) Close()               {}
func (st *fakeStatement) Bind(_ context.Context, args []Arg) (Portal, error) {
	return &fakePortal{st: st, args: args}, nil
}

type fakePortal struct {
	st   *fakeStatement
	args []Arg
	at   int
}

func (p *fakePortal) Close() {}
func (p *fakePortal) Next(ctx context.Context, rows *Rows, limit int) (string, bool, error) {
	a := p.st.a
	if a.block {
		<-ctx.Done()
		if a.ended != nil {
			close(a.ended)
		}
		return "", false, ctx.Err()
	}
	if a.notice != "" {
		p.st.s.client.Notice("INFO", "00000", a.notice)
	}
	for n := 0; p.at < len(a.rows); n++ {
		if limit > 0 && n == limit {
			return "", false, nil
		}
		rows.Begin()
		a.rows[p.at](rows, p.args)
		if err := rows.End(); err != nil {
			return "", false, err
		}
		p.at++
	}
	if a.err != nil {
		return "", false, a.err
	}
	if a.tag != "" {
		return a.tag, true, nil
	}
	return fmt.Sprintf("SELECT %d", len(a.rows)), true, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// serve starts a server of f and returns its address.
func serve(t testing.TB, f *fake, opts Options) string {
	t.Helper()
	opts.Random, opts.Now = randomBytes, time.Now
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		New(f, opts).Serve(ctx, ln)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return ln.Addr().String()
}

func newFake() *fake {
	return &fake{secrets: map[string]string{"admin": MD5Secret("admin", "pw")}, answers: map[string]answer{
		"select 1": {cols: []Column{{Name: "?column?", OID: Int4, Modifier: -1}},
			rows: []func(*Rows, []Arg){func(r *Rows, _ []Arg) { r.Int(1) }}},
		"insert":    {tag: "INSERT 0 2"},
		"wait":      {block: true},
		"bad":       {err: &Error{Code: "22012", Message: "division by zero"}},
		"copy":      {tag: "COPY", notice: "Load into table 't' completed, 3 record(s) loaded successfully."},
		"select $1": {params: []uint32{Int8}, cols: []Column{{Name: "a", OID: Int8, Modifier: -1}}, rows: []func(*Rows, []Arg){echoInt}},
		"three": {cols: []Column{{Name: "n", OID: Int4, Modifier: -1}}, rows: []func(*Rows, []Arg){
			func(r *Rows, _ []Arg) { r.Int(1) }, func(r *Rows, _ []Arg) { r.Int(2) }, func(r *Rows, _ []Arg) { r.Int(3) }}},
	}}
}

func echoInt(r *Rows, args []Arg) {
	var v int64
	fmt.Sscan(args[0].Text, &v)
	r.Int(v)
}

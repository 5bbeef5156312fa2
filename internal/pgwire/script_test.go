package pgwire

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestConversations plays testdata/*.script: each line is a client message; the golden file is the conversation as libpq traces it.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".script"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := converse(t, string(text))
			golden := strings.TrimSuffix(f, ".script") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// login authenticates on nc and reads until the session is ready.
func login(t testing.TB, nc net.Conn) *pgproto3.Frontend {
	t.Helper()
	fe := pgproto3.NewFrontend(nc, nc)
	fe.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30,
		Parameters: map[string]string{"user": "admin", "database": "dev", "driver_version": "x", "unheard_of": "1"}})
	if err := fe.Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		msg, err := fe.Receive()
		if err != nil {
			t.Fatal(err)
		}
		switch m := msg.(type) {
		case *pgproto3.AuthenticationMD5Password:
			sum := md5.Sum(append([]byte(strings.TrimPrefix(MD5Secret("admin", "pw"), "md5")), m.Salt[:]...))
			fe.Send(&pgproto3.PasswordMessage{Password: "md5" + hex.EncodeToString(sum[:])})
			if err := fe.Flush(); err != nil {
				t.Fatal(err)
			}
		case *pgproto3.ReadyForQuery:
			return fe
		case *pgproto3.ErrorResponse:
			t.Fatal(m.Message)
		}
	}
}

func converse(t *testing.T, script string) []byte {
	nc, err := net.Dial("tcp", serve(t, newFake(), Options{}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(2 * time.Minute))
	fe := login(t, nc)
	var out bytes.Buffer
	fe.Trace(&out, pgproto3.TracerOptions{SuppressTimestamps: true, RegressMode: true})
	for _, line := range strings.Split(script, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		msg := clientMessage(t, line)
		fe.Send(msg)
		if err := fe.Flush(); err != nil {
			t.Fatal(err)
		}
		_, q := msg.(*pgproto3.Query)
		_, s := msg.(*pgproto3.Sync)
		for q || s {
			m, err := fe.Receive()
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := m.(*pgproto3.ReadyForQuery); ok {
				break
			}
		}
	}
	return out.Bytes()
}

func clientMessage(t *testing.T, line string) pgproto3.FrontendMessage {
	word, rest, _ := strings.Cut(line, " ")
	var name string
	var n uint32
	switch word {
	case "query":
		return &pgproto3.Query{String: rest}
	case "parse": // parse NAME SQL
		name, rest, _ = strings.Cut(rest, " ")
		return &pgproto3.Parse{Name: strings.Trim(name, `"`), Query: rest}
	case "bind": // bind PORTAL STATEMENT [TEXT...]
		f := strings.Fields(rest)
		b := &pgproto3.Bind{DestinationPortal: strings.Trim(f[0], `"`), PreparedStatement: strings.Trim(f[1], `"`)}
		for _, p := range f[2:] {
			b.Parameters = append(b.Parameters, []byte(p))
		}
		return b
	case "describe", "close":
		kind := rest[0]
		name = strings.Trim(rest[2:], `"`)
		if word == "close" {
			return &pgproto3.Close{ObjectType: kind, Name: name}
		}
		return &pgproto3.Describe{ObjectType: kind, Name: name}
	case "execute": // execute PORTAL LIMIT
		fmt.Sscan(rest, &name, &n)
		return &pgproto3.Execute{Portal: strings.Trim(name, `"`), MaxRows: n}
	case "sync":
		return &pgproto3.Sync{}
	case "function":
		return &pgproto3.FunctionCall{Function: 1}
	}
	t.Fatalf("unknown script line %q", line)
	return nil
}

// FuzzMessages throws bytes at an authenticated session: whatever comes, the server neither panics nor hangs, and serves the next client.
func FuzzMessages(f *testing.F) {
	seed := func(msgs ...pgproto3.FrontendMessage) {
		var b []byte
		for _, m := range msgs {
			b, _ = m.Encode(b)
		}
		f.Add(b)
	}
	seed(&pgproto3.Query{String: "select 1; insert"}, &pgproto3.Terminate{})
	seed(&pgproto3.Parse{Query: "select $1"}, &pgproto3.Bind{Parameters: [][]byte{[]byte("7")}, ResultFormatCodes: []int16{1}},
		&pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}, &pgproto3.Sync{})
	seed(&pgproto3.Parse{Name: "a", Query: "three"}, &pgproto3.Bind{DestinationPortal: "p", PreparedStatement: "a"},
		&pgproto3.Execute{Portal: "p", MaxRows: 2}, &pgproto3.Close{ObjectType: 'S', Name: "a"}, &pgproto3.Execute{Portal: "p"}, &pgproto3.Sync{})
	seed(&pgproto3.CopyData{Data: []byte("x")}, &pgproto3.FunctionCall{Function: 3}, &pgproto3.Flush{}, &pgproto3.Sync{})
	f.Add([]byte("Q\xff\xff\xff\xff"))
	f.Add([]byte("B\x00\x00\x00\x08\x00\x00\xff\xff"))
	fk := newFake()
	delete(fk.answers, "wait")
	s := New(fk, Options{Random: randomBytes, Now: time.Now, MaxMessage: 1 << 20})
	f.Fuzz(func(t *testing.T, data []byte) {
		client, server := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.serveConn(context.Background(), server)
		}()
		client.SetDeadline(time.Now().Add(2 * time.Minute))
		login(t, client)
		go func() {
			client.Write(data)
			client.Close()
		}()
		buf := make([]byte, 4096)
		for {
			if _, err := client.Read(buf); err != nil {
				break
			}
		}
		select {
		case <-done:
		case <-time.After(2 * time.Minute):
			t.Fatal("the session hangs")
		}
	})
}

// TestNULInMessages: NUL ends a field of a message, so what stands behind it would be read as fields of its own.
func TestNULInMessages(t *testing.T) {
	var m pgproto3.ErrorResponse
	b := encodeError(nil, &Error{Message: "a\x00Mb", Detail: "c\x00\x00", Hint: "d\xff"})
	if err := m.Decode(b[5:]); err != nil || m.Message != `a\x00Mb` || m.Detail != `c\x00\x00` || m.Hint != "d?" || m.Code != "XX000" {
		t.Errorf("%+v, %v", m, err)
	}
}

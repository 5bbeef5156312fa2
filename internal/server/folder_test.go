package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/api/door"
)

// TestForeignFolderIsRefused gives a folder with somebody's files: nothing is written in it.
// What an interrupted first start leaves is taken.
func TestForeignFolderIsRefused(t *testing.T) {
	data := t.TempDir()
	for _, name := range []string{"report.txt", "b", "c", "d"} {
		if err := os.WriteFile(filepath.Join(data, name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(t.Context(), options(data))
	if err == nil || !strings.Contains(err.Error(), "is no data directory of Penstock and is not empty (b, c, d and 1 more)") {
		t.Errorf("a foreign folder: %v", err)
	}
	if entries, err := os.ReadDir(data); err != nil || len(entries) != 4 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	cut := t.TempDir()
	for _, name := range born {
		if err := os.WriteFile(filepath.Join(cut, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Remove(filepath.Join(cut, formatName))
	os.Remove(filepath.Join(cut, accountName))
	if err := open(t, cut).Close(); err != nil {
		t.Error(err)
	}
	fresh := filepath.Join(t.TempDir(), "a", "b")
	if err := open(t, fresh).Close(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(fresh); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("a new folder has %v, %v", info.Mode(), err)
	}
}

// TestFailedFirstStartFixesNothing starts with a port that is taken, or a certificate that is not there: no folder is made, and the next
// start chooses its account.
func TestFailedFirstStartFixesNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := filepath.Join(t.TempDir(), "data")
	for want, change := range map[string]func(*Options){
		"choose another port with --listen":           func(o *Options) { o.HTTP = taken.Addr().String() },
		"choose another port with --warehouse-listen": func(o *Options) { o.Warehouse = taken.Addr().String() },
		"no such file or directory":                   func(o *Options) { o.TLSCert, o.TLSKey = data+"/no.crt", data+"/no.key" },
	} {
		o := options(data)
		o.Account = "111122223333"
		change(&o)
		if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if entries, err := os.ReadDir(data); !os.IsNotExist(err) {
			t.Errorf("%s: the folder holds %v", want, entries)
		}
	}
	o := options(data)
	o.Account = "444455556666"
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o.HTTP = s.listener.Addr().String()
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrInUse) {
		t.Errorf("a second server of the directory, on the same port: %v", err)
	}
}

// TestNothingLiesInADataDirectory makes no data directory inside of another.
func TestNothingLiesInADataDirectory(t *testing.T) {
	data := t.TempDir()
	if err := open(t, data).Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".penstock", "blobs/new/.penstock"} {
		_, err := Open(t.Context(), options(filepath.Join(data, name)))
		if err == nil || !strings.Contains(err.Error(), "lies in a data directory") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(data, name)); !os.IsNotExist(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Outside(data); err == nil || !strings.Contains(err.Error(), "is a data directory") {
		t.Error(err)
	}
	if err := Outside(filepath.Dir(data)); err != nil {
		t.Error(err)
	}
}

// TestOpenSecretsAreRefused has credentials that others may read: the error names what mends it.
func TestOpenSecretsAreRefused(t *testing.T) {
	data := t.TempDir()
	if err := open(t, data).Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(data, credentialsName)
	for _, mode := range []os.FileMode{0o644, 0o660, 0o604} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), options(data))
		if err == nil || !strings.Contains(err.Error(), "chmod 600 "+name) || !strings.Contains(err.Error(), fmt.Sprintf("mode %04o", mode)) {
			t.Errorf("%v: %v", mode, err)
		}
		if _, err := ReadCredentials(data); err == nil {
			t.Errorf("%v: a client reads them", mode)
		}
	}
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(t, data).Close(); err != nil {
		t.Error(err)
	}
}

// TestTricklingIsCutOff sends requests that stand still at some point.
func TestTricklingIsCutOff(t *testing.T) {
	o := options(t.TempDir())
	o.Pace = door.Pace{Window: 100 * time.Millisecond, Bytes: 4}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.http.Handler = door.Paced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d bytes, %v", len(b), err)
	}), o.Pace, o.Clock.Now)
	go s.http.Serve(s.listener)
	defer s.http.Close()
	for _, c := range []struct {
		name, sends, want string
	}{
		{"a header that stops", "PUT /b/k HTTP/1.1\r\nHost: x\r\n", ""},
		{"a body that stops", "PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
			"3 bytes, RequestTimeout: Your socket connection to the server was not read from"},
		{"no byte of the body", "PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", "0 bytes, RequestTimeout"},
		{"a whole body", "PUT /b/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", "3 bytes, <nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, c.sends)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if c.want == "" {
				if err == nil {
					t.Errorf("answered %v", res.Status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			if !strings.HasPrefix(string(b), c.want) {
				t.Errorf("got %q, want %q", b, c.want)
			}
			if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
				t.Errorf("the connection goes on: %q, %v", rest, err)
			}
		})
	}
}

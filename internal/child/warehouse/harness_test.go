package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/pgwire"
)

// parent stands for the control process: one user, and buckets that are folders.
type parent struct {
	buckets string
	users   map[string]string
}

func (p *parent) Call(_ context.Context, path string, in, out any) error {
	switch q := in.(type) {
	case calls.Secret:
		s, ok := p.users[q.User]
		return give(out, calls.SecretAnswer{OK: ok, Secret: s})
	case calls.User:
		if q.Action == "drop" {
			delete(p.users, q.Name)
		} else {
			p.users[q.Name] = q.Secret
		}
		return give(out, calls.UserAnswer{})
	case calls.None:
		var all calls.Users
		for i, name := range slices.Sorted(maps.Keys(p.users)) {
			all.Users = append(all.Users, calls.ListedUser{Name: name, ID: 100 + int64(i), Super: name == "admin"})
		}
		return give(out, all)
	case calls.Resolve:
		r, err := p.resolve(q)
		if err != nil {
			return err
		}
		return give(out, r)
	}
	return fmt.Errorf("unexpected call of %s with %T", path, in)
}

func give(out, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, out)
}

func (p *parent) resolve(q calls.Resolve) (calls.Resolved, error) {
	var r calls.Resolved
	dir := filepath.Join(p.buckets, q.Bucket)
	if _, err := os.Stat(dir); err != nil {
		return r, fmt.Errorf("the bucket does not exist")
	}
	return r, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		key := filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator)))
		wanted := q.Keys == nil && strings.HasPrefix(key, q.Prefix)
		for _, k := range q.Keys {
			wanted = wanted || k == key
		}
		if wanted {
			r.Objects = append(r.Objects, calls.Object{Key: key, Size: info.Size(), Path: path})
		}
		return nil
	})
}

// start runs a warehouse in this process over the files of dir, and returns it with its address.
func start(t testing.TB, dir, buckets string) (*process, string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &parent{buckets: buckets, users: map[string]string{"admin": pgwire.MD5Secret("admin", "pw")}}
	w, err := open(ctx, settings{scratch: t.TempDir(), dir: dir, blobs: buckets, databases: "dev", memory: 512 << 20, threads: 2}, p,
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.server.Serve(ctx, ln)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		w.store.Close()
	})
	return w, ln.Addr().String()
}

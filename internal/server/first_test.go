package server

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"penstock/internal/blob"
	"penstock/internal/vfs"
)

// A firstStart is what the steps of a start find, or make in a new data directory.
type firstStart struct {
	account string
	creds   Credentials
}

// begin takes these steps over files, as Open does; it does not flush.
func begin(files vfs.FS, o Options) (f firstStart, err error) {
	if f.account, err = identify(files, o); err != nil {
		return f, err
	}
	if err = errors.Join(vfs.MkdirAll(files, o.Data+"/meta"), vfs.MkdirAll(files, o.Data+"/blobs")); err != nil {
		return f, err
	}
	if f.creds, err = credentialsIn(files, o.Data); err != nil {
		return f, err
	}
	if _, _, err = openCerts(o, files); err != nil {
		return f, err
	}
	_, err = blob.Open(files, filepath.Join(o.Data, "blobs"))
	return f, err
}

// credentialsIn is credentials for files that are not on the machine's disk.
func credentialsIn(files vfs.FS, data string) (Credentials, error) {
	if _, err := files.Stat(filepath.Join(data, credentialsName)); err == nil {
		return Credentials{AccessKeyID: "there"}, nil
	}
	return credentials(files, data)
}

// TestFirstStartSurvivesEveryCrash cuts the power after each step of a first start, with none, all and some of the names that were not
// synced: the next start takes what it finds, and what was complete stays.
func TestFirstStartSurvivesEveryCrash(t *testing.T) {
	o := options("/data")
	o.Account, o.HTTP, o.Warehouse = "123456789012", "127.0.0.1:0", "127.0.0.1:0"
	dice := rand.New(rand.NewPCG(1, 2))
	keep := []func(string) bool{nil, func(string) bool { return true }}
	for range 6 {
		keep = append(keep, func(string) bool { return dice.IntN(2) == 0 })
	}
	m := vfs.NewMem()
	if err := vfs.MkdirAll(m, o.Data); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var cuts []*vfs.Mem
	m.Observe(func(vfs.Op) {
		mu.Lock()
		defer mu.Unlock()
		for _, k := range keep {
			cuts = append(cuts, m.CrashClone(vfs.Crash{Entry: k, Bytes: func(_ string, n int) int { return dice.IntN(n + 1) }}))
		}
	})
	files := vfs.NewLater(m)
	if _, err := begin(files, o); err != nil {
		t.Fatal(err)
	}
	if err := files.Flush(); err != nil {
		t.Fatal(err)
	}
	m.Observe(nil)
	for i, after := range cuts {
		entries, err := after.ReadDir(o.Data)
		if err != nil {
			t.Fatal(err)
		}
		named := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == formatName })
		for _, e := range entries {
			if !named && !slices.Contains(born, e.Name()) {
				t.Errorf("cut %d: %s is there before the folder says whose it is", i, e.Name())
			}
		}
		if f, err := begin(vfs.NewLater(after), o); err != nil || f.account != o.Account {
			t.Fatalf("cut %d: the next start finds account %q, %v", i, f.account, err)
		}
	}
	if len(cuts) < 200 {
		t.Errorf("%d cuts", len(cuts))
	}
	done := m.CrashClone(vfs.Crash{})
	if f, err := begin(vfs.NewLater(done), o); err != nil || f.creds.AccessKeyID != "there" {
		t.Errorf("after the start is complete, the next has %+v, %v", f, err)
	}
	for _, name := range []string{"tls/ca.key", "tls/ca.crt", "tls/server.pem", "blobs/FORMAT", "ACCOUNT", "FORMAT"} {
		if _, err := done.Stat(filepath.Join(o.Data, name)); err != nil {
			t.Errorf("%s is not durable: %v", name, err)
		}
	}
}

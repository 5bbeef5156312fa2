package crawl

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/catalog"
)

// many puts n tiny objects into 100 folders. They share their bytes, which are stored once: a million of them take half a minute.
func (s *site) many(n int) {
	s.t.Helper()
	s.put("raw", "seed", []byte("id,v\n1,2\n2,3\n"))
	must(s.t, s.d.Meta.Update(s.ctx, func(tx *metaTx) error {
		_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
			INSERT INTO object_current (bucket, key, seq, version, marker, size, etag, modified, blob, attrs)
			SELECT bucket, printf('big/p=%02d/f%07d.csv', i % 100, i), seq, version, marker, size, etag, modified, blob, attrs
			FROM object_current, n WHERE key = 'seed'`, n)
		return err
	}))
}

// crawlMany crawls the folder that many has filled, in this process, and prints how much memory that took at most, in KB.
func crawlMany(dir string) {
	ctx := context.Background()
	err := func() error {
		_, w, err := bare(ctx, dir, nil)
		if err != nil {
			return err
		}
		go func() { _ = w.Run(ctx) }()
		if _, err := w.Start(ctx, "cr"); err != nil {
			return err
		}
		c, err := w.Wait(ctx, "cr")
		if err != nil {
			return err
		}
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		fmt.Println(c.Last.State, c.Last.Summary.Files, c.Last.Summary.TablesAdded, c.Last.Summary.PartitionsAdded, strings.Fields(rest)[0])
		return nil
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(0)
}

// peak is the most memory, in KB, that the crawl of n objects takes in a process of its own.
func peak(t *testing.T, n int) int {
	dir := t.TempDir()
	s := open(t, dir)
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
	s.many(n)
	s.create(Crawler{Name: "cr", Role: "r", Database: "db", Targets: []Target{{Path: "s3://raw/big/"}}})
	s.stop()
	cmd := exec.Command(os.Args[0], "many", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var files, tables, partitions, kb int
	var state string
	if _, err := fmt.Sscan(string(out), &state, &files, &tables, &partitions, &kb); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if state != CrawlCompleted || files != n || tables != 1 || partitions != 100 {
		t.Fatalf("%s", out)
	}
	return kb
}

// TestMemoryIsFlat: the number of objects does not matter. PENSTOCK_CRAWL_OBJECTS is how many there are, 50,000 if it is not set.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("there is no /proc to measure with")
	}
	n := 50_000
	if text := os.Getenv("PENSTOCK_CRAWL_OBJECTS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		must(t, err)
	}
	few, all := peak(t, 1000), peak(t, n)
	t.Logf("1,000 objects: %d KB, %d objects: %d KB", few, n, all)
	if all > few+32<<10 { // of each folder, 1,000 names are kept
		t.Errorf("a crawl of %d objects takes %d KB, one of 1,000 takes %d KB", n, all, few)
	}
}

// Command sniff measures how many files a second of CPU recognises: what crawlers do with a file (package classify), beside DuckDB's
// sniff_csv with the DuckDB that Penstock links, on the same files in one process: go run ./test/bench/sniff DIR [ROUNDS].
// The files are taken as they are, and once more unpacked.
package main

import (
	"compress/gzip"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"penstock/internal/classify"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: sniff DIR [ROUNDS]")
		os.Exit(2)
	}
	rounds := 5
	if len(os.Args) > 2 {
		n, err := strconv.Atoi(os.Args[2])
		if err != nil || n < 1 {
			fmt.Fprintln(os.Stderr, "ROUNDS is a number of rounds")
			os.Exit(2)
		}
		rounds = n
	}
	if err := run(os.Args[1], rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string, rounds int) error {
	packed, err := files(dir)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "sniff")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	plain, err := unpack(packed, temp)
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", "?threads=1")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for name, list := range map[string][]string{"as they are": packed, "unpacked": plain} {
		var ratios, ours, theirs, short []float64
		for range rounds {
			a, err := measure(list, classified())
			if err != nil {
				return err
			}
			b, err := measure(list, sniffed(db, ""))
			if err != nil {
				return err
			}
			c, err := measure(list, sniffed(db, ", sample_size=1000"))
			if err != nil {
				return err
			}
			ours, theirs, short, ratios = append(ours, a), append(theirs, b), append(short, c), append(ratios, a/b)
		}
		fmt.Printf("%d files %s, a CPU-second: classify %s, sniff_csv %s (of 1,000 rows %s), ratio %s\n", len(list), name, spread(ours),
			spread(theirs), spread(short), spread(ratios))
	}
	return nil
}

// spread is the least, the middle and the most.
func spread(v []float64) string {
	slices.Sort(v)
	return fmt.Sprintf("%.1f/%.1f/%.1f", v[0], v[len(v)/2], v[len(v)-1])
}

// measure is how many files a CPU-second takes.
func measure(list []string, fn func(path string) error) (float64, error) {
	begun := cpu()
	for _, path := range list {
		if err := fn(path); err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	return float64(len(list)) / (cpu() - begun).Seconds(), nil
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func classified() func(string) error {
	var r classify.Reader
	return func(path string) error {
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return err
		}
		s, err := r.Read(&classify.File{URL: path, Name: filepath.Base(path), Size: info.Size(), Src: in})
		if err == nil && s.Form.Class != classify.CSV {
			err = fmt.Errorf("no CSV: %s", s.Note)
		}
		return err
	}
}

func sniffed(db *sql.DB, options string) func(string) error {
	return func(path string) error {
		var columns string
		at := strings.ReplaceAll(path, "'", "''")
		return db.QueryRow("SELECT CAST(Columns AS VARCHAR) FROM sniff_csv('" + at + "'" + options + ")").Scan(&columns)
	}
}

func files(dir string) (list []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(d.Name(), ".csv") {
			list = append(list, path)
		}
		return err
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("no CSV below %s", dir)
	}
	return list, err
}

func unpack(packed []string, dir string) (list []string, err error) {
	for i, path := range packed {
		in, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		var src io.Reader = in
		if strings.HasSuffix(path, ".gz") {
			if src, err = gzip.NewReader(in); err != nil {
				return nil, err
			}
		}
		name := filepath.Join(dir, strconv.Itoa(i)+".csv")
		out, err := os.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(out, src); err != nil {
			return nil, err
		}
		if err := out.Close(); err != nil {
			return nil, err
		}
		if err := in.Close(); err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	return list, nil
}

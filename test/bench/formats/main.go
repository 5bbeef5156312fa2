// Command formats measures how much processor time it takes to make typed Parquet of text, by the readers and the writer of the formats and
// by the engine, DuckDB: the same files and types, in one process and in turn, one thread each. The engine reads both results back and
// compares them row by row.
//
//	go run ./test/bench/formats [ROWS] [ROUNDS]
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"penstock/internal/engine"
)

func main() {
	if err := run(context.Background(), number(1, 500_000), number(2, 5)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(i, otherwise int) int {
	if i >= len(os.Args) {
		return otherwise
	}
	n, err := strconv.Atoi(os.Args[i])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return n
}

func run(ctx context.Context, rows, rounds int) error {
	dir, err := os.MkdirTemp("", "penstock-formats-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, err := engine.Open(ctx, engine.Options{Threads: 1, MemoryLimit: 2 << 30, TempDir: filepath.Join(dir, "spill"),
		AllowedDirs: []string{dir}})
	if err != nil {
		return err
	}
	defer e.Close()
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Printf("%d rows, %d rounds, medians; MB of text to a CPU second\n", rows, rounds)
	for _, s := range shapes {
		if err := compare(ctx, c, dir, s, rows, rounds); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func compare(ctx context.Context, c *engine.Conn, dir string, s shape, rows, rounds int) error {
	text := filepath.Join(dir, s.name)
	size, err := s.generate(text, rows)
	if err != nil {
		return err
	}
	sides := []func() error{
		func() error { return ours(s, text, text+".ours.parquet") },
		func() error { return theirs(ctx, c, s, text, text+".theirs.parquet") },
	}
	took := make([][]time.Duration, len(sides))
	for range rounds {
		for i, f := range sides {
			before := used()
			if err := f(); err != nil {
				return err
			}
			took[i] = append(took[i], used()-before)
		}
	}
	if err := equal(ctx, c, text+".ours.parquet", text+".theirs.parquet", rows); err != nil {
		return err
	}
	var rate [2]float64
	for i := range took {
		slices.Sort(took[i])
		rate[i] = float64(size) / 1e6 / took[i][rounds/2].Seconds()
	}
	fmt.Printf("%-14s %4d MB  Penstock %6.1f  DuckDB %6.1f  ratio %.2f   files %.1f and %.1f MB\n", s.name, size>>20, rate[0], rate[1],
		rate[0]/rate[1], megabytes(text+".ours.parquet"), megabytes(text+".theirs.parquet"))
	return nil
}

func megabytes(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.Size()) / 1e6
}

// used is the processor time of the process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// equal has the engine compare two files of as many rows, with their multiplicities.
func equal(ctx context.Context, c *engine.Conn, a, b string, rows int) error {
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		n, err := count(ctx, c, fmt.Sprintf("SELECT count(*) FROM (FROM read_parquet(%s) EXCEPT ALL FROM read_parquet(%s))",
			engine.Literal(pair[0]), engine.Literal(pair[1])))
		if err != nil {
			return err
		}
		if n != 0 {
			return fmt.Errorf("%d rows of %s are not in %s", n, pair[0], pair[1])
		}
	}
	n, err := count(ctx, c, "SELECT count(*) FROM read_parquet("+engine.Literal(a)+")")
	if err == nil && n != rows {
		err = fmt.Errorf("%d rows, not %d", n, rows)
	}
	return err
}

func count(ctx context.Context, c *engine.Conn, sql string) (int, error) {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	chunk, err := rows.Next(ctx)
	if err != nil || chunk == nil {
		return 0, fmt.Errorf("no answer: %w", err)
	}
	return strconv.Atoi(string(chunk.Column(0).AppendText(nil, 0)))
}

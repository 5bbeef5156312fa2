// Command shapes measures the warehouse over the wire against the engine that it is made of, in one process, with the same rows: 22
// questions of the usual shapes (shapes.sql), asked of both in turn, round by round, with the same answers.
//
//	go run ./test/bench/shapes BINARY [ORDERS] [ROUNDS]
package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

//go:embed data.sql
var dataText string

//go:embed tables.sql
var tablesText string

//go:embed shapes.sql
var shapesText string

var tables = strings.Fields("region nation supplier customer part partsupp orders lineitem")

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: shapes BINARY [ORDERS] [ROUNDS]")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], number(2, 300_000), number(3, 7)); err != nil {
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

// side is one of the two that are compared.
type side interface {
	// ask runs a question to its last row and gives the rows as text.
	ask(ctx context.Context, sql string) ([]string, error)
}

func run(ctx context.Context, binary string, orders, rounds int) error {
	dir, err := os.MkdirTemp("", "penstock-shapes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := generate(ctx, dir, orders); err != nil {
		return fmt.Errorf("make the rows: %w", err)
	}
	plain, err := openPlain(ctx, dir)
	if err != nil {
		return fmt.Errorf("plain engine: %w", err)
	}
	wire, stop, err := openWire(ctx, binary, dir)
	defer stop()
	if err != nil {
		return fmt.Errorf("warehouse: %w", err)
	}
	return compare(ctx, plain, wire, rounds)
}

// compare asks both all questions, in turn, and prints the best times.
func compare(ctx context.Context, plain, wire side, rounds int) error {
	names, questions := shapes()
	best := make([][2]time.Duration, len(names))
	for round := range rounds {
		for i, q := range questions {
			var rows [2][]string
			for k := range 2 { // who is first changes, for the caches' sake
				which := (k + round) % 2
				s := []side{plain, wire}[which]
				began := time.Now()
				r, err := s.ask(ctx, q)
				took := time.Since(began)
				if err != nil {
					return fmt.Errorf("%s: %w", names[i], err)
				}
				rows[which] = r
				if best[i][which] == 0 || took < best[i][which] {
					best[i][which] = took
				}
			}
			if a, b := strings.Join(rows[0], "\n"), strings.Join(rows[1], "\n"); a != b {
				return fmt.Errorf("%s: the answers differ\n%.300s\n--\n%.300s", names[i], a, b)
			}
		}
	}
	var sum [2]time.Duration
	for i, n := range names {
		fmt.Printf("%s  plain %7.1f ms  wire %7.1f ms  %.2f\n", n, ms(best[i][0]), ms(best[i][1]), ms(best[i][1])/ms(best[i][0]))
		sum[0], sum[1] = sum[0]+best[i][0], sum[1]+best[i][1]
	}
	fmt.Printf("all  plain %7.1f ms  wire %7.1f ms  ratio %.3f (best of %d)\n", ms(sum[0]), ms(sum[1]), ms(sum[1])/ms(sum[0]), rounds)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// shapes divides shapes.sql at its "-- qNN:" lines.
func shapes() (names, questions []string) {
	for _, part := range strings.Split(shapesText, "\n-- q")[1:] {
		head, sql, _ := strings.Cut(part, "\n")
		name, _, _ := strings.Cut(head, ":")
		names = append(names, "q"+name)
		questions = append(questions, strings.TrimSuffix(strings.TrimSpace(sql), ";"))
	}
	return names, questions
}

// statements divides a text at its semicolons, without the comment lines.
func statements(text string) []string {
	var plain []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "--") {
			plain = append(plain, line)
		}
	}
	var out []string
	for _, s := range strings.Split(strings.Join(plain, "\n"), ";") {
		if strings.TrimSpace(s) != "" {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}

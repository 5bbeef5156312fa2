package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"penstock/internal/engine"
)

// Both sides have what the warehouse gives its engine.
const (
	threads = 2
	memory  = 768 << 20
)

// generate writes DIR/TABLE.parquet.
func generate(ctx context.Context, dir string, orders int) error {
	e, err := engine.Open(ctx, engine.Options{Threads: threads, MemoryLimit: 4 << 30, TempDir: filepath.Join(dir, "spill"),
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
	text := append(statements(strings.ReplaceAll(dataText, "$N", strconv.Itoa(orders))), statements(tablesText)...)
	for _, t := range tables {
		text = append(text, "INSERT INTO "+t+" SELECT * FROM made."+t,
			"COPY "+t+" TO "+engine.Literal(filepath.Join(dir, t+".parquet"))+" (FORMAT parquet)")
	}
	for _, s := range text {
		if _, err := c.Exec(ctx, s); err != nil {
			return fmt.Errorf("%w\n%s", err, s)
		}
	}
	return nil
}

// plain is the engine in this process.
type plain struct{ c *engine.Conn }

func openPlain(ctx context.Context, dir string) (*plain, error) {
	e, err := engine.Open(ctx, engine.Options{Path: filepath.Join(dir, "plain.duckdb"), Threads: threads, MemoryLimit: memory,
		TempDir: filepath.Join(dir, "plain-spill"), AllowedDirs: []string{dir}})
	if err != nil {
		return nil, err
	}
	c, err := e.Conn(ctx)
	if err != nil {
		return nil, err
	}
	text := statements(tablesText)
	for _, t := range tables {
		text = append(text, "INSERT INTO "+t+" SELECT * FROM read_parquet("+engine.Literal(filepath.Join(dir, t+".parquet"))+")")
	}
	for _, s := range append(text, "CHECKPOINT") {
		if _, err := c.Exec(ctx, s); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, s)
		}
	}
	return &plain{c}, nil
}

func (p *plain) ask(ctx context.Context, sql string) ([]string, error) {
	rows, err := p.c.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	n := len(rows.Columns())
	for {
		chunk, err := rows.Next(ctx)
		if err != nil || chunk == nil {
			return out, err
		}
		for r := range chunk.Size() {
			var line []byte
			for i := range n {
				if i > 0 {
					line = append(line, '|')
				}
				if v := chunk.Column(i); !v.IsNull(r) {
					line = v.AppendText(line, r)
				}
			}
			out = append(out, string(line))
		}
	}
}

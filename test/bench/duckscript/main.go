// Command duckscript runs retail.sql, the plain DuckDB script that "penstock run" is measured against, with the DuckDB that Penstock
// links: go run ./test/bench/duckscript INPUT OUT.
package main

import (
	"database/sql"
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
)

//go:embed retail.sql
var script string

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: duckscript INPUT OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(input, out string) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	script = strings.NewReplacer("$INPUT", input, "$OUT", out).Replace(script)
	before, after, _ := strings.Cut(script, "-- fsync\n")
	if err := statements(db, before); err != nil {
		return err
	}
	if err := syncAll(out); err != nil {
		return err
	}
	return statements(db, after)
}

// statements runs a text of statements and prints what each gives, with spaces between the columns.
func statements(db *sql.DB, text string) error {
	var plain []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "--") {
			plain = append(plain, line)
		}
	}
	for _, s := range strings.Split(strings.Join(plain, "\n"), ";") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if err := statement(db, s); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(s), err)
		}
	}
	return nil
}

func statement(db *sql.DB, text string) error {
	rows, err := db.Query(text)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		for i, v := range values {
			values[i] = *v.(*any)
		}
		if len(values) > 1 {
			fmt.Println(values...)
		}
	}
	return rows.Err()
}

// syncAll fsyncs every file and folder below dir.
func syncAll(dir string) error {
	return filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Sync()
	})
}

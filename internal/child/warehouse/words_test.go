package warehouse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/testcorpus"
)

// foreign are words of the engine, of the text made for it, and of Go, that no client may read.
var foreign = regexp.MustCompile(`(?i)duckdb|candidate|explicit type cast|argument types '|SET ` +
	`\w+=|\b(u?huge|tiny|ubig)int\b|\bu?int(8|16|32|64|128)\b|\bbignum\b|_literal\b|penstock_fn|` +
	`strptime|strftime|specifier|%[YmdHMS]\b|destination type|source column|unimplemented|LINE ` +
	`\d+:|json_object|\blist_\w+|struct_\w+|epoch_|typed tree|was planned as|` +
	`\*?(syntax|typed|engine|pgwire|store|bind)\.[A-Z]|%!|nil ` +
	`pointer|runtime error|0x[0-9a-f]{6}|(binder|catalog|conversion|parser|internal|invalid input|out of range) ` +
	`error:|memory_limit|temp_directory|"?main"?\.|\.go:\d`)

// known are texts that hold such a word for a reason.
var known = regexp.MustCompile(`^Internal error in \w+: the log of the warehouse has the reason$`)

// statements of the corpora: what others wrote for Redshift, what this project's own tests say, and what once showed the engine's words.
func corpus(t *testing.T) []string {
	var all []string
	dir := filepath.Join(testcorpus.Dir(t), "conformance", "redshift")
	for _, name := range []string{"documented-queries.jsonl", "sqlglot-pairs.jsonl", "statements.jsonl"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
			var c struct {
				Setup         []string
				SQL, Redshift string
			}
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				t.Fatal(err)
			}
			all = append(append(all, c.Setup...), c.SQL+c.Redshift)
		}
	}
	own, err := filepath.Glob("../../sql/sqltest/testdata/redshift/*.test")
	if err != nil || len(own) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range append(own, "testdata/words.sql") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range regexp.MustCompile(`;\n|\n\n|\n----`).Split(string(b), -1) {
			all = append(all, strings.TrimSpace(part))
		}
	}
	return all
}

// TestNoForeignWords runs every statement of the corpora on the wire and in the Data API, most of which fail: what they answer is read
// for words that are not SQL's.
func TestNoForeignWords(t *testing.T) {
	w, addr := start(t, t.TempDir(), bucketsFolder(t))
	wire := dial(t, addr)
	failures, unexplained := 0, map[string]string{}
	for _, sql := range corpus(t) {
		if sql == "" || strings.Contains(sql, "\x00") {
			continue
		}
		_, err := wire.c.Exec(context.Background(), sql).ReadAll()
		var pe *pgconn.PgError
		if errors.As(err, &pe) {
			failures++
			for _, text := range []string{pe.Message, pe.Detail, pe.Hint} {
				check(t, sql, text)
			}
			if strings.HasPrefix(pe.Message, "Internal error") {
				unexplained[sql] = pe.Message
			}
		} else if err != nil {
			t.Fatalf("%s\nended the session: %v", sql, err)
		}
		for _, n := range wire.notices {
			check(t, sql, n)
		}
		wire.notices = nil
		check(t, sql, dataAPI(t, w, sql))
		wire.c.Exec(context.Background(), "ROLLBACK; RESET ALL; SET search_path TO public").ReadAll()
	}
	t.Logf("%d statements failed", failures)
	if failures < 100 {
		t.Errorf("only %d statements failed: the test sees no errors", failures)
	}
	for sql, text := range unexplained {
		t.Logf("%s\n%s", sql, text)
	}
	if len(unexplained) > maxUnexplained {
		t.Errorf("%d errors say nothing, at most %d did", len(unexplained), maxUnexplained)
	}
}

// maxUnexplained is how many statements of the corpora may end in an error of the general text. It only goes down.
const maxUnexplained = 0

func check(t *testing.T, sql, text string) {
	t.Helper()
	for _, v := range regexp.MustCompile(`'[^']*'|"[^"]*"`).FindAllString(text, -1) { // what it quotes is the statement's own
		if inner := v[1 : len(v)-1]; inner != "" && strings.Contains(strings.ToLower(sql), strings.ToLower(inner)) {
			text = strings.ReplaceAll(text, v, "_")
		}
	}
	if m := foreign.FindString(text); m != "" && !known.MatchString(text) {
		t.Errorf("%s\nshows %q: %s", sql, m, text)
	}
}

// dataAPI is the error of a Data API statement.
func dataAPI(t *testing.T, p *process, sql string) string {
	body, err := json.Marshal(calls.Execute{ID: "x", Database: "dev", User: "admin", SQLs: []calls.Statement{{ID: "x", SQL: sql}}})
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	p.serveExecute(rec, httptest.NewRequest("POST", "/execute", bytes.NewReader(body)))
	for _, line := range strings.Split(rec.Body.String(), "\n") {
		var ev calls.Event
		if json.Unmarshal([]byte(line), &ev) == nil && ev.End != nil {
			return strings.TrimPrefix(ev.End.Error, "ERROR: ")
		}
	}
	return ""
}

// TestForeignWordsAreSeen: the pattern finds what the engine says.
func TestForeignWordsAreSeen(t *testing.T) {
	for _, text := range []string{"No function matches the given name and argument types 'quarter(TIME)'.", "Candidate functions:",
		"Overflow in multiplication of INT32 (2147483647 * 2)!", `Could not convert string "" to HUGEINT`,
		`according to format specifier "%Y-%m-%d"`, "expected *syntax.Query", "column a was planned as int, the engine gives INT128",
		`Use "SET scalar_subquery_error_on_multiple_rows=false"`, "runtime error: index out of range"} {
		if !foreign.MatchString(text) {
			t.Errorf("not seen: %s", text)
		}
	}
}

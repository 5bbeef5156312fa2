package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"penstock/internal/api"
	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/meta"
)

// TestMain is also the warehouse that the server starts here: one whose statements never end.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		os.Exit(endless())
	}
	goleak.VerifyTestMain(m)
}

func endless() int {
	ctx := context.Background()
	in, err := child.Enter(ctx, 1)
	if err != nil {
		return 1
	}
	mux := http.NewServeMux()
	mux.HandleFunc(calls.PathExecute, func(w http.ResponseWriter, r *http.Request) {
		var x calls.Execute
		if err := json.NewDecoder(r.Body).Decode(&x); err != nil || !x.Ledger { // the service's own questions
			child.WriteError(w, errors.New("nothing can be asked here"))
			return
		}
		<-r.Context().Done()
	})
	mux.Handle(calls.PathCancel, child.Handle(func(context.Context, *calls.Cancel) (*calls.CancelAnswer, error) {
		return &calls.CancelAnswer{Running: true}, nil
	}))
	if err := in.Serve(ctx, mux); err != nil {
		return 1
	}
	return 0
}

// A walk calls operations of a server with tokens.
type walk struct {
	*Server
	t    *testing.T
	ctx  context.Context
	vars map[string]string
	cut  bool // fail a call after its operation has answered: what a kill before the commit leaves behind
	n    int
}

var errCut = errors.New("cut")

// TestTokens calls every operation of every service, in the order of testdata/calls.test. One that changes something is called with a
// token three times: cut off after it has answered, which must leave nothing behind; whole; and again, which must give the first answer
// and change nothing. One that only reads must change nothing.
func TestTokens(t *testing.T) {
	w := newWalk(t)
	text, err := os.ReadFile("testdata/calls.test")
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		mark := ' '
		if strings.ContainsRune("!~", rune(line[0])) {
			mark, line = rune(line[0]), line[2:]
		}
		service, rest, _ := strings.Cut(line, " ")
		name, in, _ := strings.Cut(rest, " ")
		op, err := w.table.Op(service, name)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		done[service+"."+name] = true
		where := fmt.Sprintf("line %d, %s.%s", i+1, service, name)
		if changing, _ := op.Effect(); changing {
			w.change(where, service, name, w.fill(in), mark == '~')
		} else {
			w.read(where, service, name, w.fill(in), mark == '!')
		}
	}
	for _, s := range w.table.Services() {
		for _, op := range s.Ops {
			if _, known := op.Effect(); !known {
				t.Errorf("%s.%s: neither its name nor api.Reads or api.Changes says whether it changes something", s.Name, op.Name)
			}
			if !done[s.Name+"."+op.Name] {
				t.Errorf("%s.%s is not in testdata/calls.test", s.Name, op.Name)
			}
		}
	}
}

func newWalk(t *testing.T) *walk {
	s := open(t, t.TempDir())
	ctx, stop := context.WithCancel(api.WithPrincipal(t.Context(), s.root()))
	w := &walk{Server: s, t: t, ctx: ctx, vars: map[string]string{"Now": strconv.FormatInt(time.Now().UnixMilli(), 10)}}
	inner := s.table.Once
	s.table.Once = func(ctx context.Context, token, service, op string, request []byte,
		do func(context.Context) ([]byte, error)) ([]byte, bool, error) {
		return inner(ctx, token, service, op, request, func(ctx context.Context) ([]byte, error) {
			answer, err := do(ctx)
			if err == nil && w.cut {
				err = errCut
			}
			return answer, err
		})
	}
	loops := &errgroup.Group{} // of the services that wait for their own work; the others only change what the calls have changed
	for _, m := range s.modules {
		if slices.Contains([]string{"states", "cloudformation", "warehouses"}, m.Label()) {
			loops.Go(func() error { return m.Run(ctx) })
		}
	}
	t.Cleanup(func() {
		stop()
		loops.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *walk) call(service, op, in string) (string, error) {
	out, err := w.table.Invoke(api.WithToken(w.ctx, fmt.Sprintf("walk#%d", w.n)), service, op, json.RawMessage(in))
	if err != nil {
		return "", err
	}
	return string(out.(json.RawMessage)), nil
}

func (w *walk) change(where, service, op, in string, elsewhere bool) {
	w.t.Helper()
	w.n++
	before := w.dump()
	w.cut = true
	_, err := w.call(service, op, in)
	w.cut = false
	var e *api.Error
	if !errors.As(err, &e) || !errors.Is(e.Err, errCut) {
		w.t.Fatalf("%s: cut off after its answer: %v", where, err)
	}
	if after := w.dump(); after != before && !elsewhere {
		w.t.Errorf("%s: what a call leaves behind that was cut off: %s", where, difference(before, after))
	}
	first, err := w.call(service, op, in)
	if err != nil {
		w.t.Fatalf("%s: after the cut: %v", where, err)
	}
	changed := w.dump()
	if changed == before && !elsewhere {
		w.t.Errorf("%s changes nothing", where)
	}
	again, err := w.call(service, op, in)
	if err != nil || again != first {
		w.t.Errorf("%s: the repeat answers %s, %v; the first was %s", where, again, err, first)
	}
	if twice := w.dump(); twice != changed {
		w.t.Errorf("%s: the repeat changes %s", where, difference(changed, twice))
	}
	w.keep(first)
}

func (w *walk) read(where, service, op, in string, mayFail bool) {
	w.t.Helper()
	before := w.dump()
	out, err := w.call(service, op, in)
	if err != nil && !mayFail {
		w.t.Errorf("%s: %v", where, err)
	}
	if after := w.dump(); after != before {
		w.t.Errorf("%s reads and changes %s", where, difference(before, after))
	}
	w.keep(out)
}

var variable = regexp.MustCompile(`\$[A-Za-z]+`)

// fill puts values in the place of variables.
func (w *walk) fill(in string) string {
	return variable.ReplaceAllStringFunc(in, func(v string) string {
		if v == "$SubscriptionToken" { // which AWS sends to the endpoint only
			w.row("SELECT token FROM sns_subscriptions LIMIT 1", &v)
			return v
		}
		if v == "$ProgramRunId" { // the newest run, as if it went on and its script had the caller's keys
			w.row("SELECT id FROM job_runs ORDER BY seq DESC LIMIT 1", &v)
			w.lend(v)
			return v
		}
		text, err := json.Marshal(w.vars[v[1:]])
		if err != nil || w.vars[v[1:]] == "" {
			w.t.Fatalf("no answer has %s yet", v)
		}
		return string(text[1 : len(text)-1])
	})
}

func (w *walk) lend(runID string) {
	w.t.Helper()
	p, _ := api.PrincipalOf(w.ctx)
	if err := w.stores.meta.Update(w.ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec(`UPDATE job_runs SET body = json_set(body, '$.state', 'RUNNING', '$.accessKey', ?) WHERE id = ?`, p.AccessKeyID, runID)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *walk) row(query string, to any) {
	w.t.Helper()
	if err := w.stores.meta.View(w.ctx, func(tx *meta.Tx) error { return tx.QueryRow(query).Scan(to) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *walk) keep(answer string) {
	var doc any
	if json.Unmarshal([]byte(answer), &doc) == nil {
		w.keepIn("", doc)
	}
}

func (w *walk) keepIn(name string, doc any) {
	switch v := doc.(type) {
	case map[string]any:
		for k, x := range v {
			w.keepIn(k, x)
		}
	case []any:
		for _, x := range v {
			w.keepIn(name, x)
		}
	case string:
		w.vars[name] = v
	}
}

// dump is everything that the server has stored: the rows of all tables, and the names of the files that hold bytes.
func (w *walk) dump() string {
	w.t.Helper()
	var b strings.Builder
	err := w.stores.meta.View(w.ctx, func(tx *meta.Tx) error {
		tables, err := column(tx,
			"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('call_answer', 'warehouse_statement', 'meta_state') ORDER BY name")
		if err != nil {
			return err
		}
		for _, table := range tables {
			if err := dumpRows(tx, &b, table, "SELECT * FROM "+table); err != nil {
				return err
			}
		}
		return dumpRows(tx, &b, "warehouse_statement", "SELECT id FROM warehouse_statement") // what runs changes the rest in its own time
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, dir := range []string{"blobs", "warehouse"} {
		err := filepath.WalkDir(filepath.Join(w.opts.Data, dir), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				b.WriteString(path + "\n")
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return b.String()
}

func column(tx *meta.Tx, query string) (out []string, err error) {
	rows, err := tx.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func dumpRows(tx *meta.Tx, b *strings.Builder, table, query string) error {
	rows, err := tx.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		fmt.Fprintf(b, "%s %q\n", table, fmt.Sprint(values...))
	}
	return rows.Err()
}

// difference shows the lines that one of two dumps has alone.
func difference(a, b string) string {
	in := func(s string) map[string]bool {
		m := map[string]bool{}
		for _, l := range strings.Split(s, "\n") {
			m[l] = true
		}
		return m
	}
	before, after := in(a), in(b)
	var out []string
	for _, l := range strings.Split(b, "\n") {
		if !before[l] {
			out = append(out, "+ "+l)
		}
	}
	for _, l := range strings.Split(a, "\n") {
		if !after[l] {
			out = append(out, "- "+l)
		}
	}
	return "\n" + strings.Join(out, "\n")
}

// Package history drives a served pipeline through random histories of landing, correcting, killing, editing, adding and dropping, and
// compares what every finished run leaves, in the lake and in the warehouse, with a model that computes the plain way.
package history

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/internal/job"
	"penstock/internal/service/states"
	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

// steps is how many things a history does.
const steps = 14

// TestHistories runs a few histories with fixed seeds; with PENSTOCK_SOAK=n it runs n times ten, each with another
// seed. PENSTOCK_SEED=n runs the one that failed.
func TestHistories(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute of runs and kills: not with -short")
	}
	seeds := []uint64{1, 2, 3}
	if n, err := strconv.Atoi(os.Getenv("PENSTOCK_SOAK")); err == nil && n > 0 {
		seeds = nil
		for range n * 10 {
			seeds = append(seeds, rand.Uint64())
		}
	}
	if n, err := strconv.ParseUint(os.Getenv("PENSTOCK_SEED"), 10, 64); err == nil {
		seeds = []uint64{n}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			play(t, seed)
		})
	}
}

func play(t *testing.T, seed uint64) {
	w := &world{T: t, model: newModel(), rand: rand.New(rand.NewPCG(seed, 0)), dir: t.TempDir()}
	w.serve()
	w.tables = []string{"picked", "sums"}
	w.write()
	w.finish("run") // nothing has landed
	w.land()
	w.finish("run")
	for range steps {
		w.step()
	}
	w.finish("run")
}

// step does one thing, and most times runs after it.
func (w *world) step() {
	w.Helper()
	ops := []func(){w.land, w.land, w.correct, w.add, w.lose, w.empty, w.drop, w.wipe}
	if !w.pending {
		ops = append(ops, w.edit, w.full, w.backfill, w.remove, w.column)
	}
	ops[w.rand.IntN(len(ops))]()
	switch w.rand.IntN(6) {
	case 0: // something else comes first
	case 1:
		w.killed("run")
	case 2:
		w.killedChild("run")
	default:
		w.finish("run")
	}
}

func (w *world) land() {
	w.Helper()
	for range 1 + w.rand.IntN(3) {
		key := fmt.Sprintf("items/%03d.csv", len(w.files))
		w.put(key)
		w.tell("land %s: %v", key, w.files[key])
	}
	w.pending = true
}

func (w *world) correct() {
	w.Helper()
	keys := sortedKeys(w.files)
	key := keys[w.rand.IntN(len(keys))]
	w.put(key)
	w.dirty = append(w.dirty, key)
	w.pending = true
	w.tell("correct %s: %v", key, w.files[key])
}

// add declares a transform and its table that are not there.
func (w *world) add() {
	w.Helper()
	for _, name := range slices.Concat(streams, wholes) {
		if !w.has(name) {
			w.model.add(name)
			w.write()
			w.pending = true
			w.tell("add %s", name)
			return
		}
	}
}

// remove takes a transform and its table out of the file. What it made stays.
func (w *world) remove() {
	w.Helper()
	for _, name := range []string{"again", "sums", "days"} {
		if w.has(name) {
			w.tables = slices.DeleteFunc(w.tables, func(t string) bool { return t == name })
			w.write()
			w.tell("remove %s", name)
			w.finish("run")
			return
		}
	}
}

// any is one of the tables that there are.
func (w *world) any() string { return w.tables[w.rand.IntN(len(w.tables))] }

func (w *world) lose() {
	w.Helper()
	w.sql("TRUNCATE h.%s", w.any())
}

func (w *world) empty() {
	w.Helper()
	w.sql("DELETE FROM h.%s", w.any())
}

func (w *world) drop() {
	w.Helper()
	w.sql("DROP TABLE IF EXISTS h.%s", w.any())
}

// sql changes a table of the warehouse, if a run has made it.
func (w *world) sql(form, table string) {
	w.Helper()
	c := w.connect()
	defer c.Close(w.Context())
	if len(w.lines(c, "SELECT 1 FROM information_schema.tables WHERE table_schema = 'h' AND table_name = '"+table+"'")) == 0 {
		return
	}
	w.exec(c, fmt.Sprintf(form, table))
	w.tell(form, table)
}

// wipe deletes all files of a table of the lake.
func (w *world) wipe() {
	w.Helper()
	name := w.any()
	for _, key := range w.keys(curated, name+"/") {
		w.remove1(key)
	}
	w.tell("delete all files of %s", name)
	w.refill(name, func(string) bool { return true })
}

// edit changes the SQL of a table, and leaves what was made of it, or makes it again.
func (w *world) edit() {
	w.Helper()
	name := streams[w.rand.IntN(len(streams))]
	if !w.has(name) {
		return
	}
	w.factor[name] = 1 + w.rand.IntN(9)
	w.write()
	w.tell("edit %s: %s", name, w.model.sql(name))
	w.finish("run")
}

// column adds a column to a table, or makes one wider. What was made before stays, and has no value in the new column.
func (w *world) column() {
	w.Helper()
	switch name := []string{"sums", "picked"}[w.rand.IntN(2)]; {
	case name == "sums" && w.has(name) && !w.more:
		w.more = true
	case name == "picked" && !w.wide:
		w.wide = true
	default:
		return
	}
	w.write()
	w.tell("the columns change: sums has one more: %v, those of picked are wider: %v", w.more, w.wide)
	w.finish("run")
}

func (w *world) full() {
	w.Helper()
	name := w.any()
	w.factor[name] = 1 + w.rand.IntN(9)
	w.write()
	w.tell("edit %s, to be made again: %s", name, w.model.sql(name))
	w.refill(name, func(string) bool { return true })
	if w.rand.IntN(2) == 0 {
		w.killed("run", "--full", name)
	}
	w.finish("run", "--full", name)
}

// backfill makes a stretch of runs again.
func (w *world) backfill() {
	w.Helper()
	name := streams[w.rand.IntN(len(streams))]
	if !w.has(name) {
		return
	}
	w.factor[name] = 1 + w.rand.IntN(9)
	w.write()
	runs := sortedKeys(w.runs)
	i := w.rand.IntN(len(runs))
	j := i + w.rand.IntN(len(runs)-i)
	w.tell("edit %s, to be made again from %s to %s: %s", name, runs[i], runs[j], w.model.sql(name))
	w.refill(name, func(run string) bool { return run >= runs[i] && run <= runs[j] })
	args := []string{"backfill", name, "--from", runs[i], "--to", runs[j]}
	if w.rand.IntN(2) == 0 {
		w.killed(args...)
	}
	w.finish(args...)
}

// killed runs until the server is killed, at a point of the list or after a while, and starts it again.
func (w *world) killed(args ...string) {
	w.Helper()
	points := slices.Concat(job.KillPoints, states.KillPoints)
	point := fmt.Sprintf("%s:%d", points[w.rand.IntN(len(points))], 1+w.rand.IntN(12))
	wait := time.Duration(200+w.rand.IntN(2500)) * time.Millisecond
	w.rt.Stop(w.T)
	w.pending = true
	if w.rand.IntN(2) == 0 {
		w.tell("%s, killed at %s", strings.Join(args, " "), point)
		w.serve("PENSTOCK_KILL_AT=" + point)
		wait = time.Minute
	} else {
		w.tell("%s, killed after %v", strings.Join(args, " "), wait)
		w.serve()
	}
	c := harness.Begin(w.T, w.dir, nil, args...)
	for end := time.Now().Add(wait); time.Now().Before(end) && !w.rt.Ended() && !c.Ended(); time.Sleep(5 * time.Millisecond) {
	}
	w.rt.Kill()
	c.Kill() // it would host the runtime and go on
	c.End(w.T)
	w.serve()
}

// killedChild kills a worker or the warehouse while a run works. The run may do without it; if not, the next one does.
func (w *world) killedChild(args ...string) {
	w.Helper()
	kind := []string{"worker", "warehouse"}[w.rand.IntN(2)]
	wait := time.Duration(w.rand.IntN(1500)) * time.Millisecond
	w.pending = true
	c := harness.Begin(w.T, w.dir, nil, args...)
	time.Sleep(wait)
	killed := 0
	for !c.Ended() && killed == 0 {
		for _, pid := range w.rt.Children(kind) {
			if harness.Signal(pid, syscall.SIGKILL) == nil {
				killed++
			}
		}
	}
	r := c.End(w.T)
	w.tell("%s, %d %ss killed after %v: code %d", strings.Join(args, " "), killed, kind, wait, r.Code)
}

// finish runs to the end and compares.
func (w *world) finish(args ...string) {
	w.Helper()
	r := harness.Run(w.T, w.dir, nil, args...)
	w.tell("%s", strings.Join(args, " "))
	if strings.Contains(r.Stderr, "an execution runs already") { // what was done to the tables meanwhile is for the next run
		r = harness.Run(w.T, w.dir, nil, args...)
	}
	if r.Code != 0 {
		w.fail("%s ends with %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	w.learn()
	w.compare()
	w.pending, w.dirty = false, nil
}

// learn takes over which run has read which file. Every file that has landed belongs to one run.
func (w *world) learn() {
	w.Helper()
	of := map[string]string{}
	for run, keys := range w.manifests() {
		changed := w.runs[run] == nil
		for _, key := range keys {
			if of[key] != "" {
				w.fail("%s belongs to the runs %s and %s", key, of[key], run)
			}
			of[key] = run
			changed = changed || slices.Contains(w.dirty, key)
		}
		if changed {
			w.done(run, keys)
		}
	}
	for key := range w.files {
		if of[key] == "" {
			w.fail("%s has landed and belongs to no run", key)
		}
	}
}

// compare looks at every table, in the warehouse and in the lake, and at the ledger.
func (w *world) compare() {
	w.Helper()
	if len(w.runs) == 0 {
		return
	}
	c := w.connect()
	defer c.Close(w.Context())
	for _, name := range w.tables {
		want := w.rows(name)
		w.same(name+" in the warehouse", w.lines(c, "SELECT "+w.columns(name)+" FROM h."+name), want)
		if !(name == "sums" && w.more || name == "picked" && w.wide) { // else its files differ, and one COPY cannot take all
			w.lake(c, name, want)
		}
		if name == "picked" {
			w.registered(name)
		}
		if slices.Contains(streams, name) {
			w.same(name+" in the ledger", w.lines(c, "SELECT run, row_count FROM penstock.loads WHERE target = 'h."+name+"' AND row_count > 0"),
				counts(want))
		}
		w.same(name+"'s runs", w.lines(c, "SELECT run FROM penstock.loads WHERE target = 'h."+name+"'"), sortedKeys(w.runs))
	}
}

// lake compares a table of the lake by loading all its files.
func (w *world) lake(c *pgx.Conn, name string, want []string) {
	w.Helper()
	w.exec(c, "DROP TABLE IF EXISTS look")
	w.exec(c, "CREATE TEMP TABLE look (LIKE h."+name+")")
	columns := "day, id, v, _run"
	if name == "picked" {
		columns = "id, v, day, _run"
	}
	w.exec(c, "COPY look ("+columns+") FROM 's3://"+curated+"/"+name+"/' IAM_ROLE default FORMAT PARQUET")
	w.same(name+" in the lake", w.lines(c, "SELECT "+w.columns(name)+" FROM look"), want)
}

// registered checks that every file lies in a partition that the catalog knows.
func (w *world) registered(name string) {
	w.Helper()
	known := w.partitions(name)
	for _, key := range w.keys(curated, name+"/") {
		folder := key[:strings.LastIndexByte(key, '/')+1]
		if folder != name+"/" && !slices.Contains(known, folder) {
			w.fail("%s lies in no partition: %v", key, known)
		}
	}
}

func (w *world) same(what string, got, want []string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.fail("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

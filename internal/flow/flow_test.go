package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

func TestMain(m *testing.M) {
	metatest.Worker(endForEver)
	goleak.VerifyTestMain(m)
}

// factory is jobs and crawlers that end when the test says so. What it has started is a table, written in the transactions of the flows.
type factory struct {
	flows   *Flows
	missing map[string]bool // names that are not there
	busy    map[string]bool // names that cannot be started
	waits   map[string]bool // ids that wait
	quick   map[string]bool // ids that end at once when they are stopped
}

var factorySchema = meta.Schema{Name: "factory", Migrations: []string{`
CREATE TABLE started (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, name TEXT, "trigger" TEXT, arguments TEXT, after TEXT,
	stopped INTEGER NOT NULL DEFAULT 0);
`}}

func (w *factory) Has(_ *meta.Tx, _ Kind, name string) (bool, error) { return !w.missing[name], nil }

func (w *factory) Start(tx *meta.Tx, s Start) (id, refused string, err error) {
	if w.busy[s.Name] {
		return "", "busy", nil
	}
	arguments, _ := json.Marshal(s.Arguments)
	var after []string
	for _, p := range s.Predecessors {
		after = append(after, p.Name+"="+p.ID)
	}
	r, err := tx.Exec(`INSERT INTO started (name, "trigger", arguments, after) VALUES (?, ?, ?, ?)`, s.Name, s.Trigger, string(arguments),
		strings.Join(after, " "))
	if err != nil {
		return "", "", err
	}
	n, err := r.LastInsertId()
	id = fmt.Sprintf("%s-%d", s.Name, n)
	_, err2 := tx.Exec(`UPDATE started SET id = ? WHERE seq = ?`, id, n)
	return id, "", errors.Join(err, err2)
}

func (w *factory) Stop(tx *meta.Tx, r Ref) error {
	if _, err := tx.Exec(`UPDATE started SET stopped = 1 WHERE id = ?`, r.ID); err != nil {
		return err
	}
	if w.quick[r.ID] {
		return w.flows.EndedTx(tx, r.ID, "STOPPED", "")
	}
	return nil
}

func (w *factory) Waits(_ *meta.Tx, r Ref) (bool, error) { return w.waits[r.ID], nil }

// bench is flows over a factory.
type bench struct {
	*Flows
	t     *testing.T
	clock *clock.Manual
	work  *factory
	seen  int64
}

func start(t *testing.T, dir string) *bench {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 30, 11, 59, 30, 0, time.UTC))
	m := metatest.Open(t, dir, c, due.Schema, tag.Schema, Schema, factorySchema)
	b := &bench{t: t, clock: c, Flows: New(Options{Meta: m, Region: "r", Clock: c, Log: slog.New(slog.DiscardHandler)})}
	b.work = &factory{flows: b.Flows, missing: map[string]bool{}, busy: map[string]bool{}, waits: map[string]bool{}, quick: map[string]bool{}}
	b.Bind(b.work)
	return b
}

// run lets schedules fire until the test ends, or until the function that it gives is called.
func (b *bench) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	over := false
	stop = func() {
		if over {
			return
		}
		over = true
		cancel()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
	}
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func nothing(*meta.Tx) error { return nil }

// trigger makes an active trigger, or one on demand: "TYPE workflow/name: what -> what", where what it waits for is written
// "job=STATE&job=STATE" or with | in place of &; a name that begins with c is a crawler's.
func (b *bench) trigger(kind, name, waits, does string) {
	b.t.Helper()
	t := Trigger{Name: name, Type: kind}
	if w, n, ok := strings.Cut(name, "/"); ok {
		t.Workflow, t.Name = w, n
	}
	of := func(name string) Kind {
		if name[0] == 'c' {
			return Crawler
		}
		return Job
	}
	if kind == Scheduled {
		t.Schedule, waits = waits, ""
	}
	t.Logical = "AND"
	if strings.Contains(waits, "|") {
		t.Logical = "ANY"
	}
	for _, c := range strings.FieldsFunc(waits, func(r rune) bool { return r == '|' || r == '&' }) {
		job, state, _ := strings.Cut(c, "=")
		t.Conditions = append(t.Conditions, Condition{of(job), job, state})
	}
	for _, name := range strings.Fields(does) {
		t.Actions = append(t.Actions, Action{Kind: of(name), Name: name})
	}
	b.must(b.CreateTrigger(b.t.Context(), t, kind != OnDemand, nothing))
}

// end ends a job run or a crawl.
func (b *bench) end(id, state string, next ...string) {
	b.t.Helper()
	b.must(b.update(b.t.Context(), func(tx *meta.Tx) error { return b.EndedTx(tx, id, state, strings.Join(next, "")) }))
}

// started is what has been started since the last call, each as "id<trigger".
func (b *bench) started() string {
	b.t.Helper()
	var out []string
	b.must(b.view(b.t.Context(), func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT seq, id, "trigger" FROM started WHERE seq > ? ORDER BY seq`, b.seen)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, trigger string
			if err := rows.Scan(&b.seen, &id, &trigger); err != nil {
				return err
			}
			out = append(out, id+"<"+trigger)
		}
		return rows.Err()
	}))
	return strings.Join(out, " ")
}

func (b *bench) is(got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("got %q, want %q", got, want)
	}
}

// TestConditions: AND, ANY, each state, jobs and crawlers, outside of workflows. A trigger fires once for what began by one firing, and
// what no trigger has started fires nothing.
func TestConditions(t *testing.T) {
	b := start(t, t.TempDir())
	b.trigger(OnDemand, "go", "", "a b c")
	b.trigger(Conditional, "both", "a=SUCCEEDED&b=FAILED", "d")
	b.trigger(Conditional, "any", "a=SUCCEEDED|b=FAILED|c=CANCELLED", "e")
	b.trigger(Conditional, "other", "a=STOPPED", "f")
	b.trigger(Conditional, "chained", "d=TIMEOUT&c=SUCCEEDED", "g cc")
	b.must(b.StartTrigger(t.Context(), "go"))
	b.is(b.started(), "a-1<go b-2<go c-3<go")
	b.end("stranger", "SUCCEEDED")
	b.is(b.started(), "")
	b.end("a-1", "SUCCEEDED")
	b.is(b.started(), "e-4<any")
	b.end("a-1", "SUCCEEDED") // told twice
	b.end("b-2", "FAILED")
	b.is(b.started(), "d-5<both")
	b.end("c-3", "SUCCEEDED")
	b.is(b.started(), "")
	b.end("d-5", "TIMEOUT")
	b.is(b.started(), "g-6<chained cc-7<chained")
	var after string
	b.must(b.view(t.Context(), func(tx *meta.Tx) error {
		return tx.QueryRow(`SELECT after FROM started WHERE id = 'g-6'`).Scan(&after)
	}))
	b.is(after, "d=d-5 c=c-3")

	b.must(b.StartTrigger(t.Context(), "go")) // nothing of the first firing counts
	b.is(b.started(), "a-8<go b-9<go c-10<go")
	b.end("b-9", "SUCCEEDED")
	b.end("a-8", "STOPPED")
	b.is(b.started(), "f-11<other")
	b.must(b.StopTrigger(t.Context(), "any"))
	b.end("c-10", "CANCELLED")
	b.is(b.started(), "")
	for _, id := range []string{"e-4", "g-6", "cc-7", "f-11"} {
		b.end(id, "SUCCEEDED")
	}
	var left int
	b.must(b.view(t.Context(), func(tx *meta.Tx) error {
		return tx.QueryRow(`SELECT (SELECT count(*) FROM flow_run) + (SELECT count(*) FROM flow_work)`).Scan(&left)
	}))
	if left != 0 {
		t.Errorf("%d rows of what is over are left", left)
	}
}

// TestRetriesAndRefusals: a further attempt of a run makes its end none; what cannot be started fires nothing and holds up nothing.
func TestRetriesAndRefusals(t *testing.T) {
	b := start(t, t.TempDir())
	b.trigger(OnDemand, "go", "", "a gone b")
	b.trigger(Conditional, "then", "a=FAILED", "d")
	b.trigger(Conditional, "never", "gone=FAILED", "e")
	b.work.busy["gone"] = true
	b.must(b.StartTrigger(t.Context(), "go"))
	b.is(b.started(), "a-1<go b-2<go")
	b.end("a-1", "FAILED", "a-1_attempt_1")
	b.is(b.started(), "")
	b.end("a-1_attempt_1", "FAILED")
	b.is(b.started(), "d-3<then")
	b.must(b.DeleteTrigger(t.Context(), "never", nothing))
	b.end("b-2", "SUCCEEDED")
	b.end("d-3", "SUCCEEDED")
	b.is(b.started(), "")
}

// TestSchedules: a schedule fires at its times and no other; not before it is started nor after it is stopped, changed or deleted, what
// was planned before included. What was missed while nothing ran fires once.
func TestSchedules(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	stop := b.run()
	pass := func(d time.Duration, want string) {
		t.Helper()
		for range int(d / time.Minute) {
			b.clock.Advance(time.Minute)
			b.must(b.Drain(t.Context()))
		}
		b.is(b.started(), want)
	}
	b.must(b.CreateTrigger(t.Context(), Trigger{Name: "idle", Type: Scheduled, Schedule: "cron(0/5 * * * ? *)",
		Actions: []Action{{Kind: Job, Name: "z"}}}, false, nothing))
	b.trigger(Scheduled, "noon", "cron(0,10 12 ? * MON-FRI *)", "a")
	pass(5*time.Minute, "a-1<noon")
	pass(10*time.Minute, "a-2<noon")
	every := "cron(0/5 * * * ? *)"
	if _, err := b.UpdateTrigger(t.Context(), "noon", Update{Schedule: &every}); err != nil {
		t.Fatal(err)
	}
	pass(10*time.Minute, "a-3<noon a-4<noon")
	b.must(b.StopTrigger(t.Context(), "noon"))
	pass(10*time.Minute, "")
	b.must(b.StartTrigger(t.Context(), "noon"))
	b.must(b.StopTrigger(t.Context(), "noon"))
	b.must(b.StartTrigger(t.Context(), "noon"))
	pass(5*time.Minute, "a-5<noon")
	stop()
	b.clock.Advance(time.Hour)
	stop = b.run()
	b.must(b.Drain(t.Context()))
	b.is(b.started(), "a-6<noon")
	pass(5*time.Minute, "a-7<noon")
	b.must(b.DeleteTrigger(t.Context(), "noon", nothing))
	pass(24*time.Hour, "")
	stop()
}

// workflow makes the workflow w: a and the crawler c, then d after both, and e if a has failed.
func workflow(t *testing.T) *bench {
	b := start(t, t.TempDir())
	b.must(b.CreateWorkflow(t.Context(), Workflow{Name: "w", Properties: map[string]string{"p": "1"}, MaxConcurrent: 1}, nothing))
	b.trigger(OnDemand, "w/go", "", "a c")
	b.trigger(Conditional, "w/both", "a=SUCCEEDED&c=SUCCEEDED", "d")
	b.trigger(Conditional, "w/alas", "a=FAILED|a=TIMEOUT", "e")
	b.trigger(Conditional, "w/last", "d=SUCCEEDED", "f")
	return b
}

// shows is a run's state, statistics and tasks.
func (b *bench) shows(id string) string {
	b.t.Helper()
	r, err := b.RunOf(b.t.Context(), "w", id)
	b.must(err)
	waiting, err := b.Waiting(b.t.Context(), r)
	b.must(err)
	s := r.Statistics(waiting)
	out := fmt.Sprintf("%s %d: %d ok %d failed %d stopped %d late %d running %d error %d waiting", r.State, s.Total, s.Succeeded, s.Failed,
		s.Stopped, s.TimedOut, s.Running, s.Errored, s.Waiting)
	for _, k := range r.Tasks {
		out += fmt.Sprintf("; %s %s", strings.Join(k.IDs, ","), k.State)
		if k.Earlier {
			out += " earlier"
		}
	}
	return out
}

// TestWorkflow runs a workflow to its end: the arguments of its jobs, its statistics, its bound, and its triggers as they were.
func TestWorkflow(t *testing.T) {
	b := workflow(t)
	id, err := b.StartRun(t.Context(), "w", map[string]string{"q": "2"})
	b.must(err)
	b.is(b.started(), "a-1<go c-2<go")
	var arguments string
	b.must(b.view(t.Context(), func(tx *meta.Tx) error {
		return tx.QueryRow(`SELECT group_concat(arguments, ' ') FROM started`).Scan(&arguments)
	}))
	b.is(arguments, `{"--WORKFLOW_NAME":"w","--WORKFLOW_RUN_ID":"`+id+`"} null`)
	var refused *Error
	if _, err := b.StartRun(t.Context(), "w", nil); !errors.As(err, &refused) || refused.Reason != Concurrent {
		t.Errorf("a second run: %v", err)
	}
	b.work.waits["a-1"] = true
	b.is(b.shows(id), "RUNNING 5: 0 ok 0 failed 0 stopped 0 late 1 running 0 error 1 waiting; a-1 ; c-2 ")
	b.must(b.DeleteTrigger(t.Context(), "last", nothing)) // the run has its own
	b.end("a-1", "SUCCEEDED")
	b.end("c-2", "SUCCEEDED")
	b.is(b.started(), "d-3<both")
	b.must(b.PutProperties(t.Context(), "w", id, map[string]string{"p": "3"}))
	b.end("d-3", "SUCCEEDED")
	b.is(b.started(), "f-4<last")
	b.end("f-4", "FAILED")
	b.is(b.shows(id), "COMPLETED 5: 3 ok 1 failed 0 stopped 0 late 0 running 0 error 0 waiting; a-1 SUCCEEDED; c-2 SUCCEEDED; d-3 SUCCEEDED; "+
		"f-4 FAILED")
	r, err := b.RunOf(t.Context(), "w", id)
	b.must(err)
	b.is(fmt.Sprint(r.Properties), "map[p:3 q:2]")
	w, _, last, err := b.Workflow(t.Context(), "w")
	b.must(err)
	b.is(fmt.Sprint(w.Properties, last.ID == id), "map[p:1] true")
}

// TestFailingNode: the way of the failure is taken, and the other one is not.
func TestFailingNode(t *testing.T) {
	b := workflow(t)
	id, err := b.StartRun(t.Context(), "w", nil)
	b.must(err)
	b.end("a-1", "TIMEOUT")
	b.end("c-2", "SUCCEEDED")
	b.end("e-3", "SUCCEEDED")
	b.is(b.shows(id), "COMPLETED 5: 2 ok 0 failed 0 stopped 1 late 0 running 0 error 0 waiting; a-1 TIMEOUT; c-2 SUCCEEDED; e-3 SUCCEEDED")
}

// TestStopRun: nothing more is started; the run is over when what goes on is, also when that is at once or tried again.
func TestStopRun(t *testing.T) {
	b := workflow(t)
	id, err := b.StartRun(t.Context(), "w", nil)
	b.must(err)
	b.must(b.StopRun(t.Context(), "w", id))
	b.is(b.shows(id), "STOPPING 5: 0 ok 0 failed 0 stopped 0 late 2 running 0 error 0 waiting; a-1 ; c-2 ")
	var refused *Error
	if err := b.StopRun(t.Context(), "w", id); !errors.As(err, &refused) || refused.Reason != Illegal {
		t.Errorf("stopped twice: %v", err)
	}
	b.end("c-2", "SUCCEEDED")
	b.end("a-1", "FAILED", "again")
	b.is(b.shows(id), "STOPPING 5: 1 ok 0 failed 0 stopped 0 late 1 running 0 error 0 waiting; a-1,again ; c-2 SUCCEEDED")
	b.end("again", "SUCCEEDED") // too late to be stopped
	b.is(b.shows(id), "STOPPED 5: 2 ok 0 failed 0 stopped 0 late 0 running 0 error 0 waiting; a-1,again SUCCEEDED; c-2 SUCCEEDED")
	b.is(b.started(), "a-1<go c-2<go")

	id, err = b.StartRun(t.Context(), "w", nil)
	b.must(err)
	b.work.quick["a-3"], b.work.quick["c-4"] = true, true
	b.must(b.StopRun(t.Context(), "w", id))
	b.is(b.shows(id), "STOPPED 5: 0 ok 0 failed 2 stopped 0 late 0 running 0 error 0 waiting; a-3 STOPPED; c-4 STOPPED")
}

// TestResume starts a run again from the node that failed: the others keep what they have come to, and what follows is done.
func TestResume(t *testing.T) {
	b := workflow(t)
	first, err := b.StartRun(t.Context(), "w", map[string]string{"q": "2"})
	b.must(err)
	node := func(run string, k Kind, name string) []string { return []string{PointID(run, k, name)} }
	refuse := func(reason Reason, run string, nodes []string) {
		t.Helper()
		var refused *Error
		if _, _, err := b.Resume(t.Context(), "w", run, nodes); !errors.As(err, &refused) || refused.Reason != reason {
			t.Errorf("%v", err)
		}
	}
	refuse(Illegal, first, node(first, Job, "a"))
	b.end("c-2", "SUCCEEDED")
	b.end("a-1", "FAILED")
	b.end("e-3", "SUCCEEDED")
	refuse(NotFound, "none", node(first, Job, "a"))
	refuse(Invalid, first, nil)
	refuse(Invalid, first, []string{"none"})
	refuse(Invalid, first, node(first, Node, "go"))
	refuse(Invalid, first, node(first, Job, "d")) // it has not run
	b.started()

	second, nodes, err := b.Resume(t.Context(), "w", first, append(node(first, Job, "a"), node(first, Job, "e")...))
	b.must(err)
	if !slices.Equal(nodes, node(second, Job, "a")) { // e follows from a
		t.Errorf("started %v", nodes)
	}
	b.is(b.started(), "a-4<go")
	b.is(b.shows(second), "RUNNING 5: 1 ok 0 failed 0 stopped 0 late 1 running 0 error 0 waiting; c-2 SUCCEEDED earlier; a-4 ")
	b.end("a-4", "SUCCEEDED")
	b.is(b.started(), "d-5<both")
	b.end("d-5", "FAILED")
	third, _, err := b.Resume(t.Context(), "w", second, node(second, Job, "d"))
	b.must(err)
	b.end("d-6", "SUCCEEDED")
	b.end("f-7", "SUCCEEDED")
	b.is(b.shows(third), "COMPLETED 5: 4 ok 0 failed 0 stopped 0 late 0 running 0 error 0 waiting; "+
		"c-2 SUCCEEDED earlier; a-4 SUCCEEDED earlier; d-6 SUCCEEDED; f-7 SUCCEEDED")
	r, err := b.RunOf(t.Context(), "w", third)
	b.must(err)
	b.is(fmt.Sprint(r.Previous == second, r.Properties), "true map[p:1 q:2]")
	b.is(b.shows(first), "COMPLETED 5: 2 ok 1 failed 0 stopped 0 late 0 running 0 error 0 waiting; a-1 FAILED; c-2 SUCCEEDED; e-3 SUCCEEDED")
}

// TestScheduledWorkflow: a workflow starts at its time; a run too many is recorded with AWS's words.
func TestScheduledWorkflow(t *testing.T) {
	b := start(t, t.TempDir())
	b.must(b.CreateWorkflow(t.Context(), Workflow{Name: "w", MaxConcurrent: 1}, nothing))
	b.trigger(Scheduled, "w/every", "cron(0/5 * * * ? *)", "a")
	b.run()
	for range 2 {
		b.clock.Advance(5 * time.Minute)
		b.must(b.Drain(t.Context()))
	}
	b.is(b.started(), "a-1<every")
	list, err := b.Runs(t.Context(), "w", "", 10)
	b.must(err)
	if len(list) != 2 || list[0].State != Errored || list[0].Error != "Concurrent runs exceeded for workflow: w." || list[1].State != Running {
		t.Errorf("%+v", list)
	}
	b.must(b.DeleteWorkflow(t.Context(), "w", func(_ *meta.Tx, names []string) error {
		b.is(strings.Join(names, " "), "every")
		return nil
	}))
	b.end("a-1", "SUCCEEDED") // of a workflow that is gone
	b.clock.Advance(5 * time.Minute)
	b.must(b.Drain(t.Context()))
	b.is(b.started(), "")
}

// TestGraph: a job that two triggers wait for is one node.
func TestGraph(t *testing.T) {
	b := workflow(t)
	_, triggers, _, err := b.Workflow(t.Context(), "w")
	b.must(err)
	points, edges := Graph("x", triggers)
	names := map[string]string{}
	var nodes, lines []string
	for _, p := range points {
		names[p.ID] = p.Name
		nodes = append(nodes, string(p.Kind)+" "+p.Name)
	}
	for _, e := range edges {
		lines = append(lines, names[e.From]+">"+names[e.To])
	}
	slices.Sort(nodes)
	slices.Sort(lines)
	b.is(strings.Join(nodes, ", "), "CRAWLER c, JOB a, JOB d, JOB e, JOB f, TRIGGER alas, TRIGGER both, TRIGGER go, TRIGGER last")
	b.is(strings.Join(lines, " "), "a>alas a>both alas>e both>d c>both d>last go>a go>c last>f")
}

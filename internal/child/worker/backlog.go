package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/ledger"
	"penstock/internal/id"
)

// What is added later is filled: a transform or a table of the warehouse that lacks what earlier runs should have given it is made from
// them. What lacks is not remembered but seen: the COPY manifests say which generation of which run was published to a table of the lake,
// and penstock.loads says which of them the warehouse has. So a fill that was cut anywhere is found again by the next execution.

// loadsPass is the value of --penstock-pass with which the manifest step plans the loads, after the lake's tables were filled.
const loadsPass = "loads"

// A book is what the pipeline makes: the object that --penstock-tables names.
type book struct {
	Transforms []bookTransform `json:"transforms"` // each after those that it reads
	Tables     []bookTable     `json:"tables"`
	// Look are queries that tell what the warehouse has, as target, run, generation and rows: of the ledger first, then, with a NULL run and
	// whether it has any rows, of each table.
	Look []string `json:"look"`
}

type bookTransform struct {
	Name    string   `json:"name"`
	Job     string   `json:"job"`
	Stream  bool     `json:"stream"`  // it reads the run's files and appends
	Reads   []string `json:"reads"`   // transforms that its SQL names
	Streams []string `json:"streams"` // those of them that it reads as streams
	Script  bool     `json:"script"`  // a script of the user's makes it, which knows no runs
}

type bookTable struct {
	Name string `json:"name"`
	From string `json:"from"`
	// SQL of one transaction, with {copy} and {runs} for the addresses of the COPY manifest and of the list of runs
	Load []string `json:"load"`
}

// An ask is what the execution was started for, beside new files.
type ask struct {
	Full []string `json:"full,omitempty"` // names to be made again from earlier runs; "*" is all
	From string   `json:"from,omitempty"` // only runs from here on: a run's id, or a time (RFC 3339) at which runs began
	To   string   `json:"to,omitempty"`   // only runs up to this one, or before this time
}

// A filled is a table of the lake that is filled.
type filled struct {
	Name string `json:"name"`
	Job  string `json:"job"`
	Why  string `json:"why"`
	Runs int    `json:"runs"`
	Fill string `json:"fill"` // address of the filling; "" for a script
	// The run that a script is noted to have been run for, and its generation.
	Run string `json:"run,omitempty"`
	Gen string `json:"gen,omitempty"`
}

// A backlog looks for what earlier runs have not given.
type backlog struct {
	*run
	home, execution string
	book            book
	plan            *plan
	runs            []*ledger.Run // those that were ever done, in order
	filling         map[string]bool
	wanted          map[string][]*ledger.Run // what the warehouse is about to load, by table of the lake
}

func (r *run) newBacklog(ctx context.Context, home, execution string, l *ledger.Ledger, p *plan) (*backlog, error) {
	b := &backlog{run: r, home: home, execution: execution, plan: p, filling: map[string]bool{}}
	uri := r.args["--penstock-tables"]
	if uri != "" {
		if err := r.readJSON(ctx, uri, &b.book); err != nil {
			return nil, err
		}
	}
	for _, lr := range l.Sorted() {
		if lr.Ever && lr.Base.Run != "" {
			b.runs = append(b.runs, lr)
		}
	}
	return b, nil
}

// planFills adds to the plan what has to be filled.
func (r *run) planFills(ctx context.Context, home, execution string, l *ledger.Ledger, p *plan) (err error) {
	b, err := r.newBacklog(ctx, home, execution, l, p)
	if err != nil {
		return err
	}
	if p.Ask, err = b.asked(); err != nil {
		return err
	}
	if len(b.runs) == 0 {
		return nil
	}
	loads, err := b.loads(ctx, b.anyHoldings)
	if err != nil { // the ledger is being made just now, for example: the second look is after that
		r.say("the warehouse is looked at again when it is prepared: %v", err)
	}
	b.wants(loads, err)
	p.Fill = err != nil || len(loads) > 0
	for _, t := range b.book.Transforms {
		if err := b.transform(ctx, t); err != nil {
			return fmt.Errorf("look for what the table %s lacks: %w", t.Name, err)
		}
	}
	p.Fill = p.Fill || len(p.Transforms) > 0
	return nil
}

// asked reads --penstock-ask.
func (b *backlog) asked() (a ask, err error) {
	text := b.args["--penstock-ask"]
	if text == "" {
		return a, nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("the execution was started with %s, which does not read as {\"full\": [names], \"from\": ..., \"to\": ...}", text)
	}
	var names []string
	for _, t := range b.book.Transforms {
		names = append(names, t.Name)
	}
	for _, t := range b.book.Tables {
		names = append(names, t.Name)
	}
	for _, n := range a.Full {
		if n != "*" && !slices.Contains(names, n) {
			return a, fmt.Errorf("there is no transform or warehouse table %q; there are %s", n, strings.Join(names, ", "))
		}
	}
	if a.From == "" && a.To == "" {
		return a, nil
	}
	if len(a.Full) == 0 {
		return a, fmt.Errorf("the execution was started with from or to, and without full, which says what is made again: %s", text)
	}
	n, err := b.within(a)
	if err == nil && len(n) == 0 {
		err = fmt.Errorf("no finished run lies in %s to %s%s", orOpen(a.From), orOpen(a.To), b.span())
	}
	return a, err
}

func orOpen(s string) string {
	if s == "" {
		return "..."
	}
	return s
}

// span says between which runs one can choose.
func (b *backlog) span() string {
	if len(b.runs) == 0 {
		return ": none is finished yet"
	}
	first, last := b.runs[0].Base.Run, b.runs[len(b.runs)-1].Base.Run
	return fmt.Sprintf("; the first is %s of %s, the last %s of %s", first, began(first), last, began(last))
}

// began is when a run's id was made.
func began(run string) string {
	t, err := id.Time(run)
	if err != nil {
		return "an unknown time"
	}
	return t.UTC().Format(time.RFC3339)
}

// within gives the runs that the ask is about.
func (b *backlog) within(a ask) (runs []*ledger.Run, err error) {
	from, err := bound(a.From, "from")
	if err != nil {
		return nil, err
	}
	to, err := bound(a.To, "to")
	if err != nil {
		return nil, err
	}
	for _, lr := range b.runs {
		run := lr.Base.Run
		if a.From != "" && run < from || a.To != "" && run >= to && run != a.To {
			continue
		}
		runs = append(runs, lr)
	}
	return runs, nil
}

// bound turns a time into what the ids of runs of that time begin with; a run's id is its own bound.
func bound(text, what string) (string, error) {
	if text == "" || id.IsRun(text) {
		return text, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "", fmt.Errorf("%s is %q: neither a run's id nor a time such as 2026-01-31T00:00:00Z", what, text)
	}
	return id.RunPrefix(t), nil
}

// names reports whether the ask is for a name.
func (a ask) names(name string) bool {
	return slices.Contains(a.Full, name) || slices.Contains(a.Full, "*")
}

// transform plans the fill of one table of the lake, if it lacks something.
func (b *backlog) transform(ctx context.Context, t bookTransform) error {
	if t.Script {
		b.script(t)
		return nil
	}
	runs, why, err := b.lacks(ctx, t)
	if err != nil {
		return err
	}
	odd, err := b.odd(ctx, t)
	if err != nil {
		return err
	}
	odd = slices.DeleteFunc(odd, func(lr *ledger.Run) bool { return slices.Contains(runs, lr) })
	if len(runs)+len(odd) == 0 {
		return nil
	}
	if len(runs) == 0 {
		why = "has files with other columns"
	}
	if len(odd) > 0 && !t.Stream {
		runs, odd = b.runs, nil
	}
	f := filling{Table: t.Name, Whole: !t.Stream}
	for _, lr := range b.union(runs, odd) {
		p := b.again(lr)
		if slices.Contains(odd, lr) && !b.planned(lr) { // the same rows: nobody who has read them is behind
			p.Gen, p.Rewrite = ledger.Generation(lr.Outputs[t.Name]), true
		}
		f.Runs = append(f.Runs, p)
	}
	uri := b.home + "plans/" + b.execution + "." + t.Name + ".fill.json"
	if err := b.overwrite(ctx, uri, f); err != nil {
		return err
	}
	b.filling[t.Name] = true
	b.plan.Transforms = append(b.plan.Transforms, filled{Name: t.Name, Job: t.Job, Why: why, Runs: len(f.Runs), Fill: uri})
	b.say("%s %s: it is made from %d earlier runs", t.Name, why, len(f.Runs))
	return nil
}

// script plans to run a script: for a table that no script has yet made, or that is asked for, or that reads what is filled. It is noted
// under the newest finished run, for which it is then as it should be.
func (b *backlog) script(t bookTransform) {
	last, why := b.runs[len(b.runs)-1], ""
	switch {
	case last.Outputs[t.Name] == 0:
		why = "is new"
	case b.plan.Ask.names(t.Name) || b.follows(t):
		why = "is done again"
	case b.readsFilled(t):
		why = "reads what is filled"
	default:
		return
	}
	b.filling[t.Name] = true
	b.plan.Transforms = append(b.plan.Transforms, filled{Name: t.Name, Job: t.Job, Why: why, Runs: len(b.runs),
		Run: last.Base.Run, Gen: ledger.Generation(last.Base.Gen)})
	b.say("%s %s: its script is run", t.Name, why)
}

// again is a run as a fill does it: with the inputs that it has read, and under a generation of its own. One that this execution is about
// to do anyway is taken as that does it.
func (b *backlog) again(lr *ledger.Run) planned {
	for _, p := range b.plan.Runs {
		if p.Run == lr.Base.Run {
			return p
		}
	}
	return planned{Run: lr.Base.Run, Gen: ledger.Generation(lr.High + 1), Manifest: manifestURI(b.home, lr.Base)}
}

// planned reports whether the execution does the run anyway.
func (b *backlog) planned(lr *ledger.Run) bool {
	return slices.ContainsFunc(b.plan.Runs, func(p planned) bool { return p.Run == lr.Base.Run })
}

// lacks says from which runs a table of the lake has to be made, and why. A table that is recomputed is made once, for all.
func (b *backlog) lacks(ctx context.Context, t bookTransform) (runs []*ledger.Run, why string, err error) {
	without := slices.DeleteFunc(slices.Clone(b.runs), func(lr *ledger.Run) bool { return lr.Outputs[t.Name] >= lr.Base.Gen })
	ever := slices.ContainsFunc(b.runs, func(lr *ledger.Run) bool { return lr.Outputs[t.Name] > 0 })
	var lost []*ledger.Run
	if ever {
		if lost, why, err = b.lost(ctx, t); err != nil {
			return nil, "", err
		}
	}
	switch asked := b.plan.Ask.names(t.Name) || b.follows(t); {
	case !ever:
		return b.runs, "is new", nil
	case asked && t.Stream:
		runs, err = b.within(b.plan.Ask)
		return b.union(runs, lost, without), "is done again", err
	case asked:
		return b.runs, "is done again", nil
	case !t.Stream && b.readsFilled(t):
		return b.runs, "reads what is filled", nil
	case len(lost) > 0 && t.Stream:
		return b.union(lost, without, b.behind(t)), why, nil
	case len(lost) > 0:
		return b.runs, why, nil
	case len(without) > 0 && !t.Stream:
		return b.runs, "was not there for all runs", nil
	case len(without) > 0:
		return b.union(without, b.behind(t)), "was not there for all runs", nil
	case t.Stream:
		return b.behind(t), "is behind what it reads", nil
	}
	return nil, "", nil
}

// union is the runs that are in one of the lists, in order.
func (b *backlog) union(lists ...[]*ledger.Run) (runs []*ledger.Run) {
	for _, lr := range b.runs {
		if slices.ContainsFunc(lists, func(list []*ledger.Run) bool { return slices.Contains(list, lr) }) {
			runs = append(runs, lr)
		}
	}
	return runs
}

// follows reports whether the table reads one that is done again because that was asked for.
func (b *backlog) follows(t bookTransform) bool {
	return len(b.plan.Ask.Full) > 0 && b.readsFilled(t)
}

func (b *backlog) readsFilled(t bookTransform) bool {
	return slices.ContainsFunc(t.Reads, func(name string) bool { return b.filling[name] })
}

// behind gives the runs of which a table has not got what the tables that it reads as streams have. In the runs of the plan it will.
func (b *backlog) behind(t bookTransform) (runs []*ledger.Run) {
	for _, lr := range b.runs {
		for _, up := range t.Streams {
			if b.filling[up] || !b.planned(lr) && lr.Outputs[up] > lr.Outputs[t.Name] {
				runs = append(runs, lr)
				break
			}
		}
	}
	return runs
}

// overwrite writes an object that counts only when the plan that names it exists.
func (r *run) overwrite(ctx context.Context, uri string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("put %s: %w", uri, err)
	}
	return r.parent.Call(ctx, task.PutPath, task.Put{URI: uri, Body: b}, nil)
}

package worker

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/child/worker/ledger"
)

// A loadsPlan is what the warehouse lacks, one transaction for each table: what the second look finds.
type loadsPlan struct {
	Loads []load `json:"loads"`
}

type load struct {
	Name  string   `json:"name"`
	Why   string   `json:"why"`
	Runs  int      `json:"runs"`
	SQLs  []string `json:"sqls"`
	table bookTable
	runs  []*ledger.Run
}

// planLoads writes the plan of the loads of an execution whose tables of the lake are filled.
func (r *run) planLoads(ctx context.Context, home, execution string, l *ledger.Ledger) error {
	var first plan
	if err := r.readJSON(ctx, home+"plans/"+execution+".json", &first); err != nil {
		return err
	}
	b, err := r.newBacklog(ctx, home, execution, l, &first)
	if err != nil {
		return err
	}
	loads, err := b.loads(ctx, b.holdings)
	if err != nil {
		return err
	}
	p := loadsPlan{Loads: []load{}}
	for _, x := range loads {
		if err := b.write(ctx, &x); err != nil {
			return fmt.Errorf("table %s: %w", x.Name, err)
		}
		b.say("%s %s: it is loaded with what %d earlier runs gave", x.Name, x.Why, x.Runs)
		p.Loads = append(p.Loads, x)
	}
	_, err = r.put(ctx, home+"plans/"+r.planName(execution), p)
	return err
}

// A holding is what the warehouse has of a table.
type holding struct {
	gens   map[string]int // by run
	loaded int64          // rows, as the ledger has them
	rows   bool           // the table has some
}

// loads compares what the warehouse has with what the lake's tables have.
func (b *backlog) loads(ctx context.Context, look func(context.Context) (map[string]*holding, error)) (out []load, err error) {
	if len(b.book.Tables) == 0 {
		return nil, nil
	}
	has, err := look(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range b.book.Tables {
		h := has[t.Name]
		if h == nil {
			h = &holding{}
		}
		if runs, why := b.unloaded(t, h); len(runs) > 0 {
			out = append(out, load{Name: t.Name, Why: why, Runs: len(runs), table: t, runs: runs})
		}
	}
	return out, nil
}

// unloaded says of which runs a table has not got what its source has. In those that the execution does anyway it will; but when
// something else is loaded, they are too, so that the table is whole at once.
func (b *backlog) unloaded(t bookTable, h *holding) (runs []*ledger.Run, why string) {
	emptied := h.loaded > 0 && !h.rows
	again, err := b.within(b.plan.Ask) // its bounds were checked when the plan was made
	if err != nil || !slices.Contains(b.plan.Ask.Full, t.Name) {
		again = nil
	}
	due, never := false, true
	for _, lr := range b.runs {
		asked := slices.Contains(again, lr)
		gen, have := lr.Outputs[t.From], h.gens[lr.Base.Run]
		if gen == 0 {
			continue // its source is filled first
		}
		never = never && have == 0
		if gen == have && !emptied && !asked {
			continue
		}
		due = due || !b.planned(lr) || have == 0 || emptied || asked
		runs = append(runs, lr)
	}
	switch {
	case !due:
		return nil, ""
	case emptied:
		return runs, "is empty, and was not"
	case never:
		return runs, "is new"
	case len(again) > 0:
		return runs, "is loaded again"
	}
	return runs, "is behind what it is loaded from"
}

// holdings asks the warehouse what it has.
func (b *backlog) holdings(ctx context.Context) (map[string]*holding, error) {
	rows, err := b.query(ctx, strings.Join(b.book.Look, " UNION ALL "))
	if err != nil {
		return nil, fmt.Errorf("ask the warehouse what it has: %w", err)
	}
	return held(rows)
}

// anyHoldings is holdings before all tables are there: one that cannot be asked has no rows.
func (b *backlog) anyHoldings(ctx context.Context) (map[string]*holding, error) {
	all, err := b.holdings(ctx)
	if err == nil {
		return all, nil
	}
	var rows [][]string
	for i, sql := range b.book.Look {
		some, err := b.query(ctx, sql)
		if err != nil && i == 0 {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return held(rows)
}

// held reads the answer of a look.
func held(rows [][]string) (map[string]*holding, error) {
	all := map[string]*holding{}
	for _, row := range rows {
		if len(row) != 4 || row[3] == "" {
			return nil, fmt.Errorf("the warehouse answers %q when asked for target, run, generation and rows", row)
		}
		h := all[row[0]]
		if h == nil {
			h = &holding{gens: map[string]int{}}
			all[row[0]] = h
		}
		n, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the warehouse answers with %q rows: %w", row[3], err)
		}
		if row[1] == "" {
			h.rows = n > 0
			continue
		}
		if h.gens[row[1]], err = strconv.Atoi(strings.TrimSpace(row[2])); err != nil {
			return nil, fmt.Errorf("penstock.loads has the generation %q of run %s: %w", row[2], row[1], err)
		}
		h.loaded += n
	}
	return all, nil
}

// write writes what the load's transaction reads: the COPY manifest of all the files, and the list of the runs.
func (b *backlog) write(ctx context.Context, x *load) error {
	var m struct {
		Entries []copyEntry `json:"entries"`
	}
	var list strings.Builder
	for _, lr := range x.runs {
		gen := lr.Outputs[x.table.From]
		fmt.Fprintf(&list, "%s,%s\n", lr.Base.Run, ledger.Generation(gen))
		if !b.streams(x.table.From) {
			continue
		}
		entries, err := b.copied(ctx, copyKey(b.home, lr.Base.Run, gen, x.table.From))
		if err != nil {
			return err
		}
		m.Entries = append(m.Entries, entries...)
	}
	if !b.streams(x.table.From) {
		entries, err := b.present(ctx, x.table.From)
		if err != nil {
			return err
		}
		m.Entries = entries
	}
	stem := b.home + "plans/" + b.execution + "." + x.Name
	if err := b.overwrite(ctx, stem+".copy.json", m); err != nil {
		return err
	}
	if err := b.putText(ctx, stem+".runs.csv", list.String()); err != nil {
		return err
	}
	names := strings.NewReplacer("{copy}", stem+".copy.json", "{runs}", stem+".runs.csv")
	for _, sql := range x.table.Load {
		x.SQLs = append(x.SQLs, names.Replace(sql))
	}
	return nil
}

func (b *backlog) streams(transform string) bool {
	return slices.ContainsFunc(b.book.Transforms, func(t bookTransform) bool { return t.Name == transform && t.Stream })
}

// present are the files of a table that is recomputed: all that lie there.
func (b *backlog) present(ctx context.Context, name string) (list []copyEntry, err error) {
	s, err := b.table(ctx, name)
	if err != nil {
		return nil, err
	}
	files, err := b.under(ctx, strings.TrimSuffix(s.Table.Location, "/")+"/")
	for _, f := range files {
		e := copyEntry{URL: "s3://" + f.Bucket + "/" + f.Key, Mandatory: true}
		e.Meta.Length = f.Size
		list = append(list, e)
	}
	return list, err
}

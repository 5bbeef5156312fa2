package history

import (
	"fmt"
	"slices"
	"strings"
)

// A line is one row of a file.
type line struct {
	id, day, v int
}

// A made is what a run gave to the tables that append: with which factor each was computed. Tables that are made of "picked" follow it.
type made struct {
	factor map[string]int
	more   bool // "sums" had its further column
}

// A model is what the pipeline has read and must have made of it, computed the plain way.
type model struct {
	files  map[string][]line   // landed, as they are now
	runs   map[string][]string // run -> keys, as its last finished manifest has them
	made   map[string]*made    // by run
	factor map[string]int      // in the SQL of each table, as it is now
	tables []string            // transforms that there are now
	more   bool                // the SQL of "sums" has a further column
	wide   bool                // the values of "picked" are bigint
}

// The transforms. Those that append depend on a factor that edits change.
var (
	streams = []string{"picked", "sums", "again"}
	wholes  = []string{"days", "total"}
)

func newModel() *model {
	m := &model{files: map[string][]line{}, runs: map[string][]string{}, made: map[string]*made{}, factor: map[string]int{}}
	for _, name := range slices.Concat(streams, wholes) {
		m.factor[name] = 1
	}
	return m
}

func (m *model) has(table string) bool { return slices.Contains(m.tables, table) }

// done notes that a run has read keys and given its rows to all tables, with the SQL as it is now.
func (m *model) done(run string, keys []string) {
	m.runs[run] = keys
	m.made[run] = &made{factor: map[string]int{}, more: m.more}
	for _, name := range m.tables {
		m.made[run].factor[name] = m.factor[name]
	}
}

// refill notes that a table and what reads it was made again from runs.
func (m *model) refill(table string, in func(run string) bool) {
	for run, x := range m.made {
		if !in(run) {
			continue
		}
		x.factor[table] = m.factor[table]
		if table == "sums" {
			x.more = m.more
		}
		if table == "picked" {
			delete(x.factor, "again") // it is behind
			if m.has("again") {
				x.factor["again"] = m.factor["again"]
			}
		}
	}
}

// add notes that a table is declared: it is made from the runs that did not give it anything when it was there before.
func (m *model) add(table string) {
	m.tables = append(m.tables, table)
	m.refill(table, func(run string) bool { return m.made[run].factor[table] == 0 })
}

// picked are the rows of the table picked of one run.
func (m *model) picked(run string) (rows []line) {
	k := m.made[run].factor["picked"]
	for _, key := range m.runs[run] {
		for _, l := range m.files[key] {
			if l.v%5 != 0 {
				rows = append(rows, line{l.id, l.day, l.v * k})
			}
		}
	}
	return rows
}

func (m *model) landed(run string) (rows []line) {
	for _, key := range m.runs[run] {
		rows = append(rows, m.files[key]...)
	}
	return rows
}

// byDay sums by day: day,count,sum.
func byDay(rows []line, factor int) (out []string) {
	n, sum := map[int]int{}, map[int]int{}
	for _, l := range rows {
		n[l.day]++
		sum[l.day] += l.v
	}
	for day := range n {
		out = append(out, fmt.Sprintf("%d,%d,%d", day, n[day], sum[day]*factor))
	}
	return out
}

// further adds the further column of "sums", if the table has one.
func (m *model) further(run string, rows []string) []string {
	for i := range rows {
		switch {
		case m.made[run].more:
			rows[i] += ",7"
		case m.more:
			rows[i] += ",<nil>"
		}
	}
	return rows
}

// columns are those of a table that are compared.
func (m *model) columns(table string) string {
	columns := "day, id, v"
	if table == "sums" && m.more {
		columns += ", more"
	}
	if slices.Contains(streams, table) {
		columns += ", _run"
	}
	return columns
}

// rows are what a table must hold: day,count,sum or day,id,value; and, of tables that append, the run.
func (m *model) rows(table string) (out []string) {
	var all, picked []line
	for run := range m.runs {
		var own []string
		switch table {
		case "picked":
			for _, l := range m.picked(run) {
				own = append(own, fmt.Sprintf("%d,%d,%d", l.day, l.id, l.v))
			}
		case "sums":
			own = m.further(run, byDay(m.landed(run), m.made[run].factor["sums"]))
		case "again":
			own = byDay(m.picked(run), m.made[run].factor["again"])
		}
		for _, r := range own {
			out = append(out, r+","+run)
		}
		all, picked = append(all, m.landed(run)...), append(picked, m.picked(run)...)
	}
	switch table {
	case "days":
		out = byDay(all, m.factor["days"])
	case "total":
		out = byDay(picked, m.factor["total"])
	}
	slices.Sort(out)
	return out
}

// spec is the pipeline file for the tables that there are.
func (m *model) spec() string {
	var b strings.Builder
	b.WriteString("pipeline: hist\nbuckets: {raw: {versioning: true}, curated: {}}\nsources:\n  items: " +
		"{s3: raw/items/, format: csv, columns: {id: int, day: int, v: int}}\ntransforms:\n")
	for _, name := range m.tables {
		fmt.Fprintf(&b, "  %s:\n    sql: %q\n    to: curated/%s/\n", name, m.sql(name), name)
		if name == "picked" {
			b.WriteString("    partition_by: [day]\n")
		}
	}
	b.WriteString("warehouse:\n")
	for _, name := range m.tables {
		fmt.Fprintf(&b, "  h.%s: {from: %s}\n", name, name)
	}
	return b.String()
}

func (m *model) sql(name string) string {
	const sums = "SELECT day, CAST(count(*) AS int) AS id, CAST(sum(v) * %d AS int) AS v FROM %s GROUP BY day"
	switch k := m.factor[name]; name {
	case "picked":
		if m.wide {
			return fmt.Sprintf("SELECT id, CAST(v * %d AS bigint) AS v, day FROM STREAM items WHERE v %% 5 <> 0", k)
		}
		return fmt.Sprintf("SELECT id, v * %d AS v, day FROM STREAM items WHERE v %% 5 <> 0", k)
	case "sums":
		if m.more {
			return strings.Replace(fmt.Sprintf(sums, k, "STREAM items"), "SELECT", "SELECT 7 AS more,", 1)
		}
		return fmt.Sprintf(sums, k, "STREAM items")
	case "again":
		return fmt.Sprintf(sums, k, "STREAM picked")
	case "days":
		return fmt.Sprintf(sums, k, "items")
	default:
		return fmt.Sprintf(sums, k, "picked")
	}
}

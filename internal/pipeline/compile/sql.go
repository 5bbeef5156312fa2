package compile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/pipeline"
	"penstock/internal/schema"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// RunColumn is the last column of every file and row that a pipeline writes: the id of the run that gave it.
const RunColumn = "_run"

// A table is a transform with what its SQL gives.
type table struct {
	name    string
	spec    pipeline.Transform
	columns []column
	stream  bool     // it reads this run's files and appends; otherwise it recomputes
	reads   []string // the transforms that it reads
	streams []string // those that it reads as streams
}

// A column is a column of a table in the words of the catalog and of the warehouse.
type column struct {
	name      string
	hive      string
	redshift  string
	partition bool
}

// A binding is the state of one transform while they are put in order: each is bound when another first asks for its columns.
type binding struct {
	running bool
	done    bool
	rel     typed.Relation
}

// bindings bind the SQL of a pipeline and put its transforms in order.
type bindings struct {
	c        *compiler
	all      map[string]*binding
	problems pipeline.Problems
}

// sql binds all SQL of the pipeline and puts the transforms in the order of their dependencies.
func (c *compiler) sql() error {
	b := &bindings{c: c, all: map[string]*binding{}}
	for _, t := range c.spec.Transforms {
		b.all[t.Name] = &binding{}
	}
	for _, s := range c.spec.Sources {
		if rel, err := sourceRelation(s); err == nil {
			b.rules(s.Name, rel, s.Quality)
		}
	}
	for _, t := range c.spec.Transforms {
		b.transform(t)
	}
	if len(b.problems) == 0 {
		b.warehouse()
	}
	if len(b.problems) > 0 {
		return b.problems
	}
	return nil
}

func (b *bindings) problem(at pipeline.Pos, format string, args ...any) {
	b.problems = append(b.problems, pipeline.Problem{At: at, Msg: fmt.Sprintf(format, args...)})
}

// failed reports an error of the SQL packages at its place in the file that holds the text.
func (b *bindings) failed(sql pipeline.SQL, err error) {
	var e *syntax.Error
	if !errors.As(err, &e) {
		b.problem(sql.At, "%v", err)
		return
	}
	at := sql.At
	if e.Pos.Line > 1 {
		at.Col = sql.Indent
	} else {
		at.Col--
	}
	at.Line += e.Pos.Line - 1
	at.Col += e.Pos.Col
	msg := e.Msg
	if e.Line != "" {
		msg += "\n" + e.Caret()
	}
	b.problem(at, "%s", msg)
}

func (b *bindings) transform(t pipeline.Transform) {
	state := b.all[t.Name]
	if state.done {
		return
	}
	state.running = true
	defer func() { state.running, state.done = false, true }()
	if t.Script != nil {
		b.script(t)
		return
	}
	bound := b.query(t.SQL, dialect.Spark, b.lookup)
	if bound == nil {
		return
	}
	b.noStream(t.SQL, bound)
	out := table{name: t.Name, spec: t}
	for _, r := range bound.Relations {
		out.stream = out.stream || r.Stream
		if name := r.Name[len(r.Name)-1]; b.all[name] != nil {
			out.upstream(name, r.Stream)
		}
	}
	out.columns = b.columns(t, bound.Columns)
	state.rel = typed.Relation{Name: []string{t.Name},
		Columns: append(slices.Clone(bound.Columns), typed.Column{Name: RunColumn, Type: typed.CharOf(26)})}
	b.c.tables = append(b.c.tables, out)
	b.rules(t.Name, state.rel, t.Quality)
}

// query parses and binds a text that must be one query.
func (b *bindings) query(sql pipeline.SQL, d *dialect.Dialect, lookup func([]string) (typed.Relation, error)) *bind.Bound {
	statements, err := parse.Statements(sql.Text, d)
	if err != nil {
		b.failed(sql, err)
		return nil
	}
	if len(statements) != 1 {
		b.problem(sql.At, "one query is wanted here, not %d statements", len(statements))
		return nil
	}
	bound, err := bind.Statement(statements[0], bind.Options{Dialect: d, Lookup: lookup, Text: sql.Text})
	if err != nil {
		b.failed(sql, err)
		return nil
	}
	if bound.Columns == nil {
		b.problem(sql.At, "a query is wanted here (SELECT ...)")
		return nil
	}
	return bound
}

// lookup finds a relation of lake SQL: a source or another transform.
func (b *bindings) lookup(name []string) (typed.Relation, error) {
	if len(name) == 2 && name[0] == b.c.glueDatabase() {
		name = name[1:]
	}
	if len(name) != 1 {
		return typed.Relation{}, fmt.Errorf("there is no table %s: a pipeline's SQL names its sources and transforms", strings.Join(name, "."))
	}
	if s, ok := b.c.spec.Source(name[0]); ok {
		return sourceRelation(s)
	}
	t, ok := b.c.spec.Transform(name[0])
	if !ok {
		return typed.Relation{}, fmt.Errorf("there is no source or transform %q%s", name[0], b.nearest(name[0]))
	}
	state := b.all[t.Name]
	if state.running {
		return typed.Relation{}, fmt.Errorf("the transform %q depends on itself", t.Name)
	}
	b.transform(t)
	if state.rel.Columns == nil {
		return typed.Relation{}, fmt.Errorf("the transform %q has errors of its own", t.Name)
	}
	return state.rel, nil
}

func (b *bindings) nearest(name string) string {
	var words []string
	for _, s := range b.c.spec.Sources {
		words = append(words, s.Name)
	}
	for _, t := range b.c.spec.Transforms {
		words = append(words, t.Name)
	}
	if w := pipeline.Nearest(name, words); w != "" {
		return fmt.Sprintf("; did you mean %q?", w)
	}
	return ""
}

// sourceRelation is a source as SQL sees it. What a crawler will find is not known yet: every name is a column of unknown type.
func sourceRelation(s pipeline.Source) (typed.Relation, error) {
	rel := typed.Relation{Name: []string{s.Name}, Open: s.Crawl != nil}
	for _, c := range s.Columns {
		ty, err := typed.ParseLake(c.Type)
		if err != nil {
			return rel, fmt.Errorf("the column %q of the source %q: %w", c.Name, s.Name, err)
		}
		rel.Columns = append(rel.Columns, typed.Column{Name: c.Name, Type: ty})
	}
	return rel, nil
}

// columns maps what a query gives to catalog and warehouse columns, partition columns last, as the catalog has them.
func (b *bindings) columns(t pipeline.Transform, bound []typed.Column) []column {
	var plain, partition []column
	found := map[string]bool{}
	for _, c := range bound {
		hive, redshift, err := typeNames(c.Type)
		if err != nil {
			b.problem(t.SQL.At, "the column %q of %q: %v", c.Name, t.Name, err)
			continue
		}
		if c.Name == RunColumn || found[c.Name] {
			b.problem(t.SQL.At, "the column name %q of %q is taken", c.Name, t.Name)
		}
		found[c.Name] = true
		col := column{name: c.Name, hive: hive, redshift: redshift, partition: slices.Contains(t.PartitionBy, c.Name)}
		if col.partition {
			partition = append(partition, col)
		} else {
			plain = append(plain, col)
		}
	}
	slices.SortStableFunc(partition, func(x, y column) int {
		return slices.Index(t.PartitionBy, x.name) - slices.Index(t.PartitionBy, y.name)
	})
	for _, p := range t.PartitionBy {
		if !found[p] {
			b.problem(t.At, "the transform %q is partitioned by %q, which its SQL does not give", t.Name, p)
		}
	}
	if len(plain) == 0 && len(b.problems) == 0 {
		b.problem(t.SQL.At, "the transform %q gives nothing but partition columns", t.Name)
	}
	plain = append(plain, column{name: RunColumn, hive: "char(26)", redshift: "char(26)"})
	return append(plain, partition...)
}

// typeNames are the catalog's and the warehouse's words for a type.
func typeNames(t typed.Type) (hive, redshift string, err error) {
	switch t.Kind {
	case typed.String:
		return "string", "varchar(65535)", nil
	case typed.Varchar:
		if t.Len == 0 {
			return "string", "varchar(65535)", nil
		}
		return t.String(), t.String(), nil
	case typed.Int:
		return "int", "integer", nil
	case typed.Tinyint:
		return "tinyint", "smallint", nil
	case typed.Real:
		return "float", "real", nil
	case typed.Double:
		return "double", "double precision", nil
	case typed.Bool, typed.Smallint, typed.Bigint, typed.Decimal, typed.Date, typed.Timestamp, typed.Char:
		return t.String(), t.String(), nil
	case typed.Timestamptz:
		return "timestamp", "timestamp", nil
	case typed.Varbyte:
		return "binary", "varbyte(1024000)", nil
	case typed.Array, typed.Map, typed.Struct:
		if _, err := schema.Parse(t.Lake()); err != nil {
			return "", "", err
		}
		return t.Lake(), "", nil // nested columns are not loaded yet
	case typed.Unknown, typed.Null:
		return "", "", errors.New("its type depends on a crawled column: give it one, CAST(... AS type)")
	}
	return "", "", fmt.Errorf("the type %s cannot be stored", t)
}

func (c *compiler) table(name string) table {
	for _, t := range c.tables {
		if t.name == name {
			return t
		}
	}
	return table{}
}

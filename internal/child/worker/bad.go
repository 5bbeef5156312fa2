package worker

import (
	"fmt"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/serde"
)

// forSource picks a source's value out of an argument: one value for all of them, or a=1,b=2.
func forSource(arg, source string) string {
	if !strings.Contains(arg, "=") {
		return strings.TrimSpace(arg)
	}
	for item := range strings.SplitSeq(arg, ",") {
		if name, v, ok := strings.Cut(item, "="); ok && strings.EqualFold(strings.TrimSpace(name), source) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// tolerate reads how much of a source may be wrong, or new.
func (r *run) tolerate(s *reading.Source) (err error) {
	const badFileArg, limitArg, schemaArg = "--penstock-on-bad-file", "--penstock-max-rejected", "--penstock-schema"
	switch v := forSource(r.args[badFileArg], s.Table.Name); v {
	case "", "stop":
	case "quarantine":
		s.Quarantine = true
	default:
		return fmt.Errorf("%s: %q is neither stop nor quarantine", badFileArg, v)
	}
	switch v := forSource(r.args[schemaArg], s.Table.Name); v {
	case "", "freeze":
	case "evolve":
		s.Evolve = true
	default:
		return fmt.Errorf("%s: %q is neither freeze nor evolve", schemaArg, v)
	}
	if v := forSource(r.args["--penstock-format"], s.Table.Name); v != "" && v != s.Form.Kind.Word() {
		return fmt.Errorf("table %s is %s, as its crawler found, and the pipeline says format: %s", s.Table.Name, s.Form.Kind, v)
	}
	if v := forSource(r.args[limitArg], s.Table.Name); v != "" {
		if s.Limit, err = reading.ParseLimit(v); err != nil {
			return fmt.Errorf("%s: %w", limitArg, err)
		}
		s.Lenient = true
	}
	return nil
}

// judgeRows ends the step when too much of a source is wrong.
func (r *relations) judgeRows(x *rel) error {
	l := x.loaded
	wrong := l.Bad() + l.Rejected()
	all := wrong == l.Rows()
	if wrong == 0 || !all && (x.source.Limit == nil || !x.source.Limit.Broken(wrong, l.Rows())) {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "table %s: %d of %d rows have a value that does not fit its column's type, or were rejected",
		x.source.Table.Name, wrong, l.Rows())
	if all {
		b.WriteString("; that is every row, so that the table or the files are not what they are taken for")
	} else {
		fmt.Fprintf(&b, "; max_rejected is %s", x.source.Limit.Text)
	}
	for i, v := range l.Values() {
		if i == examples {
			fmt.Fprintf(&b, "\n  and more")
			break
		}
		b.WriteString("\n  " + v.Message(x.parts))
	}
	return fmt.Errorf("%s", b.String())
}

// report adds what came of reading a source to the step's result and log.
func (r *relations) report(x *rel) {
	l, res := x.loaded, &r.result
	res.RowsRead += l.Rows()
	res.RowsRejected += l.Rejected()
	res.BadValues += l.Bad()
	bad := int64(0)
	for i, c := range x.source.Columns[:x.source.Data] {
		n := l.BadIn(i)
		bad += n
		if n > 0 {
			res.BadColumns = append(res.BadColumns, task.BadColumn{Source: x.source.Table.Name, Column: c.Name, Type: c.Type.String(), Count: n})
			r.say("bad values: %d in column %q of %s, which is %s", n, c.Name, x.source.Table.Name, c.Type)
		}
	}
	for _, v := range l.Values() {
		word := "bad value"
		if v.Lost > 0 {
			word = "rejected"
		}
		r.say("%s: %s", word, v.Message(x.parts))
	}
	if more := l.Rejected() + bad - int64(len(l.Values())); more > 0 {
		r.say("%d bad values and rejected rows more", more)
	}
	for _, f := range l.Aside {
		r.setAside(x.parts[f.Part], f.FileError)
	}
}

// setAside tells of a file that is left out whole.
func (r *run) setAside(p reading.Part, f *serde.FileError) {
	r.result.Quarantined++
	r.badFile(p, f)
	r.say("set aside: %s: %v", p.URI(), f)
}

func (r *run) badFile(p reading.Part, f *serde.FileError) {
	if len(r.result.BadFiles) < reading.Listed {
		r.result.BadFiles = append(r.result.BadFiles, task.BadFile{URI: p.URI(), Line: f.Line, Reason: f.Problem})
	}
}

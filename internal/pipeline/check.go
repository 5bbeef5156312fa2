package pipeline

import (
	"errors"
	"strings"

	"penstock/internal/arn"
	"penstock/internal/dqdl"
)

// check finds names that lead nowhere; like the reading it reports all that it finds.
func (d *decoder) check(s *Spec) {
	if len(s.Sources) == 0 && len(d.problems) == 0 {
		d.problemAt(Pos{d.file, 1, 1}, "a pipeline needs at least one source under sources:")
	}
	var buckets []string
	for _, b := range s.Buckets {
		buckets = append(buckets, b.Key)
	}
	names := map[string]Pos{}
	for _, x := range s.Sources {
		d.bucketKnown(s, x.To, buckets)
		d.unique(names, x.Name, x.At)
		d.columnTypes(x)
		d.rules(x.Quality)
		if b, ok := s.Bucket(x.To.Bucket); ok && !b.Versioning && len(d.problems) == 0 {
			d.problemAt(b.At, "the bucket %q is where the source %q lands: it needs versioning: true, "+
				"so that a corrected file replaces what the first one gave", b.Key, x.Name)
		}
	}
	for _, x := range s.Transforms {
		d.bucketKnown(s, x.To, buckets)
		d.unique(names, x.Name, x.At)
		d.rules(x.Quality)
	}
	d.scripts(s, buckets)
	if _, ok := s.Bucket("curated"); !ok && len(d.problems) == 0 {
		d.problemAt(Pos{d.file, 1, 1}, "a pipeline needs the bucket \"curated\": the records of its runs lie there")
	}
	d.tables(s)
	d.places(s)
	d.targets(s)
	d.names(s)
}

// places refuses tables that would lie inside of one another: what replaces one's files would take the other's.
func (d *decoder) places(s *Spec) {
	type owner struct {
		name string
		to   Place
	}
	var all []owner
	add := func(name string, to Place) {
		for _, o := range all {
			if to.Bucket == o.to.Bucket && to.Prefix != "" &&
				(strings.HasPrefix(to.Prefix, o.to.Prefix) || strings.HasPrefix(o.to.Prefix, to.Prefix)) {
				d.problemAt(to.At, "%s/%s of %q and %s/%s of %q lie inside of one another: each needs a place of its own",
					to.Bucket, to.Prefix, name, o.to.Bucket, o.to.Prefix, o.name)
			}
		}
		all = append(all, owner{name, to})
	}
	for _, x := range s.Sources {
		add(x.Name, x.To)
	}
	for _, x := range s.Transforms {
		add(x.Name, x.To)
	}
}

// targets refuses what would be read and not done: only the embedded runtime can be run on, in a region of AWS.
func (d *decoder) targets(s *Spec) {
	for _, t := range s.Targets {
		_, known := arn.RegionName(t.Region)
		switch {
		case t.Region != "" && !known:
			d.problemAt(t.At, "%q is no region of AWS, as us-east-1 is", t.Region)
		case t.Name != Embedded && t.Default:
			d.problemAt(t.At, "the target %q cannot be run on yet: only %q, the embedded runtime, can be the default", t.Name, Embedded)
		}
	}
}

func (d *decoder) tables(s *Spec) {
	var transforms []string
	for _, x := range s.Transforms {
		transforms = append(transforms, x.Name)
	}
	tables := map[string]Pos{}
	for _, t := range s.Tables {
		d.unique(tables, t.FullName(), t.At)
		x, ok := s.Transform(t.From)
		switch {
		case t.From != "" && !ok:
			d.problemAt(t.At, "there is no transform %q to load%s", t.From, suggest(t.From, transforms))
		case ok && x.Script != nil:
			d.problemAt(t.At, "%s is loaded from %q, which a script makes; loads go by what each run gave, which a script does not say: "+
				"load a transform with sql: that reads %s", t.FullName(), x.Name, x.Name)
		case ok && x.Format != "parquet":
			d.problemAt(t.At, "%s is loaded from %q, whose format is %s; loading files that are not Parquet is not supported yet",
				t.FullName(), x.Name, x.Format)
		}
	}
}

func (d *decoder) bucketKnown(s *Spec, p Place, buckets []string) {
	if _, ok := s.Bucket(p.Bucket); !ok && p.Bucket != "" {
		d.problemAt(p.At, "there is no bucket %q%s", p.Bucket, suggest(p.Bucket, buckets))
	}
}

func (d *decoder) unique(names map[string]Pos, name string, at Pos) {
	if first, twice := names[name]; twice {
		d.problemAt(at, "the name %q is taken by line %d", name, first.Line)
		return
	}
	names[name] = at
}

// rules parses each rule by itself, so that a mistake is reported on its own line.
func (d *decoder) rules(rules []Rule) {
	for _, r := range rules {
		rule, err := dqdl.ParseRule(r.Text)
		var syntax *dqdl.Error
		switch {
		case errors.As(err, &syntax):
			d.problemAt(r.At, "not a data quality rule: %s (at its character %d)", syntax.Msg, syntax.Col)
		case err != nil:
			d.problemAt(r.At, "not a data quality rule: %v", err)
		default:
			if err := dqdl.Evaluable(rule); err != nil {
				d.problemAt(r.At, "%v", err)
			}
		}
	}
}

package pipeline

import (
	"strings"

	"gopkg.in/yaml.v3"
)

func (d *decoder) spec(n *yaml.Node, s *Spec) {
	d.object(n, "a pipeline", []field{
		{"pipeline", func(v *yaml.Node) { s.Name = d.pipelineName(v) }},
		{"notify", func(v *yaml.Node) { d.notify(v, s) }},
		{"buckets", func(v *yaml.Node) {
			d.entries(v, "buckets", func(k, v *yaml.Node) { s.Buckets = append(s.Buckets, d.bucket(k, v)) })
		}},
		{"sources", func(v *yaml.Node) {
			d.entries(v, "sources", func(k, v *yaml.Node) { s.Sources = append(s.Sources, d.source(k, v)) })
		}},
		{"transforms", func(v *yaml.Node) {
			d.entries(v, "transforms", func(k, v *yaml.Node) { s.Transforms = append(s.Transforms, d.transform(k, v)) })
		}},
		{"warehouse", func(v *yaml.Node) {
			d.entries(v, "warehouse", func(k, v *yaml.Node) { s.Tables = append(s.Tables, d.table(k, v)) })
		}},
		{"report", func(v *yaml.Node) { q := d.sqlText(v); s.Report = &q }},
		{"targets", func(v *yaml.Node) {
			d.entries(v, "targets", func(k, v *yaml.Node) { s.Targets = append(s.Targets, d.target(k, v)) })
		}},
	}, d.notYet("schedule", "on", "after", "alarms", "flow", "connections", "orchestrate", "Resources"))
	if s.Name == "" && len(d.problems) == 0 {
		d.problem(n, "a pipeline needs a name: pipeline: NAME")
	}
}

// notYet answers keys of docs/spec.md that this version does not know how to do.
func (d *decoder) notYet(keys ...string) func(key, value *yaml.Node) bool {
	return func(key, _ *yaml.Node) bool {
		for _, k := range keys {
			if key.Value == k {
				d.problem(key, "%q is not supported yet", k)
				return true
			}
		}
		return false
	}
}

func (d *decoder) pipelineName(n *yaml.Node) string {
	name := d.text(n)
	if !isPipelineName(name) {
		d.problem(n, "%q cannot be a pipeline's name: 3 to 30 lower-case letters and digits, "+
			"first a letter (it becomes the name of a workgroup and part of those of buckets)", name)
	}
	return name
}

func isPipelineName(s string) bool {
	return identifier().MatchString(s) && len(s) >= 3 && len(s) <= 30 && !strings.Contains(s, "_")
}

func (d *decoder) notify(n *yaml.Node, s *Spec) {
	d.list(n, "notify", func(item *yaml.Node) {
		url := d.text(item)
		protocol, _, ok := strings.Cut(url, "://")
		switch {
		case ok && (protocol == "http" || protocol == "https"):
			s.Notify = append(s.Notify, Endpoint{protocol, url, d.pos(item)})
		case strings.HasPrefix(url, "mailto:"):
			d.problem(item, "mail is not supported yet; an http:// or https:// address is")
		default:
			d.problem(item, "%q is not an http:// or https:// address", url)
		}
	})
}

func (d *decoder) bucket(key, n *yaml.Node) Bucket {
	b := Bucket{Key: d.name(key, "a bucket"), At: d.pos(key)}
	if n.Tag == "!!null" {
		return b
	}
	d.object(n, "a bucket", []field{
		{"versioning", func(v *yaml.Node) { b.Versioning = d.boolean(v) }},
		{"name", func(v *yaml.Node) { b.Name = d.text(v) }},
	}, d.notYet("lifecycle"))
	return b
}

func (d *decoder) source(key, n *yaml.Node) Source {
	s := Source{Name: d.name(key, "a source"), At: d.pos(key)}
	crawl := map[string]any{}
	var options []Column // the keys that only a source with columns can have
	fields := d.optionFields(&s, func(n *yaml.Node, key string) { options = append(options, Column{Name: key, At: d.pos(n)}) })
	d.object(n, "a source", append([]field{
		{"s3", func(v *yaml.Node) { s.To = d.place(v) }},
		{"format", func(v *yaml.Node) { d.sourceFormat(v, &s) }},
		{"crawl", func(v *yaml.Node) {
			s.Crawl = crawl
			if v.Tag != "!!null" {
				d.object(v, "crawl", nil, d.pascal(crawl, []string{"Description", "Tags"}))
			}
		}},
		{"columns", func(v *yaml.Node) {
			d.entries(v, "columns", func(k, v *yaml.Node) {
				s.Columns = append(s.Columns, Column{d.name(k, "a column"), d.text(v), d.pos(v)})
			})
		}},
		{"schema", func(v *yaml.Node) { s.Evolve = d.drift(v) }},
		{"quality", func(v *yaml.Node) { s.Quality = d.quality(v) }},
		{"sample", func(v *yaml.Node) { s.Sample, s.SampleAt = d.text(v), d.pos(v) }},
	}, fields...), d.notYet("firehose", "to", "jdbc", "table", "cursor", "mode"))
	if s.Evolve && s.Crawl == nil {
		d.problem(key, "the source %q declares its columns: schema: evolve is for crawl:, where a crawl finds new ones; "+
			"add the column to columns: instead", s.Name)
	}
	if s.Crawl != nil {
		for _, o := range options {
			d.problemAt(o.At, "%s: needs columns: {name: type}; with crawl: the crawler finds out how the files are written", o.Name)
		}
	}
	d.options(&s, key)
	d.formatOptions(&s, options)
	switch {
	case s.To.Prefix == "":
		d.problem(key, "the source %q needs a place: s3: bucket/prefix/", s.Name)
	case s.Format == "":
		d.problem(key, "the source %q needs a format: %s", s.Name, strings.Join(sourceFormats, ", "))
	case (s.Crawl == nil) == (s.Columns == nil):
		d.problem(key, "the source %q needs either crawl: {} or columns: {name: type}", s.Name)
	}
	return s
}

// drift reads schema: what happens to columns that a source did not have.
func (d *decoder) drift(n *yaml.Node) (evolve bool) {
	switch text := d.text(n); text {
	case "discard_row", "discard_value":
		d.problem(n, "schema: %s is not supported yet; freeze (the default) and evolve are", text)
		return false
	default:
		return d.oneOf(n, "freeze", "evolve") == "evolve"
	}
}

func (d *decoder) oneOf(n *yaml.Node, words ...string) string {
	text := d.text(n)
	for _, w := range words {
		if w == text {
			return w
		}
	}
	d.problem(n, "%q is not supported here%s", text, suggest(text, words))
	return text
}

// quality reads a list of DQDL rules, or the same under rules: with on_fail:.
func (d *decoder) quality(n *yaml.Node) (rules []Rule) {
	if n.Kind == yaml.MappingNode {
		d.object(n, "quality", []field{
			{"on_fail", func(v *yaml.Node) {
				if text := d.text(v); text != "stop" {
					d.problem(v, "on_fail: %s is not supported yet; \"stop\" is", text)
				}
			}},
			{"rules", func(v *yaml.Node) { rules = d.ruleList(v) }},
		}, nil)
		return rules
	}
	return d.ruleList(n)
}

func (d *decoder) ruleList(n *yaml.Node) (rules []Rule) {
	d.list(n, "quality", func(item *yaml.Node) {
		rules = append(rules, Rule{d.text(item), d.pos(item)})
	})
	return rules
}

func (d *decoder) transform(key, n *yaml.Node) Transform {
	t := Transform{Name: d.name(key, "a transform"), At: d.pos(key), Properties: map[string]any{}, Format: "parquet"}
	var compression *yaml.Node
	var only []Column // the keys that only a script has
	script := d.scriptFields(&t, func(n *yaml.Node, key string) { only = append(only, Column{Name: key, At: d.pos(n)}) })
	d.object(n, "a transform", append([]field{
		{"sql", func(v *yaml.Node) { t.SQL = d.sqlText(v) }},
		{"to", func(v *yaml.Node) { t.To = d.place(v) }},
		{"partition_by", func(v *yaml.Node) { t.PartitionBy = d.texts(v, "partition_by") }},
		{"quality", func(v *yaml.Node) { t.Quality = d.quality(v) }},
		{"format", func(v *yaml.Node) { t.Format = d.oneOf(v, "parquet", "orc", "json", "csv") }},
		{"compression", func(v *yaml.Node) { compression = v }},
		{"Retry", func(v *yaml.Node) { t.Retry = d.verbatim(v) }},
	}, script...), func(k, v *yaml.Node) bool {
		return d.notYet("lookback", "when", "on_schema_change", "compact", "Catch")(k, v) ||
			d.pascal(t.Properties, append([]string{"Description", "Timeout", "WorkerType", "NumberOfWorkers", "GlueVersion"},
				scriptProperties...))(k, v)
	})
	d.compression(compression, &t)
	d.scripted(key, &t, compression, only)
	_, kind := t.Properties["WorkerType"]
	_, count := t.Properties["NumberOfWorkers"]
	switch {
	case kind != count:
		d.problem(key, "the transform %q needs both WorkerType and NumberOfWorkers (2 or more), or neither", t.Name)
	case t.SQL.Text == "" && t.Script == nil:
		if len(d.problems) == 0 {
			d.problem(key, "the transform %q needs sql: a query or the name of a file, or script: the name of a file", t.Name)
		}
	case t.To.Prefix == "":
		d.problem(key, "the transform %q needs a place: to: bucket/prefix/", t.Name)
	}
	return t
}

func (d *decoder) table(key, n *yaml.Node) Table {
	t := Table{At: d.pos(key)}
	schema, name, ok := strings.Cut(key.Value, ".")
	if !ok || !identifier().MatchString(schema) || !identifier().MatchString(name) {
		d.problem(key, "%q cannot be the name of a warehouse table: schema.table in lower case", key.Value)
	}
	if schema == "penstock" {
		d.problem(key, "the schema \"penstock\" is kept for the record of loads")
	}
	t.Schema, t.Name = schema, name
	d.object(n, "a warehouse table", []field{
		{"from", func(v *yaml.Node) { t.From = d.text(v) }},
		{"sql", func(v *yaml.Node) { q := d.sqlText(v); t.SQL = &q }},
		{"materialized", func(v *yaml.Node) { d.oneOf(v, "view") }},
		{"dist", func(v *yaml.Node) { t.Dist = d.text(v) }},
		{"sort", func(v *yaml.Node) { t.Sort = d.texts(v, "sort") }},
		{"on_schema_change", func(v *yaml.Node) { t.OnChange = d.oneOf(v, "append_new_columns", "sync_all_columns", "fail") }},
	}, d.notYet("unique_key", "incremental_strategy", "external", "when"))
	if (t.From == "") == (t.SQL == nil) {
		d.problem(key, "the warehouse table %q needs either from: TRANSFORM or sql:", key.Value)
	}
	if t.SQL != nil && (t.Dist != "" || t.Sort != nil || t.OnChange != "") {
		d.problem(key, "%q is a view: dist:, sort: and on_schema_change: are for tables that are loaded (from:)", key.Value)
	}
	if t.OnChange == "" {
		t.OnChange = "append_new_columns"
	}
	return t
}

func (d *decoder) target(key, n *yaml.Node) Target {
	t := Target{Name: key.Value, At: d.pos(key)}
	d.object(n, "a target", []field{
		{"default", func(v *yaml.Node) { t.Default = d.boolean(v) }},
		{"region", func(v *yaml.Node) { t.Region = d.text(v) }},
		{"workgroup", func(v *yaml.Node) { t.Workgroup = d.text(v) }},
	}, d.notYet("confirm", "account"))
	return t
}

package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/pipeline"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/lex"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// A transform with script: is a Glue job that runs the user's file as it is. It knows nothing of runs and manifests: the state machine
// starts it after its inputs, once for each run, and its table is whatever lies in its place then. A crawler over that table registers its
// partitions.

// script takes the columns that a script's output is declared to have, and puts it after its inputs.
func (b *bindings) script(t pipeline.Transform) {
	out := table{name: t.Name, spec: t}
	for _, in := range t.Script.Inputs {
		x, ok := b.c.spec.Transform(in.Name)
		if !ok {
			continue // a source
		}
		if b.all[in.Name].running {
			b.problem(in.At, "the transform %q depends on itself", in.Name)
			continue
		}
		b.transform(x)
		out.upstream(in.Name, false)
	}
	var plain, partition []column
	types := map[string]typed.Type{}
	for _, c := range t.Script.Columns {
		ty, err := typed.ParseLake(c.Type)
		if err != nil {
			b.problem(c.At, "the column %q of the transform %q: %v", c.Name, t.Name, err)
			continue
		}
		hive, redshift, err := typeNames(ty)
		if err != nil {
			b.problem(c.At, "the column %q of the transform %q: %v", c.Name, t.Name, err)
			continue
		}
		types[c.Name] = ty
		col := column{name: c.Name, hive: hive, redshift: redshift, partition: slices.Contains(t.PartitionBy, c.Name)}
		switch {
		case col.partition && redshift == "":
			b.problem(c.At, "the transform %q is partitioned by %q, which is nested: a folder's name has no such value", t.Name, c.Name)
		case col.partition:
			partition = append(partition, col)
		default:
			plain = append(plain, col)
		}
	}
	slices.SortStableFunc(partition, func(x, y column) int {
		return slices.Index(t.PartitionBy, x.name) - slices.Index(t.PartitionBy, y.name)
	})
	for i, p := range t.PartitionBy {
		if _, ok := types[p]; !ok && len(b.problems) == 0 {
			b.problem(t.At, "the transform %q is partitioned by %q, which its columns: do not have", t.Name, p)
		}
		if slices.Contains(t.PartitionBy[:i], p) {
			b.problem(t.At, "the transform %q is partitioned by %q twice", t.Name, p)
		}
	}
	if len(plain) == 0 && len(b.problems) == 0 {
		b.problem(t.At, "the transform %q gives nothing but partition columns", t.Name)
	}
	out.columns = append(plain, partition...)
	rel := typed.Relation{Name: []string{t.Name}}
	for _, c := range out.columns {
		rel.Columns = append(rel.Columns, typed.Column{Name: c.name, Type: types[c.name]})
	}
	b.all[t.Name].rel = rel
	b.c.tables = append(b.c.tables, out)
	b.rules(t.Name, rel, t.Quality)
}

// noStream refuses FROM STREAM of what a script makes.
func (b *bindings) noStream(sql pipeline.SQL, bound *bind.Bound) {
	for _, r := range bound.Relations {
		name := r.Name[len(r.Name)-1]
		if t, ok := b.c.spec.Transform(name); !ok || !r.Stream || t.Script == nil {
			continue
		}
		b.failed(sql, syntax.Errorf(streamAt(sql.Text, name), "FROM STREAM %s: a script makes that table, and does not say "+
			"which of its rows a run gave; FROM %s reads all of it", name, name).Locate(sql.Text))
	}
}

// streamAt is where a query reads a table as a stream.
func streamAt(text, name string) syntax.Pos {
	tokens, err := lex.Tokens(text, dialect.Spark)
	if err != nil {
		return syntax.Pos{Line: 1, Col: 1} // it has been parsed before: there is no such error
	}
	for i, t := range tokens {
		if i > 0 && strings.EqualFold(strings.Trim(t.Text, "`"), name) && strings.EqualFold(tokens[i-1].Text, "STREAM") {
			return tokens[i-1].Pos
		}
	}
	return syntax.Pos{Line: 1, Col: 1}
}

// scriptJob is the job that runs the file. Its arguments are the user's and no others.
func (c *compiler) scriptJob(t table) object {
	s := t.spec.Script
	args := object{}
	for _, a := range s.Arguments {
		args["--"+a.Name] = bucketNames(a.Value)
	}
	if given, ok := t.spec.Properties["DefaultArguments"].(map[string]any); ok {
		maps.Copy(args, given)
	}
	code := c.asset(s.Name, ".py", []byte(s.Text))
	p := object{
		"Name": c.jobName(t.name), "Role": att("GlueRole", "Arn"), "GlueVersion": "5.1", "Timeout": 480,
		"WorkerType": "G.1X", "NumberOfWorkers": 2,
		"Command": object{"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": sub("s3://" + assetsBucket + "/" + code)},
	}
	maps.Copy(p, t.spec.Properties)
	p["DefaultArguments"] = args
	return object{"Type": "AWS::Glue::Job", "Properties": p}
}

// bucketNames writes the value of an argument, in which ${key} is the name of a bucket.
func bucketNames(text string) any {
	if !strings.Contains(text, "${") {
		return text
	}
	return sub(pipeline.BucketIn().ReplaceAllStringFunc(text, func(m string) string {
		return bucketRef(pipeline.Place{Bucket: m[len("${") : len(m)-1]})
	}))
}

// partitioned reports whether a crawler registers the partitions of a script's table.
func (t table) partitioned() bool { return t.spec.Script != nil && len(t.spec.PartitionBy) > 0 }

// partitionCrawler adds the partitions that it finds to the table, and changes nothing else of it.
func (c *compiler) partitionCrawler(t table) object {
	return object{"Type": "AWS::Glue::Crawler", "Properties": object{
		"Name": c.crawlerName(t.name), "DatabaseName": ref("Database"), "Role": att("GlueRole", "Arn"),
		"Targets": object{"CatalogTargets": list{object{
			"DatabaseName": ref("Database"), "Tables": list{ref(logical(t.name, "table"))},
		}}},
		"SchemaChangePolicy": object{"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
		"Configuration":      `{"Version":1.0,"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}}}`,
	}}
}

// runScript runs a script's job, registers the partitions of its table, judges what lies there, and notes that the run has given it. verb
// makes the names of the states its own.
func (c *compiler) runScript(m *chain, t table, verb string) {
	retry := t.spec.Retry
	if retry == nil { // what a script has begun is not done twice unasked
		retry = list{object{"ErrorEquals": list{"Glue.ConcurrentRunsExceededException"}, "IntervalSeconds": 1, "MaxAttempts": 2,
			"BackoffRate": 2}}
	}
	state := verb + " " + t.name
	c.step(state, state, t.name, "glue")
	m.add(state, object{
		"Type": "Task", "Resource": startJob, "Parameters": object{"JobName": c.jobName(t.name)}, "ResultPath": nil, "Retry": retry,
	})
	if t.partitioned() {
		m.add(verb+": partitions of "+t.name, c.register(t, verb))
	}
	check := verb + ": check " + t.name
	m.add(check, c.jobState(check, t.name, "check", "check-"+t.name, object{}, nil))
	m.add(verb+": note "+t.name, object{
		"Type": "Task", "Resource": sdk + "s3:putObject",
		"Parameters": object{
			"Bucket": "${CuratedBucket}", "ContentType": "application/json", "Body": `{"entries":[]}`,
			"Key.$": "States.Format('_penstock/runs/{}/{}." + t.name + ".copy.json', $.run, $.gen)",
		},
		"ResultPath": nil,
	})
}

// register starts the crawler and awaits it: a Parallel of one branch, so that what it answers is not in the state of the run.
func (c *compiler) register(t table, verb string) object {
	m := newChain()
	name := object{"Name": c.crawlerName(t.name)}
	of := strings.ToLower(verb) + " " + t.name
	m.add("Register: "+of, object{
		"Type": "Task", "Resource": sdk + "glue:startCrawler", "Parameters": name, "ResultPath": nil,
		"Retry": list{object{"ErrorEquals": list{"Glue.CrawlerRunningException"}, "IntervalSeconds": 1, "MaxAttempts": 60, "BackoffRate": 1}},
	})
	get := "Registered: " + of
	m.add(get, object{"Type": "Task", "Resource": sdk + "glue:getCrawler", "Parameters": name, "ResultPath": "$.crawl"})
	wait, failed, done := "Wait: "+of, "Not registered: "+of, "All registered: "+of
	ready := object{"Variable": "$.crawl.Crawler.State", "StringEquals": "READY"}
	m.choose("Are they registered: "+of, list{
		object{"And": list{ready, object{"Variable": "$.crawl.Crawler.LastCrawl.Status", "StringEquals": "SUCCEEDED"}}, "Next": done},
		object{"And": list{ready}, "Next": failed},
	}, wait)
	m.states[wait] = object{"Type": "Wait", "Seconds": 1, "Next": get}
	m.states[done] = object{"Type": "Succeed"}
	m.states[failed] = object{"Type": "Fail", "Error": "Penstock.CrawlFailed", "CausePath": "States.JsonToString($.crawl.Crawler.LastCrawl)"}
	return object{"Type": "Parallel", "Branches": list{m.end()}, "ResultPath": nil}
}

// fillScripts makes the branch that fills one table also run scripts, whose items name no fill.
func (c *compiler) fillScripts(lake *chain) {
	var choices list
	for _, t := range c.tables {
		if t.spec.Script == nil {
			continue
		}
		one := newChain()
		c.runScript(one, t, "Fill")
		maps.Copy(lake.states, one.states)
		choices = append(choices, object{"Variable": "$.name", "StringEquals": t.name, "Next": one.start})
	}
	if len(choices) > 0 {
		lake.states["What is filled"] = object{"Type": "Choice", "Choices": choices, "Default": lake.start}
		lake.start = "What is filled"
	}
}

// scriptStatements are what scripts need beside what generated steps do: to write where they write, in parts, and to open Spark's catalog.
func (c *compiler) scriptStatements() list {
	var names []string
	for _, t := range c.spec.Transforms {
		if id := logical(t.To.Bucket, "bucket"); t.Script != nil && !slices.Contains(names, id) {
			names = append(names, id)
		}
	}
	if len(names) == 0 {
		return nil
	}
	var buckets, objects list
	for _, id := range names {
		buckets, objects = append(buckets, att(id, "Arn")), append(objects, sub(fmt.Sprintf("${%s.Arn}/*", id)))
	}
	return list{
		allow(list{"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}, objects),
		allow(list{"s3:ListBucketMultipartUploads"}, buckets),
		allow(list{"glue:GetDatabase", "glue:GetDatabases"}, list{arn("glue", "catalog"), arn("glue", "database/default"),
			arn("glue", "database/global_temp")}),
	}
}

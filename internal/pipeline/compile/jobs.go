package compile

import (
	"strings"

	"penstock/internal/pipeline"
)

// script is what stands beside the arguments of a generated job, for engines that run scripts. It says that it does not run there yet,
// rather than doing nothing.
const script = `# Made by Penstock. This step is described by its --penstock-* arguments and runs on the Penstock runtime.
raise SystemExit("this step runs only on Penstock: its work is in the job's --penstock-* arguments")
`

// jobs makes a Glue job for each step.
func (c *compiler) jobs(r object) {
	code := c.asset("step.py", ".py", []byte(script))
	add := func(step string, args, properties object) {
		r[logical(step, "job")] = c.job(step, code, args, properties)
	}
	var sources []string
	for _, s := range c.spec.Sources {
		sources = append(sources, s.Name+"=s3://"+bucketRef(s.To)+"/"+s.To.Prefix)
	}
	add("manifest", object{
		"--penstock-step": "manifest", "--penstock-sources": sub(strings.Join(sources, ",")),
		"--penstock-tables":    sub("s3://" + assetsBucket + "/" + c.bookKey),
		"--penstock-workgroup": c.workgroup(), "--penstock-warehouse": Database,
	}, nil)
	for _, s := range c.spec.Sources {
		args := object{"--penstock-step": "check", "--penstock-source": s.Name}
		c.withRules(args, s.Name, s.Quality)
		c.withLimits(args)
		add("check-"+s.Name, args, nil)
	}
	for _, t := range c.tables {
		if t.spec.Script != nil {
			r[logical(t.name, "job")] = c.scriptJob(t)
			args := object{"--penstock-step": "check", "--penstock-source": t.name, "--penstock-partitions": "complete"}
			c.withRules(args, t.name, t.spec.Quality)
			add("check-"+t.name, args, nil)
			continue
		}
		key := c.asset(t.name+".sql", ".sql", []byte(t.spec.SQL.Text))
		mode := "recompute"
		if t.stream {
			mode = "append"
		}
		args := object{
			"--penstock-step": "sql", "--penstock-target": t.name, "--penstock-mode": mode,
			"--penstock-sql": sub("s3://" + assetsBucket + "/" + key),
		}
		c.withRules(args, t.name, t.spec.Quality)
		c.withLimits(args)
		add(t.name, args, t.spec.Properties)
	}
}

func (c *compiler) withRules(args object, of string, rules []pipeline.Rule) {
	if len(rules) > 0 {
		args["--penstock-ruleset"] = ref(logical(of, "rules"))
	}
}

func (c *compiler) job(step, code string, args, properties object) object {
	args["--penstock-pipeline"] = c.spec.Name
	args["--penstock-database"] = ref("Database")
	args["--penstock-home"] = sub("s3://${CuratedBucket}/_penstock/")
	p := object{
		"Name": c.jobName(step), "Role": att("GlueRole", "Arn"), "GlueVersion": "5.0", "Timeout": 480,
		"Command":          object{"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": sub("s3://" + assetsBucket + "/" + code)},
		"DefaultArguments": args,
	}
	for k, v := range properties {
		p[k] = v
	}
	return object{"Type": "AWS::Glue::Job", "Properties": p}
}

package compile

import (
	"fmt"
	"strings"

	"penstock/internal/pipeline"
)

// runMachine is what the Map does for each run of the plan, whose input is {"run", "gen", "manifest"}.
func (c *compiler) runMachine() object {
	m := newChain()
	for _, s := range c.spec.Sources {
		state := "Check " + s.Name
		m.add(c.step(state, state, s.Name, "check"), c.jobTask("check-"+s.Name, nil))
	}
	for _, t := range c.tables {
		state := "Transform " + t.name
		m.add(c.step(state, state, t.name, "sql"), c.jobTask(t.name, t.spec.Retry))
	}
	for _, t := range c.spec.Tables {
		if t.From != "" {
			c.load(m, t)
		}
	}
	m.add("Done", object{
		"Type": "Task", "Resource": sdk + "s3:putObject",
		"Parameters": object{
			"Bucket": "${CuratedBucket}", "ContentType": "application/json", "Body.$": "States.JsonToString($)",
			"Key.$": "States.Format('_penstock/runs/{}/{}.done.json', $.run, $.gen)",
		},
		"ResultPath": nil,
	})
	done := m.states["Done"].(object)
	done["End"] = true
	return object{"ProcessorConfig": object{"Mode": "INLINE"}, "StartAt": m.start, "States": m.states}
}

func (c *compiler) jobTask(step string, retry any) object {
	if retry == nil {
		retry = retries()
	}
	return object{
		"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
		"Parameters": object{
			"JobName":   c.jobName(step),
			"Arguments": object{"--penstock-manifest.$": "$.manifest"},
		},
		"ResultPath": nil, "Retry": retry,
	}
}

// load is the transaction of one table.
func (c *compiler) load(m *chain, t pipeline.Table) {
	name := t.FullName()
	c.step("Send "+name, "Await "+name, name, "load")
	m.add("Load "+name, statement(name, object{
		"WorkgroupName": "${Workgroup}", "Database": Database,
		"StatementName": c.spec.Name + "/" + name, "Sqls.$": c.loadStatements(t),
	}))
}

// loadStatements is the intrinsic that builds the statements of a load. What the run gave before goes, what it gives now comes, and
// the ledger says so, in one transaction.
func (c *compiler) loadStatements(t pipeline.Table) string {
	stage := "penstock_stage_" + t.Name
	files := "'s3://${CuratedBucket}/_penstock/runs/{}/{}." + t.From + ".copy.json'"
	before := format("DELETE FROM "+t.FullName()+" WHERE _run = '{}'", "$.run")
	if !c.table(t.From).stream {
		before = format("DELETE FROM " + t.FullName())
	}
	mine := fmt.Sprintf("pipeline = '%s' AND target = '%s' AND run = '{}'", c.spec.Name, t.FullName())
	return "States.Array(" + strings.Join([]string{
		format("CREATE TEMP TABLE " + stage + " (LIKE " + t.FullName() + ")"),
		format("COPY "+stage+" FROM "+files+" IAM_ROLE default FORMAT PARQUET MANIFEST", "$.run", "$.gen"),
		before,
		format("INSERT INTO " + t.FullName() + " SELECT * FROM " + stage),
		format("DELETE FROM penstock.loads WHERE "+mine, "$.run"),
		format("INSERT INTO penstock.loads SELECT '"+c.spec.Name+"', '"+t.FullName()+"', '{}', '{}', count(*), getdate() FROM "+stage, "$.run", "$.gen"),
	}, ", ") + ")"
}

// format is States.Format of a text in which only {} is special. ${...} is filled in by the stack before.
func format(text string, args ...string) string {
	text = strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text)
	if len(args) == 0 {
		return "'" + text + "'"
	}
	return "States.Format('" + text + "', " + strings.Join(args, ", ") + ")"
}

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
		m.add(state, c.jobState(state, s.Name, "check", "check-"+s.Name, onManifest(), nil))
	}
	for _, t := range c.tables {
		if t.spec.Script != nil {
			c.runScript(m, t, "Script")
			continue
		}
		state := "Transform " + t.name
		m.add(state, c.jobState(state, t.name, "sql", t.name, onManifest(), t.spec.Retry))
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

// onManifest are the arguments of a job that works on a run.
func onManifest() object { return object{"--penstock-manifest.$": "$.manifest"} }

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
// the ledger says so, in one transaction. Columns go by name: the warehouse's table may have been altered since it was created.
func (c *compiler) loadStatements(t pipeline.Table) string {
	files := "'s3://${CuratedBucket}/_penstock/runs/{}/{}." + t.From + ".copy.json'"
	before, given := format("DELETE FROM "+t.FullName()+" WHERE _run = '{}'", "$.run"), " WHERE _run = '{}'"
	args := []string{"$.run", "$.gen", "$.run"}
	if !c.table(t.From).stream {
		before, given, args = format("DELETE FROM "+t.FullName()), "", args[:2]
	}
	// A table that somebody has emptied since it was looked at is told by the ledger from then on: the next execution fills it.
	emptied := format(
		fmt.Sprintf("DELETE FROM penstock.loads WHERE pipeline = '%s' AND target = '%s' AND row_count > 0 AND NOT EXISTS (SELECT 1 FROM %s)",
			c.spec.Name, t.FullName(), t.FullName()))
	mine := fmt.Sprintf("pipeline = '%s' AND target = '%s' AND run = '{}'", c.spec.Name, t.FullName())
	return "States.Array(" + strings.Join([]string{
		emptied,
		before,
		format("COPY "+t.FullName()+" ("+c.columnList(t)+") FROM "+files+" IAM_ROLE default FORMAT PARQUET MANIFEST", "$.run", "$.gen"),
		format("DELETE FROM penstock.loads WHERE "+mine, "$.run"),
		format("INSERT INTO penstock.loads SELECT '"+c.spec.Name+"', '"+t.FullName()+"', '{}', '{}', count(*), getdate() FROM "+
			t.FullName()+given, args...),
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

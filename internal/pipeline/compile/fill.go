package compile

import (
	"encoding/json"
	"fmt"
	"slices"

	"penstock/internal/pipeline"
)

// What is added later is filled: docs/design/0004-later.md. The job that lists new files also looks at what earlier runs have not given,
// and the machine makes that before it goes on with the runs.

const (
	stateFill      = "Is something filled"
	stateFillLake  = "Fill tables of the lake"
	stateLookAgain = "What does the warehouse lack"
	stateReadLoads = "Read what it lacks"
	stateFillHouse = "Fill tables of the warehouse"
)

// book describes for the manifest job what the pipeline makes, and gives the key of that description in the assets bucket.
func (c *compiler) book() (string, error) {
	type transform struct {
		Name    string   `json:"name"`
		Job     string   `json:"job"`
		Stream  bool     `json:"stream"`
		Reads   []string `json:"reads"`
		Streams []string `json:"streams"`
		Script  bool     `json:"script,omitempty"`
	}
	type loaded struct {
		Name     string   `json:"name"`
		From     string   `json:"from"`
		Load     []string `json:"load"`
		OnChange string   `json:"onSchemaChange"`
	}
	book := struct {
		Transforms []transform `json:"transforms"`
		Tables     []loaded    `json:"tables"`
		Look       []string    `json:"look"`
	}{[]transform{}, []loaded{}, c.look()}
	for _, t := range c.tables {
		book.Transforms = append(book.Transforms, transform{t.name, c.jobName(t.name), t.stream, t.reads, t.streams,
			t.spec.Script != nil})
	}
	for _, t := range c.spec.Tables {
		if t.From != "" {
			book.Tables = append(book.Tables, loaded{t.FullName(), t.From, c.fillStatements(t), t.OnChange})
		}
	}
	text, err := json.Marshal(book)
	if err != nil {
		return "", fmt.Errorf("describe what the pipeline makes: %w", err)
	}
	return c.asset("tables.json", ".json", text), nil
}

// look are queries that ask the warehouse what it has: the ledger's target, run, generation and rows; and
// of each table, without a run, whether it has any.
func (c *compiler) look() []string {
	parts := []string{"SELECT target, run, generation, row_count FROM penstock.loads WHERE pipeline = '" + c.spec.Name + "'"}
	for _, t := range c.spec.Tables {
		if t.From != "" {
			parts = append(parts, "SELECT '"+t.FullName()+"', CAST(NULL AS char(26)), CAST(NULL AS char(6)), count(*) FROM (SELECT 1 FROM "+
				t.FullName()+" LIMIT 1)")
		}
	}
	return parts
}

// fillStatements is the transaction that loads many runs at once. {copy} and {runs} are filled in by the job that plans it.
func (c *compiler) fillStatements(t pipeline.Table) []string {
	stage, columns := "penstock_stage_"+t.Name, c.columnList(t)
	before := "DELETE FROM " + t.FullName() + " WHERE _run IN (SELECT run FROM penstock_runs)"
	mine := "pipeline = '" + c.spec.Name + "' AND target = '" + t.FullName() + "'"
	if !c.table(t.From).stream {
		before = "DELETE FROM " + t.FullName()
	}
	return []string{
		"CREATE TEMP TABLE penstock_runs (run char(26), generation char(6))",
		"COPY penstock_runs FROM '{runs}' IAM_ROLE default CSV",
		"CREATE TEMP TABLE " + stage + " (LIKE " + t.FullName() + ")",
		"COPY " + stage + " (" + columns + ") FROM '{copy}' IAM_ROLE default FORMAT PARQUET MANIFEST",
		before,
		"INSERT INTO " + t.FullName() + " (" + columns + ") SELECT " + columns + " FROM " + stage,
		"DELETE FROM penstock.loads WHERE " + mine + " AND run IN (SELECT run FROM penstock_runs)",
		"INSERT INTO penstock.loads SELECT '" + c.spec.Name + "', '" + t.FullName() + "', r.run, r.generation, count(s._run), getdate()" +
			" FROM penstock_runs r LEFT JOIN " + stage + " s ON s._run = r.run GROUP BY r.run, r.generation",
	}
}

// asked takes what the execution was started for out of its input, as text for the job that plans. Other input means nothing.
func (c *compiler) asked(m *chain) {
	asked := object{"Type": "Pass", "Parameters": object{"ask.$": "States.JsonToString($.penstock)"}}
	not := object{"Type": "Pass", "Result": object{"ask": "{}"}}
	m.start = "Begin"
	m.states["Begin"] = object{"Type": "Choice", "Default": "Not asked", "Choices": list{
		object{"Variable": "$.penstock", "IsPresent": true, "Next": "Asked"},
	}}
	m.states["Asked"], m.states["Not asked"] = asked, not
	m.open = append(m.open, func(next string) { asked["Next"] = next }, func(next string) { not["Next"] = next })
}

// fill makes what was added later: first tables of the lake, then, after another look, those of the warehouse. It stands before the runs,
// so that a table is not seen with the newest run only.
func (c *compiler) fill(m *chain) {
	m.choose(stateFill, list{object{"Variable": "$.read.plan.fill", "BooleanEquals": true, "Next": ""}}, stateRuns)
	lake := newChain()
	lake.add("Fill", c.jobTask("Fill", "", "fill", object{"JobName.$": "$.job", "Arguments": object{"--penstock-fill.$": "$.fill"}}))
	c.fillScripts(lake)
	m.add(stateFillLake, catch(object{
		"Type": "Map", "ItemsPath": "$.read.plan.transforms", "MaxConcurrency": 1, "ResultPath": nil, "ItemProcessor": inline(lake),
	}))
	m.add(stateLookAgain, catch(c.jobState(stateLookAgain, "the warehouse", "look", "manifest",
		object{"--penstock-execution.$": "$$.Execution.Name", "--penstock-pass": "loads"}, nil)))
	m.add(stateReadLoads, catch(object{
		"Type": "Task", "Resource": sdk + "s3:getObject",
		"Parameters":     object{"Bucket": "${CuratedBucket}", "Key.$": "States.Format('_penstock/plans/{}.loads.json', $$.Execution.Name)"},
		"ResultSelector": object{"plan.$": "States.StringToJson($.Body)"}, "ResultPath": "$.loads",
	}))
	house := newChain()
	c.step("Send what fills", "Await what fills", "", "load")
	house.add("Fill table", statement("what fills", object{
		"WorkgroupName": "${Workgroup}", "Database": Database, "Sqls.$": "$.sqls",
		"StatementName.$": "States.Format('" + c.spec.Name + "/{}', $.name)",
	}))
	m.add(stateFillHouse, catch(object{
		"Type": "Map", "ItemsPath": "$.loads.plan.loads", "MaxConcurrency": 1, "ResultPath": nil, "ItemProcessor": inline(house),
	}))
}

// inline makes the chain what a Map does for each item.
func inline(m *chain) object {
	branch := m.end()
	branch["ProcessorConfig"] = object{"Mode": "INLINE"}
	return branch
}

// upstream notes which transforms a transform reads, and which of them as streams.
func (t *table) upstream(name string, stream bool) {
	if !slices.Contains(t.reads, name) {
		t.reads = append(t.reads, name)
	}
	if stream && !slices.Contains(t.streams, name) {
		t.streams = append(t.streams, name)
	}
}

package compile

import "fmt"

// The state machine of a pipeline, in JSONPath. Long work is started first and awaited late, so that the crawl, the warehouse's DDL
// and the listing of new files overlap. The states carry only the keys of manifests: state input is limited to 256 KiB.
//
//	start the crawl -> prepare the warehouse | list new files -> read the plan -> crawled?
//	-> for each run: checks -> transforms -> loads -> done

const (
	stateFailed  = "Record failure"
	statePrepare = "Prepare warehouse"
	stateList    = "List new files"
	statePlan    = "Read plan"
	stateRuns    = "Runs"
)

const sdk = "arn:aws:states:::aws-sdk:"

// chain is a sequence of states: each added state becomes the Next of those before it that wait for one.
type chain struct {
	states object
	start  string
	open   []func(next string)
}

func newChain() *chain { return &chain{states: object{}} }

// add appends a state that continues with what is added next.
func (c *chain) add(name string, state object) {
	c.enter(name)
	c.states[name] = state
	c.open = append(c.open, func(next string) { state["Next"] = next })
}

// enter makes name the continuation of all that is open.
func (c *chain) enter(name string) {
	if c.start == "" {
		c.start = name
	}
	for _, set := range c.open {
		set(name)
	}
	c.open = nil
}

// choose appends a Choice; the branch whose target is "" continues with what is added next.
func (c *chain) choose(name string, choices list, otherwise string) {
	state := object{"Type": "Choice", "Choices": choices}
	c.enter(name)
	c.states[name] = state
	if otherwise != "" {
		state["Default"] = otherwise
	}
	for _, x := range choices {
		choice := x.(object)
		if choice["Next"] == "" {
			c.open = append(c.open, func(next string) { choice["Next"] = next })
		}
	}
}

// catch sends every error of a task to the state that records it.
func catch(state object) object {
	state["Catch"] = list{object{"ErrorEquals": list{"States.ALL"}, "ResultPath": "$.error", "Next": stateFailed}}
	return state
}

func (c *compiler) machine() object {
	m := newChain()
	c.asked(m)
	c.startCrawls(m)
	c.prepare(m)
	c.readPlan(m)
	c.crawled(m)
	c.fill(m)
	runs := object{
		"Type": "Map", "ItemsPath": "$.read.plan.runs", "MaxConcurrency": 1, "ResultPath": nil,
		"ItemProcessor": c.runMachine(),
	}
	m.add(stateRuns, catch(runs))
	m.enter("Succeeded")
	m.states["Succeeded"] = object{"Type": "Succeed"}
	m.states["Nothing new"] = object{"Type": "Succeed"}
	c.failure(m)
	return object{
		"Comment": fmt.Sprintf("Pipeline %s, made by Penstock.", c.spec.Name),
		"StartAt": m.start, "States": m.states,
	}
}

// startCrawls starts the crawlers; one that is running already is as good.
func (c *compiler) startCrawls(m *chain) {
	for _, s := range c.spec.Sources {
		if s.Crawl == nil {
			continue
		}
		task := object{
			"Type": "Task", "Resource": sdk + "glue:startCrawler",
			"Parameters": object{"Name": c.crawlerName(s.Name)}, "ResultPath": nil,
		}
		name := c.step("Crawl "+s.Name, "Crawled "+s.Name, s.Name, "crawl")
		catches := list{object{"ErrorEquals": list{"Glue.CrawlerRunningException"}, "ResultPath": nil, "Next": ""}}
		catch(task)
		running := catches[0].(object)
		task["Catch"] = append(catches, task["Catch"].(list)...)
		m.add(name, task)
		m.open = append(m.open, func(next string) { running["Next"] = next })
	}
}

// prepare sends the warehouse its DDL and, beside it, runs the job that compares the landed files with the manifests of earlier runs and
// writes the plan of this execution.
func (c *compiler) prepare(m *chain) {
	ddl := newChain()
	ddl.add("Warehouse", statement("the warehouse", object{
		"WorkgroupName": "${Workgroup}", "Database": Database, "Sqls": c.ddl(), "StatementName": c.spec.Name + "/prepare",
	}))
	list := newChain()
	list.add(stateList, c.jobState(stateList, "new files", "list", "manifest",
		object{"--penstock-execution.$": "$$.Execution.Name", "--penstock-ask.$": "$.ask"}, nil))
	m.add(statePrepare, catch(object{"Type": "Parallel", "Branches": []any{ddl.end(), list.end()}, "ResultPath": nil}))
}

// end makes the chain a branch: what is open ends it.
func (c *chain) end() object {
	for _, state := range c.states {
		s := state.(object)
		if _, has := s["Next"]; !has && s["Type"] != "Fail" && s["Type"] != "Succeed" && s["Type"] != "Choice" {
			s["End"] = true
		}
	}
	return object{"StartAt": c.start, "States": c.states}
}

// statementCut is how the error of a statement begins that the end of the warehouse's process cut off: with SQLSTATE 57P02.
const statementCut = "ERROR: 57P02: *"

// statement sends statements to the warehouse and awaits them. It is a Parallel of one branch, so that what a crash has cut off, and
// undone, can be sent again as a whole; what failed by itself is not.
func statement(of string, parameters object) object {
	m := newChain()
	wait := "Await " + of
	m.add("Send "+of, object{
		"Type": "Task", "Resource": sdk + "redshiftdata:batchExecuteStatement", "Parameters": parameters,
		"ResultSelector": object{"statement": object{"Id.$": "$.Id"}},
	})
	m.add(wait, object{
		"Type": "Task", "Resource": sdk + "redshiftdata:describeStatement",
		"Parameters": object{"Id.$": "$.statement.Id", "WaitTimeSeconds": 30}, "ResultPath": "$.statement",
	})
	status := func(word string) object {
		return object{"Variable": "$.statement.Status", "StringEquals": word}
	}
	done, cut, failed, aborted := "Done with "+of, "Cut off: "+of, "Failed: "+of, "Cancelled: "+of
	m.choose("How did it go with "+of, list{
		object{"Variable": "$.statement.Status", "StringEquals": "FINISHED", "Next": done},
		object{"And": list{status("FAILED"), object{"Variable": "$.statement.Error", "StringMatches": statementCut}}, "Next": cut},
		object{"Variable": "$.statement.Status", "StringEquals": "FAILED", "Next": failed},
		object{"Variable": "$.statement.Status", "StringEquals": "ABORTED", "Next": aborted},
	}, wait)
	m.states[done] = object{"Type": "Succeed"}
	m.states[cut] = object{"Type": "Fail", "Error": "Penstock.StatementCut", "CausePath": "$.statement.Error"}
	m.states[failed] = object{"Type": "Fail", "Error": "Penstock.StatementFailed", "CausePath": "$.statement.Error"}
	m.states[aborted] = object{"Type": "Fail", "Error": "Penstock.StatementAborted", "Cause": "the statement was cancelled"}
	return object{
		"Type": "Parallel", "Branches": list{m.end()}, "ResultPath": nil,
		"Retry": list{object{"ErrorEquals": list{"Penstock.StatementCut"}, "IntervalSeconds": 1, "MaxAttempts": 2}},
	}
}

// readPlan reads the plan, if the job that lists new files has written one. Whether it has is asked by a listing, which does not fail:
// the history of a run without news shows no failed task.
func (c *compiler) readPlan(m *chain) {
	key := "States.Format('_penstock/plans/{}.json', $$.Execution.Name)"
	m.add("Find plan", catch(object{
		"Type": "Task", "Resource": sdk + "s3:listObjectsV2",
		"Parameters":     object{"Bucket": "${CuratedBucket}", "Prefix.$": key, "MaxKeys": 1},
		"ResultSelector": object{"plans.$": "$.KeyCount"}, "ResultPath": "$.found",
	}))
	m.choose("Is anything new", list{object{"Variable": "$.found.plans", "NumericEquals": 0, "Next": "Nothing new"}}, statePlan)
	m.add(statePlan, catch(object{
		"Type": "Task", "Resource": sdk + "s3:getObject",
		"Parameters":     object{"Bucket": "${CuratedBucket}", "Key.$": key},
		"ResultSelector": object{"plan.$": "States.StringToJson($.Body)"}, "ResultPath": "$.read",
	}))
}

// crawled waits until the crawlers are done. On the straight way they are, and no Wait is entered.
func (c *compiler) crawled(m *chain) {
	for _, s := range c.spec.Sources {
		if s.Crawl == nil {
			continue
		}
		get := "Crawled " + s.Name
		m.add(get, catch(object{
			"Type": "Task", "Resource": sdk + "glue:getCrawler",
			"Parameters": object{"Name": c.crawlerName(s.Name)}, "ResultPath": "$.crawl",
		}))
		wait, failed := "Wait for crawl of "+s.Name, "Crawl of "+s.Name+" failed"
		ready := object{"Variable": "$.crawl.Crawler.State", "StringEquals": "READY"}
		has := object{"Variable": "$.crawl.Crawler.LastCrawl.Status", "IsPresent": true}
		status := func(word string) object {
			return object{"Variable": "$.crawl.Crawler.LastCrawl.Status", "StringEquals": word}
		}
		m.choose("Is "+s.Name+" crawled", list{
			object{"And": list{ready, has, status("SUCCEEDED")}, "Next": ""},
			object{"And": list{ready, has}, "Next": failed},
		}, wait)
		m.states[wait] = object{"Type": "Wait", "Seconds": 1, "Next": get}
		m.states[failed] = object{
			"Type":       "Pass",
			"Parameters": object{"Error": "Penstock.CrawlFailed", "Cause.$": "States.JsonToString($.crawl.Crawler.LastCrawl)"},
			"ResultPath": "$.error", "Next": stateFailed,
		}
	}
}

// failure counts the failed run, which the alarm watches, and fails with what the first error said.
func (c *compiler) failure(m *chain) {
	m.states[stateFailed] = object{
		"Type": "Task", "Resource": sdk + "cloudwatch:putMetricData",
		"Parameters": object{
			"Namespace": "Penstock",
			"MetricData": list{object{
				"MetricName": "RunsFailed", "Value": 1, "Unit": "Count",
				"Dimensions": list{object{"Name": "Pipeline", "Value": c.spec.Name}},
			}},
		},
		"ResultPath": nil, "Next": "Failed",
	}
	m.states["Failed"] = object{"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}
}

// workerLost is what the cause of a failed job run has when its worker died. Step Functions calls that States.TaskFailed, as it calls a
// failed check and a faulty query; the cause is the JobRun as JSON, whose StateDetail tells them apart.
const workerLost = `*"StateDetail":"WORKER_LOST"*`

// jobState runs a job of a step and awaits it; kind and name are for people. With retry, the state is the task with that. Without, a job
// whose worker died is run again, two times at most, and what failed by itself is not: it would fail again.
func (c *compiler) jobState(state, name, kind, step string, arguments object, retry any) object {
	parameters := object{"JobName": c.jobName(step), "Arguments": arguments}
	if retry != nil {
		c.step(state, state, name, kind)
		return object{"Type": "Task", "Resource": startJob, "Parameters": parameters, "ResultPath": nil, "Retry": retry}
	}
	return c.jobTask(state, name, kind, parameters)
}

const startJob = "arn:aws:states:::glue:startJobRun.sync"

// jobTask is a Parallel of one branch, as statement is.
func (c *compiler) jobTask(state, name, kind string, parameters object) object {
	task := object{"Type": "Task", "Resource": startJob, "Parameters": parameters, "ResultPath": nil}
	run, why, lost, failed := "Run: "+state, "Why it failed: "+state, "Worker lost: "+state, "Failed: "+state
	c.step(run, run, name, kind)
	task["Retry"] = list{object{"ErrorEquals": list{"Glue.ConcurrentRunsExceededException"}, "IntervalSeconds": 1,
		"MaxAttempts": 2, "BackoffRate": 2}}
	task["Catch"] = list{object{"ErrorEquals": list{"States.ALL"}, "ResultPath": "$.error", "Next": why}}
	task["End"] = true
	branch := object{"StartAt": run, "States": object{
		run: task,
		why: object{"Type": "Choice", "Default": failed, "Choices": list{
			object{"Variable": "$.error.Cause", "StringMatches": workerLost, "Next": lost},
		}},
		lost:   object{"Type": "Fail", "Error": "Penstock.WorkerLost", "CausePath": "$.error.Cause"},
		failed: object{"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"},
	}}
	return object{
		"Type": "Parallel", "Branches": list{branch}, "ResultPath": nil,
		"Retry": list{object{"ErrorEquals": list{"Penstock.WorkerLost"}, "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2}},
	}
}

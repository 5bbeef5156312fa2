package crash

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/flow"
	"penstock/test/harness"
)

// TestWorkflowKilled kills the server at each point of the ends of a crawl and of jobs, around the firing of the triggers that wait for
// them: after another start the workflow's run ends well, and everything in it has been started once.
func TestWorkflowKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("two starts for each point: not with -short")
	}
	points := []string{"crawl.begun", "crawl.sampled", "crawl.in-transaction", "crawl.committed", "job.taken:1", "job.taken:2",
		"job.finished:1", "job.finished:2"}
	for _, p := range flow.KillPoints {
		points = append(points, p+":1", p+":2", p+":3")
	}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			killWorkflow(t, point)
		})
	}
}

func killWorkflow(t *testing.T, point string) {
	data := t.TempDir()
	rt := harness.Serve(t, data, "PENSTOCK_KILL_AT="+point)
	prepareWorkflow(t, rt)
	// The kill may come before this is answered.
	_, err := glue.NewFromConfig(rt.Config()).StartWorkflowRun(t.Context(), &glue.StartWorkflowRunInput{Name: aws.String("w")})
	for deadline := time.Now().Add(time.Minute); !rt.Ended(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the server is not killed: %v", err)
		}
	}
	rt = harness.Serve(t, data)
	g := glue.NewFromConfig(rt.Config())
	var run types.WorkflowRun
	for deadline := time.Now().Add(time.Minute); run.Status != types.WorkflowRunStatusCompleted; time.Sleep(10 * time.Millisecond) {
		out, err := g.GetWorkflowRuns(t.Context(), &glue.GetWorkflowRunsInput{Name: aws.String("w"), IncludeGraph: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Runs) != 1 || time.Now().After(deadline) {
			t.Fatalf("runs %+v", out.Runs)
		}
		run = out.Runs[0]
	}
	var got []string
	for _, n := range run.Graph.Nodes {
		switch {
		case n.JobDetails != nil:
			for _, r := range n.JobDetails.JobRuns {
				got = append(got, fmt.Sprint(*n.Name, " ", r.JobRunState))
			}
			all, err := g.GetJobRuns(t.Context(), &glue.GetJobRunsInput{JobName: n.Name})
			if err != nil || len(all.JobRuns) != 1 {
				t.Errorf("job %s has %d runs, %v", *n.Name, len(all.JobRuns), err)
			}
		case n.CrawlerDetails != nil:
			for _, c := range n.CrawlerDetails.Crawls {
				got = append(got, fmt.Sprint(*n.Name, " ", c.State))
			}
		}
	}
	if text := strings.Join(got, ", "); text != "c SUCCEEDED, a FAILED, b FAILED" || run.Statistics.FailedActions != 2 {
		t.Errorf("%s; %+v", text, *run.Statistics)
	}
	rt.Stop(t)
}

// prepareWorkflow makes a workflow of a crawler, a job when it has succeeded, and another when that has failed, as it does.
func prepareWorkflow(t *testing.T, rt *harness.Runtime) {
	ctx, g, b := t.Context(), glue.NewFromConfig(rt.Config()), s3.NewFromConfig(rt.Config())
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}))
	must(b.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("t/a.csv"),
		Body: strings.NewReader("a,b\n1,2\n3,4\n")}))
	must(g.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &types.DatabaseInput{Name: aws.String("d")}}))
	must(g.CreateCrawler(ctx, &glue.CreateCrawlerInput{Name: aws.String("c"), Role: aws.String("r"), DatabaseName: aws.String("d"),
		Targets: &types.CrawlerTargets{S3Targets: []types.S3Target{{Path: aws.String("s3://lake/t/")}}}}))
	for _, name := range []string{"a", "b"} {
		must(g.CreateJob(ctx, &glue.CreateJobInput{Name: aws.String(name), Role: aws.String("r"), DefaultArguments: map[string]string{
			"--penstock-step": "none"}, Command: &types.JobCommand{Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://lake/x.py")}}))
	}
	must(g.CreateWorkflow(ctx, &glue.CreateWorkflowInput{Name: aws.String("w")}))
	trigger := func(name string, waits *types.Condition, does types.Action) {
		t.Helper()
		in := &glue.CreateTriggerInput{Name: &name, WorkflowName: aws.String("w"), Type: types.TriggerTypeOnDemand, Actions: []types.Action{does}}
		if waits != nil {
			waits.LogicalOperator = types.LogicalOperatorEquals
			in.Type, in.StartOnCreation = types.TriggerTypeConditional, true
			in.Predicate = &types.Predicate{Conditions: []types.Condition{*waits}}
		}
		must(g.CreateTrigger(ctx, in))
	}
	trigger("1", nil, types.Action{CrawlerName: aws.String("c")})
	trigger("2", &types.Condition{CrawlerName: aws.String("c"), CrawlState: types.CrawlStateSucceeded}, types.Action{JobName: aws.String("a")})
	trigger("3", &types.Condition{JobName: aws.String("a"), State: types.JobRunStateFailed}, types.Action{JobName: aws.String("b")})
}

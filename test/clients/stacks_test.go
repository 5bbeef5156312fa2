package clients

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/test/harness"
)

// everyType is a template with each resource type that a stack may hold.
const everyType = "testdata/every-type.yaml"

// TestDeploy runs `aws cloudformation deploy` as people do: a new stack, again, a change, a change that cannot be, and the end.
func TestDeploy(t *testing.T) {
	cli := harness.Tool(t, "aws")
	rt := harness.Serve(t, t.TempDir())
	run := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, cli, args...)
		cmd.Env = rt.Env()
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	must := func(args ...string) string {
		t.Helper()
		out, err := run(args...)
		if err != nil {
			t.Fatalf("aws %s: %v\n%s\nserver:\n%s", strings.Join(args, " "), err, out, rt.Log())
		}
		return out
	}
	deploy := []string{"cloudformation", "deploy", "--stack-name", "every", "--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset"}
	must(append(deploy, "--template-file", everyType)...)
	got := must("cloudformation", "list-stack-resources", "--stack-name", "every", "--query",
		"length(StackResourceSummaries[?ResourceStatus=='CREATE_COMPLETE'])")
	if strings.TrimSpace(got) != "21" {
		t.Errorf("%s resources are complete, want 21", got)
	}
	if out := must(append(deploy, "--template-file", everyType)...); !strings.Contains(out, "No changes to deploy") {
		t.Errorf("the same again: %s", out)
	}
	must(append(deploy, "--template-file", everyType, "--parameter-overrides", "Days=30")...)
	if got := must("logs", "describe-log-groups", "--query", "logGroups[].retentionInDays", "--output",
		"text"); strings.TrimSpace(got) != "30" {
		t.Errorf("retention after the change: %s", got)
	}
	for what, want := range map[string]string{
		"get-classifiers --query Classifiers[0].JsonClassifier.JsonPath":                                "$.days30[*]",
		"get-trigger --name every --query Trigger.Actions[0].Arguments":                                 "30",
		"get-partitions --database-name shop --table-name orders --query Partitions[0].Parameters.days": "30",
		"list-workflows --query Workflows[0]":                                                           "every-Workflow-",
		"get-crawler --name c --query Crawler.Classifiers[0]":                                           "every-Classifier-",
	} {
		if got := must(append([]string{"glue", "--output", "text"}, strings.Fields(what)...)...); !strings.Contains(got, want) {
			t.Errorf("%s after the change: %s", what, got)
		}
	}
	if got := must("cloudformation", "describe-stacks", "--stack-name", "every", "--query",
		"Stacks[0].Outputs[?OutputKey=='Setting'].OutputValue", "--output", "text"); strings.TrimSpace(got) !=
		"/every/setting StringList 30,two" {
		t.Errorf("the parameter's output after the change: %s", got)
	}
	must(append(deploy, "--template-file", everyType, "--parameter-overrides", "DatabaseName=other")...) // replaces what lies in it too
	if got := must("glue", "get-databases", "--query", "DatabaseList[].Name") + must("glue", "get-partitions", "--database-name", "other",
		"--table-name", "orders", "--query", "Partitions[].Values[0]"); strings.Join(strings.Fields(got), "") != `["other"]["2026-11-30"]` {
		t.Errorf("after the replacement of the database: %s", got)
	}
	must("cloudformation", "delete-stack", "--stack-name", "every")
	must("cloudformation", "wait", "stack-delete-complete", "--stack-name", "every")
	for _, args := range [][]string{{"s3api", "list-buckets", "--query", "Buckets"}, {"iam", "list-roles", "--query", "Roles"},
		{"glue", "get-databases", "--query", "DatabaseList"}, {"glue", "get-connections", "--query", "ConnectionList"},
		{"glue", "get-classifiers", "--query", "Classifiers"}, {"glue", "list-triggers", "--query", "TriggerNames"},
		{"glue", "list-workflows", "--query", "Workflows"},
		{"redshift-serverless", "list-workgroups", "--query", "workgroups[?workgroupName!='default']"},
		{"ssm", "describe-parameters", "--query", "Parameters"},
		{"stepfunctions", "list-state-machines", "--query", "stateMachines"}} {
		if got := strings.TrimSpace(must(args...)); got != "[]" {
			t.Errorf("aws %s after deletion: %s", args[0], got)
		}
	}
	rt.Stop(t)
}

// TestStackGoesOnAfterKill9 kills the server at each point of a stack's creation; the next start must complete it.
func TestStackGoesOnAfterKill9(t *testing.T) {
	body, err := os.ReadFile(everyType)
	if err != nil {
		t.Fatal(err)
	}
	points := []string{"stack-create-forward", "resource-started", "resource-started:8", "resource-created",
		"resource-created:8", "resource-created:16"}
	if testing.Short() {
		points = points[4:5]
	}
	for _, point := range points {
		t.Run(strings.ReplaceAll(point, ":", "-"), func(t *testing.T) {
			data := t.TempDir()
			rt := harness.Serve(t, data, "PENSTOCK_KILL_AT="+point)
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			client := cloudformation.NewFromConfig(rt.Config(), func(o *cloudformation.Options) { o.Retryer = aws.NopRetryer{} })
			_, err := client.CreateStack(ctx,
				&cloudformation.CreateStackInput{StackName: aws.String("every"), TemplateBody: aws.String(string(body)),
					Capabilities: []types.Capability{types.CapabilityCapabilityIam}}) // its answer may or may not come
			for end := time.Now().Add(2 * time.Minute); !rt.Ended() && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			}
			if !rt.Ended() {
				t.Fatalf("the server did not die at %s: %v\n%s", point, err, rt.Log())
			}
			rt = harness.Serve(t, data)
			client = cloudformation.NewFromConfig(rt.Config())
			var status string
			for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				out, err := client.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: aws.String("every")})
				if err != nil {
					t.Fatal(err)
				}
				if status = string(out.Stacks[0].StackStatus); !strings.HasSuffix(status, "_IN_PROGRESS") {
					break
				}
			}
			if status != "CREATE_COMPLETE" {
				t.Fatalf("after the restart %s\n%s", status, rt.Log())
			}
			once(t, client)
			rt.Stop(t)
		})
	}
}

// once checks that every resource became complete exactly once.
func once(t *testing.T, client *cloudformation.Client) {
	t.Helper()
	complete := map[string]int{}
	pages := cloudformation.NewDescribeStackEventsPaginator(client, &cloudformation.DescribeStackEventsInput{StackName: aws.String("every")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.StackEvents {
			if e.ResourceStatus == types.ResourceStatusCreateComplete {
				complete[*e.LogicalResourceId]++
			}
		}
	}
	for name, n := range complete {
		if n != 1 {
			t.Errorf("%s became complete %d times", name, n)
		}
	}
	if len(complete) != 22 {
		t.Errorf("%d became complete, want 21 resources and the stack", len(complete))
	}
}

// TestMetricsByCBOR puts and reads a metric through the Go SDK, which speaks CBOR to CloudWatch; cloudwatch.py does by JSON and by query.
func TestMetricsByCBOR(t *testing.T) {
	rt := harness.Serve(t, t.TempDir())
	client := cloudwatch.NewFromConfig(rt.Config())
	ctx := context.Background()
	dims := []cwtypes.Dimension{{Name: aws.String("Pipeline"), Value: aws.String("retail")}}
	var data []cwtypes.MetricDatum
	for i := range 300 { // over 10 KB: the SDK compresses the body
		data = append(data, cwtypes.MetricDatum{MetricName: aws.String("Rows"), Dimensions: dims, Value: aws.Float64(float64(i) / 4),
			Unit: cwtypes.StandardUnitCount})
	}
	if _, err := client.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: aws.String("Penstock"), MetricData: data}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	out, err := client.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{Namespace: aws.String("Penstock"),
		MetricName: aws.String("Rows"), Dimensions: dims, StartTime: aws.Time(now.Add(-10 * time.Minute)),
		EndTime: aws.Time(now.Add(50 * time.Minute)), Period: aws.Int32(3600),
		Statistics: []cwtypes.Statistic{cwtypes.StatisticSum, cwtypes.StatisticMaximum}, ExtendedStatistics: nil})
	if err != nil || len(out.Datapoints) != 1 {
		t.Fatalf("%+v %v", out, err)
	}
	if p := out.Datapoints[0]; *p.Sum != 11212.5 || *p.Maximum != 74.75 || p.Unit != cwtypes.StandardUnitCount {
		t.Errorf("point %v %v %v", *p.Sum, *p.Maximum, p.Unit)
	}
	rt.Stop(t)
}

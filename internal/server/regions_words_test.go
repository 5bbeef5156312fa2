package server

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
)

// refused calls an operation in a region and returns its code and text, "" for one that answers.
func (w *world) refused(region, service, op, in string) string {
	w.t.Helper()
	table, err := w.tables.In(region)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err = table.Invoke(w.ctx, service, op, json.RawMessage(in)); err == nil {
		return ""
	}
	return api.Code(err) + " " + err.Error()
}

// TestNamesOfAnotherRegion: nothing of another region is shown or changed by its ARN.
func TestNamesOfAnotherRegion(t *testing.T) {
	const east, west = "us-east-1", "eu-west-1"
	w := serveRegions(t, t.TempDir(), east, west)
	w.shown(east, true)
	w.shown(west, true)
	before := w.shown(west, false)
	var stack struct{ Stacks []struct{ StackId string } }
	var space struct {
		Namespaces []struct{ NamespaceArn string }
	}
	if err := json.Unmarshal([]byte(w.call(west, "cloudformation", "DescribeStacks", `{}`)), &stack); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(w.call(west, "redshift-serverless", "ListNamespaces", `{}`)), &space); err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("OTHER", west, "STACK", stack.Stacks[0].StackId, "NAMESPACE", space.Namespaces[0].NamespaceArn)
	text, err := os.ReadFile("testdata/elsewhere.test")
	if err != nil {
		t.Fatal(err)
	}
	call, got := "", ""
	for line := range strings.SplitSeq(names.Replace(strings.TrimSpace(string(text))), "\n") {
		service, rest, _ := strings.Cut(line, " ")
		op, in, _ := strings.Cut(rest, " ")
		switch service {
		case "#":
		case "=":
			if !strings.HasPrefix(got, op+" ") || !strings.Contains(got, in) {
				t.Errorf("%s\n%s\nwant %s", call, got, rest)
			}
		default:
			call, got = line, w.refused(east, service, op, in)
		}
	}
	for call, answer := range w.shown(west, false) {
		if before[call] != answer {
			t.Errorf("%s in %s was %s\nand is %s", call, west, before[call], answer)
		}
	}
}

// TestIdsOfAnotherRegion: ids that say no region are none in another.
func TestIdsOfAnotherRegion(t *testing.T) {
	w := serveRegions(t, t.TempDir(), "us-east-1", "eu-west-1")
	w.call("eu-west-1", "s3", "CreateBucket", `{"Bucket":"lake","CreateBucketConfiguration":{"LocationConstraint":"eu-west-1"}}`)
	for _, r := range []string{"us-east-1", "eu-west-1"} {
		w.call(r, "glue", "CreateDatabase", `{"DatabaseInput":{"Name":"d"}}`)
		w.call(r, "glue", "CreateJob", `{"Name":"j","Role":"r","Command":{"Name":"glueetl","ScriptLocation":"s3://lake/none.sql"}}`)
		w.call(r, "glue", "CreateCrawler", `{"Name":"c","Role":"r","DatabaseName":"d","Targets":{"S3Targets":[{"Path":"s3://lake/t/"}]}}`)
	}
	var run struct{ JobRunId string }
	if err := json.Unmarshal([]byte(w.call("eu-west-1", "glue", "StartJobRun", `{"JobName":"j"}`)), &run); err != nil {
		t.Fatal(err)
	}
	in := fmt.Sprintf(`{"JobName":"j","RunId":%q}`, run.JobRunId)
	if got := w.refused("us-east-1", "glue", "GetJobRun", in); !strings.HasPrefix(got, "EntityNotFoundException") {
		t.Errorf("a run of another region: %s", got)
	}
	got := w.call("us-east-1", "glue", "BatchStopJobRun", fmt.Sprintf(`{"JobName":"j","JobRunIds":[%q]}`, run.JobRunId))
	if !strings.Contains(got, "JobRunNotFound") && !strings.Contains(got, "EntityNotFound") {
		t.Errorf("to stop a run of another region: %s", got)
	}
}

// TestTokensOfAnotherRegion: the token of a page is of its region.
func TestTokensOfAnotherRegion(t *testing.T) {
	const east, west = "us-east-1", "eu-west-1"
	w := serveRegions(t, t.TempDir(), east, west)
	for _, r := range []string{east, west} {
		for _, n := range []string{"one", "two"} {
			for _, c := range []string{
				`glue CreateDatabase {"DatabaseInput":{"Name":"NAME"}}`, `glue CreateTable {"DatabaseName":"one","TableInput":{"Name":"NAME"}}`,
				`glue CreateJob {"Name":"NAME","Role":"r","Command":{"Name":"glueetl","ScriptLocation":"s3://lake/j.py"}}`,
				`glue CreateCrawler {"Name":"NAME","Role":"r","DatabaseName":"one","Targets":{"S3Targets":[{"Path":"s3://lake/t/"}]}}`,
				`glue CreateDataQualityRuleset {"Name":"NAME","Ruleset":"Rules = [ RowCount > 0 ]"}`,
				`glue CreateConnection {"ConnectionInput":{"Name":"NAME","ConnectionType":"NETWORK","ConnectionProperties":{},` +
					`"PhysicalConnectionRequirements":{}}}`,
				`logs CreateLogGroup {"LogGroupName":"NAME"}`, `logs CreateLogStream {"LogGroupName":"one","LogStreamName":"NAME"}`,
				`ssm PutParameter {"Name":"/p/NAME","Type":"String","Value":"v"}`,
				`ssm PutParameter {"Name":"/q","Type":"String","Value":"v","Overwrite":true}`,
				`states CreateStateMachine {"Name":"NAME","RoleArn":"arn:aws:iam::000000000000:role/r",` +
					`"Definition":"{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"}`,
				`redshift-serverless CreateNamespace {"NamespaceName":"NAME","AdminUsername":"boss","AdminUserPassword":"Passw0rd1"}`,
				`monitoring PutMetricAlarm {"AlarmName":"NAME","Namespace":"N","MetricName":"M","Statistic":"Sum","Period":60,` +
					`"EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"GreaterThanThreshold"}`,
			} {
				service, rest, _ := strings.Cut(strings.ReplaceAll(c, "NAME", n), " ")
				op, in, _ := strings.Cut(rest, " ")
				w.call(r, service, op, in)
			}
			at := time.Now().UnixMilli()
			w.call(r, "logs", "PutLogEvents", fmt.Sprintf(
				`{"LogGroupName":"one","LogStreamName":"one","LogEvents":[{"Timestamp":%d,"Message":"m"},{"Timestamp":%d,"Message":"n"}]}`, at, at+1))
		}
	}
	for _, c := range []string{
		`glue GetDatabases {"MaxResults":1}`, `glue GetTables {"DatabaseName":"one","MaxResults":1}`, `glue GetJobs {"MaxResults":1}`,
		`glue GetConnections {"MaxResults":1}`,
		`glue GetCrawlers {"MaxResults":1}`, `glue ListDataQualityRulesets {"MaxResults":1}`, `logs DescribeLogGroups {"Limit":1}`,
		`logs DescribeLogStreams {"LogGroupName":"one","Limit":1}`, `logs FilterLogEvents {"LogGroupName":"one","Limit":1}`,
		`logs GetLogEvents {"LogGroupName":"one","LogStreamName":"one","Limit":1}`,
		`ssm DescribeParameters {"MaxResults":1}`, `ssm GetParametersByPath {"Path":"/p","MaxResults":1}`,
		`ssm GetParameterHistory {"Name":"/q","MaxResults":1}`,
		`states ListStateMachines {"MaxResults":1}`,
		`redshift-serverless ListNamespaces {"MaxResults":1}`, `monitoring DescribeAlarms {"MaxRecords":1}`,
	} {
		service, rest, _ := strings.Cut(c, " ")
		op, in, _ := strings.Cut(rest, " ")
		var page struct{ NextToken, NextForwardToken string }
		if err := json.Unmarshal([]byte(w.call(east, service, op, in)), &page); err != nil {
			t.Fatal(err)
		}
		token := page.NextToken + page.NextForwardToken
		in = strings.TrimSuffix(in, "}") + fmt.Sprintf(`,"NextToken":%q}`, token)
		if token == "" {
			t.Errorf("%s has one page", c)
		} else if w.call(east, service, op, in); !strings.Contains(strings.ToLower(w.refused(west, service, op, in)), "token") {
			t.Errorf("%s of another region: %q", c, w.refused(west, service, op, in))
		}
	}
}

// TestServicesAreToldWhereBucketsAre: a machine and a stack of one region do not reach the bucket of another, and say so as on AWS.
func TestServicesAreToldWhereBucketsAre(t *testing.T) {
	const east, west = "us-east-1", "eu-west-1"
	w := serveRegions(t, t.TempDir(), east, west)
	w.call(west, "s3", "CreateBucket", `{"Bucket":"west","CreateBucketConfiguration":{"LocationConstraint":"eu-west-1"}}`)
	w.call(west, "s3", "PutObject", `{"Bucket":"west","Key":"k",`+
		`"Body":"{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"}`)
	for region, want := range map[string]string{west: `"SUCCEEDED"`, east: `"Error":"S3.S3Exception"`} {
		w.call(region, "states", "CreateStateMachine", `{"Name":"m","RoleArn":"arn:aws:iam::000000000000:role/r",`+
			`"Definition":"{\"StartAt\":\"T\",`+
			`\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::aws-sdk:s3:getObject\",`+
			`\"Parameters\":{\"Bucket\":\"west\",\"Key\":\"k\"},\"End\":true}}}"}`)
		w.call(region, "states", "StartExecution", `{"Name":"x","StateMachineArn":"arn:aws:states:REGION:000000000000:stateMachine:m"}`)
		got := w.ended(region, "states", "DescribeExecution", `{"ExecutionArn":"arn:aws:states:REGION:000000000000:execution:m:x"}`, `"RUNNING"`)
		cause := `"Cause":"The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future ` +
			`requests to this endpoint. (Service: S3, Status Code: 301, Request ID: `
		if !strings.Contains(got, want) || region == east && !strings.Contains(got, cause) {
			t.Errorf("the machine of %s: %s", region, got)
		}
		w.call(region, "cloudformation", "CreateStack", `{"StackName":"s","TemplateBody":"{\"Resources\":{\"M\":{\"Type\":`+
			`\"AWS::StepFunctions::StateMachine\",\"Properties\":{\"RoleArn\":\"arn:aws:iam::000000000000:role/r\",`+
			`\"DefinitionS3Location\":{\"Bucket\":\"west\",\"Key\":\"k\"}}}}}"}`)
		got = w.ended(region, "cloudformation", "DescribeStacks", `{"StackName":"s"}`, `IN_PROGRESS"`)
		got += w.call(region, "cloudformation", "DescribeStackEvents", `{"StackName":"s"}`)
		want = map[string]string{west: "CREATE_COMPLETE", east: `The bucket is in this region: eu-west-1. Please use this region to retry ` +
			`the request (Service: Amazon S3; Status Code: 301; Error Code: PermanentRedirect)`}[region]
		if !strings.Contains(got, want) || strings.Contains(got, "header is malformed") {
			t.Errorf("the stack of %s: %s", region, got)
		}
	}
	w.call(east, "cloudformation", "CreateStack",
		`{"StackName":"taken","TemplateBody":"{\"Resources\":{\"B\":{\"Type\":\"AWS::S3::Bucket\",\"Properties\":{\"BucketName\":\"west\"}}}}"}`)
	w.ended(east, "cloudformation", "DescribeStacks", `{"StackName":"taken"}`, `IN_PROGRESS"`)
	if got := w.call(east, "cloudformation", "DescribeStackEvents", `{"StackName":"taken"}`); !strings.Contains(got, "west already exists") {
		t.Errorf("a bucket that is in another region: %s", got)
	}
}

// ended calls an operation until its answer has not got a text.
func (w *world) ended(region, service, op, in, not string) (answer string) {
	w.t.Helper()
	for answer = w.call(region, service, op, in); strings.Contains(answer, not); answer = w.call(region, service, op, in) {
		time.Sleep(5 * time.Millisecond)
	}
	return answer
}

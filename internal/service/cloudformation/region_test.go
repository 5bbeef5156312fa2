package cloudformation

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

// two are the desks of two regions over one store, each with its loop, and the worlds that they act on.
func two(t *testing.T) (east, west *desk, e, w *world) {
	m := metatest.Open(t, t.TempDir(), clock.Real{}, Schema)
	e, w = newWorld(), newWorld()
	here, there := env(m, e, nil), env(m, w, nil)
	there.Region = "eu-west-1"
	east, stopEast := openWith(t, here)
	west, stopWest := openWith(t, there)
	t.Cleanup(func() { // before the store is closed by the first
		stopWest()
		stopEast()
	})
	return east, west, e, w
}

// TestRegionsShareTables makes stacks, exports and change sets of the same names in two regions: none sees the other's, and each stack's
// work is done once, in its own region.
func TestRegionsShareTables(t *testing.T) {
	east, west, e, w := two(t)
	producer := func(v string) string {
		return "Resources: {A: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}}\nOutputs: {O: {Value: " + v +
			", Export: {Name: shared}}, R: {Value: !Ref AWS::Region}}"
	}
	user := "Resources: {B: {Type: AWS::SNS::Topic, Properties: {TopicName: u, DisplayName: !ImportValue shared}}}"
	ids := map[*desk]string{}
	for d, v := range map[*desk]string{east: "one", west: "two"} {
		ids[d] = d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": producer(v)})["StackId"].(string)
		d.want("s", "CREATE_COMPLETE")
		if want := "arn:aws:cloudformation:" + d.Region + ":000000000000:stack/s/"; !strings.HasPrefix(ids[d], want) {
			t.Errorf("stack %s in %s", ids[d], d.Region)
		}
	}
	west.do("CreateStack", map[string]any{"StackName": "user", "TemplateBody": user})
	west.want("user", "CREATE_COMPLETE")
	if got := fmt.Sprint(w.thing("topic/u")["Attributes"]); got != "map[DisplayName:two]" {
		t.Errorf("the import gives %s", got)
	}
	if e.happened("sns.CreateTopic") != 1 || w.happened("sns.CreateTopic") != 2 {
		t.Errorf("calls: %v and %v", e.calls, w.calls)
	}
	for d, want := range map[*desk][3]string{east: {"[s]", "one", "us-east-1"}, west: {"[user s]", "two", "eu-west-1"}} {
		var names []any
		for _, s := range d.do("ListStacks", map[string]any{})["StackSummaries"].([]any) {
			names = append(names, s.(map[string]any)["StackName"])
		}
		all := d.do("DescribeStacks", map[string]any{})["Stacks"].([]any)
		exports := d.do("ListExports", map[string]any{})["Exports"].([]any)
		if fmt.Sprint(names) != want[0] || len(all) != len(names) || len(exports) != 1 || exports[0].(map[string]any)["Value"] != want[1] {
			t.Errorf("%s has %v, %d, %v", d.Region, names, len(all), exports)
		}
		if got := fmt.Sprint(all[len(all)-1].(map[string]any)["Outputs"]); !strings.Contains(got, "OutputKey:R OutputValue:"+want[2]) {
			t.Errorf("outputs %s", got)
		}
		if got := d.do("DescribeStackResources",
			map[string]any{"PhysicalResourceId": "arn:aws:sns:us-east-1:000000000000:t"})["StackResources"].([]any); len(got) != 1 ||
			got[0].(map[string]any)["StackId"] != ids[d] {
			t.Errorf("%s: the topic is of %v", d.Region, got)
		}
	}
	set := west.do("CreateChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c", "TemplateBody": producer("three")})["Id"].(string)
	for op, in := range map[string]map[string]any{
		"DescribeStacks": {"StackName": ids[west]}, "UpdateStack": {"StackName": ids[west], "TemplateBody": producer("x")},
		"ExecuteChangeSet":            {"ChangeSetName": set},
		"DeleteStack":                 {"StackName": ids[west]},
		"UpdateTerminationProtection": {"StackName": ids[west], "EnableTerminationProtection": true},
		"DescribeStackEvents":         {"StackName": ids[west]}, "ListStackResources": {"StackName": ids[west]},
		"DescribeStackResources": {"StackName": ids[west]}, "DeleteChangeSet": {"ChangeSetName": set},
		"DescribeChangeSet": {"ChangeSetName": set}, "ListImports": {"ExportName": "shared"}, "GetTemplate": {"StackName": "user"},
	} {
		if _, err := east.try(op, in); api.Code(err) != "ValidationError" && api.Code(err) != "ChangeSetNotFound" {
			t.Errorf("%s of the other region: %v", op, err)
		}
	}
	east.do("DeleteStack", map[string]any{"StackName": "nobody"}) // not there: fine, as on AWS
	east.do("DeleteStack", map[string]any{"StackName": strings.Replace(ids[west], "eu-west-1", "us-east-1", 1)})
	west.want("s", "CREATE_COMPLETE")
	east.do("DeleteStack", map[string]any{"StackName": "s"})
	east.want("s", "none")
	west.want("s", "CREATE_COMPLETE")
	if got := west.do("ListExports", map[string]any{})["Exports"].([]any); len(got) != 1 {
		t.Errorf("exports left: %v", got)
	}
}

// TestStacksOfAnEarlierProgram goes on with a stack, its export and its import that were made when there was one region.
func TestStacksOfAnEarlierProgram(t *testing.T) {
	dir := t.TempDir()
	old := Schema
	old.Migrations = old.Migrations[:1]
	m := metatest.Open(t, dir, clock.Real{}, old)
	const at = "arn:aws:cloudformation:us-east-1:000000000000:stack/"
	err := m.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO cfn_stacks (id, name, live, busy, doc) VALUES ('` + at + `p/1', 'p', 1, 0, '{"ID":"` + at +
				`p/1","Name":"p","Status":"CREATE_COMPLETE",` +
				`"Current":{"Template":"Resources: {A: {Type: AWS::SNS::Topic}}\nOutputs: {O: {Value: v, Export: {Name: x}}}"},` +
				`"Outputs":[{"Key":"O","Value":"v","Export":"x"}]}')`,
			`INSERT INTO cfn_stacks (id, name, live, busy, doc) VALUES ('` + at + `u/2', 'u', 1, 1, '{"ID":"` + at +
				`u/2","Name":"u","Status":"CREATE_IN_PROGRESS",` +
				`"Op":{"ID":"o","Kind":"create","Phase":"forward","OnFail":"ROLLBACK",` +
				`"Target":{"Template":"Resources: {B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue x}}}"},` +
				`"Caller":{"ARN":"arn:aws:iam::000000000000:root","Account":"000000000000"}}}')`,
			`INSERT INTO cfn_resources VALUES ('` + at + `p/1', 'A', '{"Logical":"A","Type":"AWS::SNS::Topic",` +
				`"Physical":"arn:aws:sns:us-east-1:000000000000:t","Status":"CREATE_COMPLETE","Props":{},"Started":true}')`,
			`INSERT INTO cfn_exports VALUES ('x', '` + at + `p/1', 'v')`,
			`INSERT INTO cfn_imports VALUES ('x', '` + at + `old/3')`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	d, _ := open(t, dir, newWorld(), nil)
	waitFor(t, d, "u", "CREATE_COMPLETE")
	if got := fmt.Sprint(d.do("ListImports", map[string]any{"ExportName": "x"})["Imports"]); got != "[old u]" {
		t.Errorf("imports %s", got)
	}
	if _, err := d.try("DeleteStack", map[string]any{"StackName": "p"}); err == nil || !strings.Contains(err.Error(),
		"Export x cannot be deleted as it is in use by") {
		t.Errorf("deleting the exporter: %v", err)
	}
}

package cloudformation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
)

func TestStackOfEveryType(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	begun := time.Now()
	d.do("CreateStack", map[string]any{"StackName": "all", "TemplateBody": readFile(t, "all.yaml"), "Capabilities": iam,
		"Tags": []any{map[string]any{"Key": "owner", "Value": "me"}}})
	t.Logf("made in %v", time.Since(begun))
	d.want("all", "CREATE_COMPLETE")
	if w.count() != 16 {
		t.Errorf("%d things: %v", w.count(), w.things)
	}
	raw := w.thing("bucket/000000000000-raw-one")
	if fmt.Sprint(raw["VersioningConfiguration"]) != "map[Status:Enabled]" ||
		fmt.Sprint(raw["Tagging"]) != "map[TagSet:[map[Key:owner Value:me] map[Key:team Value:data]]]" {
		t.Errorf("raw bucket %v", raw)
	}
	if m := w.thing("machine/m"); m["Definition"] != `{"StartAt":"A","States":{"A":`+
		`{"End":true,"Result":"000000000000-raw-one/${Unknown}","Type":"Pass"}}}` {
		t.Errorf("machine %v", m["Definition"])
	}
	if j := w.thing("job/j"); fmt.Sprint(j["DefaultArguments"]) != "map[--a:1 --b:text]" || fmt.Sprint(j["NumberOfWorkers"]) != "2" {
		t.Errorf("job %v", j)
	}
	roles := w.names("role")
	if len(roles) != 1 || !strings.HasPrefix(roles[0],
		"all-Role-") || w.thing("role/" + roles[0])["PolicyDocument"] != `{"Statement":`+
		`[{"Action":"s3:*","Effect":"Allow","Resource":"arn:aws:s3:::000000000000-raw-one/*"}]}` {
		t.Errorf("roles %v", roles)
	}
	st := d.do("DescribeStacks", map[string]any{"StackName": "all"})["Stacks"].([]any)[0].(map[string]any)
	if got := fmt.Sprint(st["Outputs"]); got != "[map[OutputKey:First OutputValue:000000000000] map[Description:The machine. "+
		"OutputKey:Machine OutputValue:arn:aws:states:us-east-1:000000000000:stateMachine:m] map[ExportName:all-port OutputKey:Port "+
		"OutputValue:5439]]" {
		t.Errorf("outputs %s", got)
	}
	if got := fmt.Sprint(st["Parameters"]); !strings.Contains(got, "ParameterKey:Secret ParameterValue:****") || strings.Contains(got,
		"hidden") {
		t.Errorf("parameters %s", got)
	}
	if strings.Contains(fmt.Sprint(d.do("DescribeStackEvents", map[string]any{"StackName": "all"})), "hidden") {
		t.Error("an event shows the secret")
	}
	lines := d.history("all")
	if lines[0] != "all CREATE_IN_PROGRESS User Initiated" || lines[len(lines)-1] != "all CREATE_COMPLETE" {
		t.Errorf("events from %q to %q", lines[0], lines[len(lines)-1])
	}
	order := strings.Join(lines, "\n")
	for _, pair := range [][2]string{{"Raw CREATE_COMPLETE", "Role CREATE_IN_PROGRESS"}, {"Job CREATE_COMPLETE", "Machine CREATE_IN_PROGRESS"},
		{"Database CREATE_COMPLETE", "Table CREATE_IN_PROGRESS"}, {"Namespace CREATE_COMPLETE", "Workgroup CREATE_IN_PROGRESS"}} {
		if strings.Index(order, pair[0]) > strings.Index(order, pair[1]) {
			t.Errorf("%s comes after %s", pair[0], pair[1])
		}
	}
	d.do("DeleteStack", map[string]any{"StackName": "all"})
	if _, err := d.try("DescribeStacks", map[string]any{"StackName": "all"}); api.Code(err) != "ValidationError" ||
		!strings.Contains(err.Error(), "Stack with id all does not exist") {
		t.Errorf("after deletion: %v", err)
	}
	if w.count() != 1 || w.thing("group//x") == nil {
		t.Errorf("left: %v", w.things)
	}
	d.want(st["StackId"].(string), "DELETE_COMPLETE")
}

func param(k, v string) map[string]any { return map[string]any{"ParameterKey": k, "ParameterValue": v} }

func TestUpdateInPlace(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	body := readFile(t, "all.yaml")
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body, "Capabilities": iam})
	d.want("s", "CREATE_COMPLETE")
	if _, err := d.try("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": body,
		"Capabilities": iam}); err == nil || !strings.Contains(err.Error(), "No updates are to be performed.") {
		t.Errorf("the same template: %v", err)
	}
	before := w.happened("")
	d.do("UpdateStack", map[string]any{"StackName": "s", "UsePreviousTemplate": true,
		"Parameters": []any{param("Rules", "5"), param("Versioned", "true")}, "Capabilities": iam})
	d.want("s", "UPDATE_COMPLETE")
	if got := w.thing("ruleset/q")["Ruleset"]; got != "Rules = [ RowCount > 5 ]" {
		t.Errorf("ruleset %v", got)
	}
	if n := w.happened("") - before; n != 1 {
		t.Errorf("%d calls for one change: %v", n, w.calls[before:])
	}
	// A resource goes, another comes, a third changes.
	changed := strings.Replace(body, "  Ruleset:\n    Type: AWS::Glue::DataQualityRuleset\n    Properties: {Name: q,",
		"  Ruleset2:\n    Type: AWS::Glue::DataQualityRuleset\n    Properties: {Name: q2,", 1)
	changed = strings.Replace(changed, "RetentionInDays: 7", "RetentionInDays: 14", 1)
	d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": changed, "Parameters": []any{map[string]any{"ParameterKey": "Rules",
		"UsePreviousValue": true}}, "Capabilities": iam})
	d.want("s", "UPDATE_COMPLETE")
	if got := strings.Join(w.names("ruleset"), " "); got != "q2" || w.thing("ruleset/q2")["Ruleset"] != "Rules = [ RowCount > 5 ]" {
		t.Errorf("rulesets %s", got)
	}
	lines := strings.Join(d.history("s"), "\n")
	for _, want := range []string{"Ruleset2 CREATE_COMPLETE",
		"s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS\nRuleset DELETE_IN_PROGRESS\nRuleset DELETE_COMPLETE\ns UPDATE_COMPLETE", "Logs UPDATE_COMPLETE"} {
		if !strings.Contains(lines, want) {
			t.Errorf("events lack %q:\n%s", want, lines)
		}
	}
}

func TestRefusedBeforeAnythingIsMade(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	body := readFile(t, "all.yaml")
	for _, c := range []struct{ old, new, want string }{
		{"AWS::S3::Bucket\n    Condition", "AWS::EC2::Instance\n    Condition", "AWS::EC2::Instance (of Other)"},
		{"BaseCapacity:", "WorkgroupTyp:", "Workgroup (AWS::RedshiftServerless::Workgroup): Penstock does not support the property " +
			"WorkgroupTyp yet"},
		{"{Status: Enabled}", "{Stats: Enabled}", "VersioningConfiguration.Stats"},
		{"{NamespaceName:", "{ManageAdminPassword: true, NamespaceName:",
			"Penstock does not support ManageAdminPassword yet: AWS keeps that password in Secrets Manager"},
		{"VersioningConfiguration:", "AccessControl: AwsExecRead\n      VersioningConfiguration:",
			"Raw (AWS::S3::Bucket): the AccessControl AwsExecRead is not supported by Penstock yet"},
		{"Ref Raw}", "Ref Row}", "Unresolved resource dependencies [Row]"},
		{"!GetAtt Role.Arn\n      DatabaseName", "!GetAtt Role.Ann\n      DatabaseName", "attribute type Ann"},
		{"Period: 60", "Period: soon", "Alarm (AWS::CloudWatch::Alarm): Period must be a number"},
		{"ComparisonOperator: GreaterThanOrEqualToThreshold", "DatapointsToAlarm: 1", "required property ComparisonOperator is missing"},
		{"Sizes, !Ref", "Seizes, !Ref", "Mapping named 'Seizes'"},
		{"Bucket\n    Properties", "Bucket\n    DependsOn: Machine\n    Properties",
			"Circular dependency between resources: [Job, Machine, Raw, Role]"},
		{"Description: Every", "Transform: AWS::Serverless-2016-10-31\nDescription: Every", "Transform"},
		{"DeletionPolicy: Retain", "DeletionPolicy: Snapshot", "Snapshot"},
		{"!Select [0,", "!Cidr [0,", "Fn::Cidr"},
	} {
		if !strings.Contains(body, c.old) {
			t.Fatalf("the template has no %q", c.old)
		}
		_, err := d.try("CreateStack", map[string]any{"StackName": "bad", "TemplateBody": strings.Replace(body, c.old, c.new, 1),
			"Capabilities": iam})
		if api.Code(err) != "ValidationError" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %q", c.new, err, c.want)
		}
	}
	for _, c := range []struct {
		in         map[string]any
		code, want string
	}{
		{map[string]any{"Capabilities": nil}, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"},
		{map[string]any{"Parameters": []any{param("Suffix", "UP")}}, "ValidationError", "Parameter 'Suffix' must match pattern [a-z]+"},
		{map[string]any{"Parameters": []any{param("Versioned", "x")}}, "ValidationError", "must be one of AllowedValues"},
		{map[string]any{"Parameters": []any{param("Rules", "x")}}, "ValidationError", "Parameter 'Rules' must be a number."},
		{map[string]any{"Parameters": []any{param("None", "x")}}, "ValidationError", "Parameters: [None] do not exist in the template"},
		{map[string]any{"TemplateBody": body + strings.Repeat("#", 51200)}, "ValidationError", "51200"},
		{map[string]any{"StackName": "1x"}, "ValidationError", "stackName"},
		{map[string]any{"TemplateBody": "Resources: {A: {Type: AWS::SNS::Topic}}", "NotificationARNs": []any{"x"}}, "ValidationError",
			"CreateStack.NotificationARNs"},
		{map[string]any{"TemplateURL": "https://x"}, "ValidationError", "You cannot specify both Template URL and Template Body."},
		{map[string]any{"TemplateBody": "a: *b"}, "ValidationError", "not well-formed"},
		{map[string]any{"TemplateBody": "Resources: {A: {Type: AWS::SNS::Topic, Properties: null}}"}, "ValidationError",
			"null values are not allowed"},
	} {
		in := map[string]any{"StackName": "bad", "TemplateBody": body, "Capabilities": iam}
		for k, v := range c.in {
			in[k] = v
		}
		if _, err := d.try("CreateStack", in); api.Code(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200v: %v, want %q", c.in, err, c.want)
		}
	}
	if w.happened("") != 0 {
		t.Errorf("calls were made: %v", w.calls)
	}
	d.want("bad", "none")
}

func TestFullBucketsAreKept(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	body := readFile(t, "all.yaml")
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body, "Capabilities": iam})
	d.want("s", "CREATE_COMPLETE")
	w.objects["000000000000-raw-one"] = true
	before := w.happened("")
	_, err := d.try("UpdateStack", map[string]any{"StackName": "s", "UsePreviousTemplate": true, "Parameters": []any{param("Suffix", "two")},
		"Capabilities": iam})
	if err == nil || !strings.Contains(err.Error(), "Raw (AWS::S3::Bucket) cannot be replaced: The bucket 000000000000-raw-one is not empty") {
		t.Errorf("another bucket name: %v", err)
	}
	small := "Resources: {Curated: {Type: AWS::S3::Bucket}}"
	if _, err = d.try("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": small}); err == nil || !strings.Contains(err.Error(),
		"The bucket 000000000000-raw-one is not empty") {
		t.Errorf("a full bucket taken out: %v", err)
	}
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "DELETE_FAILED")
	if lines := d.history("s"); !strings.HasPrefix(lines[len(lines)-2], "Raw DELETE_FAILED The bucket 000000000000-raw-one is not empty") {
		t.Errorf("events %v", lines[len(lines)-3:])
	}
	for _, c := range w.calls[before:] {
		if !strings.HasPrefix(c, "s3.ListObjectVersions") {
			t.Errorf("called %s", c)
		}
	}
	w.objects["000000000000-raw-one"] = false
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "none")
}

func TestFailedCreationIsRolledBack(t *testing.T) {
	w := newWorld()
	w.refuse["CreateJob j"] = "the script is missing"
	w.things["ruleset/q"] = map[string]any{"Ruleset": "of another"} // found under the name: never taken over
	d, _ := open(t, t.TempDir(), w, nil)
	in := map[string]any{"StackName": "s", "TemplateBody": readFile(t, "all.yaml"), "Capabilities": iam}
	d.do("CreateStack", in)
	d.want("s", "ROLLBACK_COMPLETE")
	if got := w.names("ruleset"); w.count() != 2 || len(got) != 1 || w.thing("ruleset/q")["Ruleset"] != "of another" ||
		w.thing("group//x") == nil {
		t.Errorf("left: %v", w.things)
	}
	lines := strings.Join(d.history("s"), "\n")
	if !strings.Contains(lines, `Job CREATE_FAILED Resource handler returned message: "the script is missing"`) && !strings.Contains(lines,
		"Ruleset CREATE_FAILED q already exists") {
		t.Errorf("events\n%s", lines)
	}
	if _, err := d.try("UpdateStack", in); err == nil || !strings.Contains(err.Error(),
		"is in ROLLBACK_COMPLETE state and can not be updated.") {
		t.Errorf("update of it: %v", err)
	}
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "none")
	in["OnFailure"] = "DO_NOTHING"
	d.do("CreateStack", in)
	d.want("s", "CREATE_FAILED")
	in["OnFailure"], in["StackName"] = "DELETE", "t"
	id := d.do("CreateStack", in)["StackId"].(string)
	d.want(id, "DELETE_COMPLETE")
}

func TestFailedUpdateIsRolledBack(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	body := readFile(t, "all.yaml")
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body, "Capabilities": iam})
	d.want("s", "CREATE_COMPLETE")
	w.refuse["UpdateStateMachine m"] = "States.Bad"
	changed := strings.Replace(body, "RowCount > ${Rules}", "RowCount > 9", 1)
	changed = strings.Replace(changed, "DependsOn: [Job]", "DependsOn: [Job, Ruleset, New]", 1)
	changed = strings.Replace(changed, "StartAt: A,", "Comment: x, StartAt: A,", 1)
	changed = strings.Replace(changed, "  Logs:\n", "  New: {Type: AWS::SNS::Topic}\n  Logs:\n", 1)
	d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": changed, "Capabilities": iam})
	lines := strings.Join(d.history("s"), "\n")
	delete(w.refuse, "UpdateStateMachine m")
	if got, _ := d.status("s"); got != "UPDATE_ROLLBACK_FAILED" {
		t.Fatalf("while the machine refuses: %s\n%s", got, lines)
	}
	w = newWorld()
	d, _ = open(t, t.TempDir(), w, nil)
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body, "Capabilities": iam})
	w.refuse["UpdateJob j"] = "no"
	changed = strings.Replace(changed, "--a\": 1", "--a\": 2", 1)
	changed = strings.Replace(changed, "    Properties:\n      Name: j", "    DependsOn: [Ruleset, New]\n    Properties:\n      Name: j", 1)
	// The job fails to change, and to change back; what was changed before it goes back, what was made goes when the job is skipped.
	d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": changed, "Capabilities": iam})
	d.want("s", "UPDATE_ROLLBACK_FAILED")
	if len(w.names("topic")) != 2 {
		t.Errorf("topics %v", w.names("topic"))
	}
	d.do("ContinueUpdateRollback", map[string]any{"StackName": "s", "ResourcesToSkip": []any{"Job"}})
	d.want("s", "UPDATE_ROLLBACK_COMPLETE")
	if w.thing("ruleset/q")["Ruleset"] != "Rules = [ RowCount > 1 ]" || len(w.names("topic")) != 1 {
		t.Errorf("ruleset %v, topics %v\n%s", w.thing("ruleset/q"), w.names("topic"), strings.Join(d.history("s"), "\n"))
	}
}

func TestChangeSets(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	body := readFile(t, "all.yaml")
	in := map[string]any{"StackName": "s", "ChangeSetName": "c1", "ChangeSetType": "CREATE", "TemplateBody": body, "Capabilities": iam}
	d.do("CreateChangeSet", in)
	d.want("s", "REVIEW_IN_PROGRESS")
	cs := d.do("DescribeChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c1"})
	if cs["Status"] != "CREATE_COMPLETE" || cs["ExecutionStatus"] != "AVAILABLE" || len(cs["Changes"].([]any)) != 16 || w.count() != 0 {
		t.Errorf("change set %v", cs)
	}
	d.do("ExecuteChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c1"})
	d.want("s", "CREATE_COMPLETE")
	in["ChangeSetName"], in["ChangeSetType"] = "c2", "UPDATE"
	d.do("CreateChangeSet", in)
	if cs = d.do("DescribeChangeSet", map[string]any{"StackName": "s",
		"ChangeSetName": "c2"}); cs["Status"] != "FAILED" || cs["StatusReason"] != noChanges {
		t.Errorf("a change set without changes: %v", cs)
	}
	if _, err := d.try("ExecuteChangeSet", map[string]any{"StackName": "s",
		"ChangeSetName": "c2"}); api.Code(err) != "InvalidChangeSetStatus" {
		t.Errorf("executing it: %v", err)
	}
	for range 2 { // the name of one that was executed, or has failed, can be given again
		in["ChangeSetName"] = "c1"
		d.do("CreateChangeSet", in)
	}
	d.do("DeleteChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c2"})
	in["ChangeSetName"], in["Parameters"] = "c3", []any{param("Rules", "3")}
	d.do("CreateChangeSet", in)
	if _, err := d.try("CreateChangeSet", in); api.Code(err) != "AlreadyExistsException" {
		t.Errorf("the name of one that waits to be executed: %v", err)
	}
	cs = d.do("DescribeChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c3"})
	if got := fmt.Sprint(cs["Changes"]); !strings.Contains(got, "Action:Modify") || !strings.Contains(got,
		"LogicalResourceId:Ruleset") || !strings.Contains(got, "Replacement:False") || len(cs["Changes"].([]any)) != 1 {
		t.Errorf("changes %s", got)
	}
	d.do("ExecuteChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c3"})
	d.want("s", "UPDATE_COMPLETE")
	if w.thing("ruleset/q")["Ruleset"] != "Rules = [ RowCount > 3 ]" {
		t.Errorf("ruleset %v", w.thing("ruleset/q"))
	}
	if _, err := d.try("DescribeChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "none"}); api.Code(err) != "ChangeSetNotFound" {
		t.Errorf("an unknown change set: %v", err)
	}
}

func TestExportsAndImports(t *testing.T) {
	d, _ := open(t, t.TempDir(), newWorld(), nil)
	producer := func(v string) string {
		return "Resources: {A: {Type: AWS::SNS::Topic}}\nOutputs: {O: {Value: " + v + ", Export: {Name: shared}}}"
	}
	user := "Resources: {B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue shared}}}"
	if _, err := d.try("CreateStack", map[string]any{"StackName": "user", "TemplateBody": user}); err == nil || !strings.Contains(err.Error(),
		"No export named shared found") {
		t.Errorf("import of nothing: %v", err)
	}
	d.do("CreateStack", map[string]any{"StackName": "prod", "TemplateBody": producer("one")})
	d.do("CreateStack", map[string]any{"StackName": "user", "TemplateBody": user})
	d.want("user", "CREATE_COMPLETE")
	d.do("CreateStack", map[string]any{"StackName": "second", "TemplateBody": producer("x")})
	if got, why := d.status("second"); got != "ROLLBACK_COMPLETE" {
		t.Errorf("a second export of the name: %s %s", got, why)
	}
	if _, err := d.try("DeleteStack", map[string]any{"StackName": "prod"}); err == nil || !strings.Contains(err.Error(),
		"Export shared cannot be deleted as it is in use by user") {
		t.Errorf("deleting the exporter: %v", err)
	}
	d.do("UpdateStack", map[string]any{"StackName": "prod", "TemplateBody": producer("two")})
	if got, why := d.status("prod"); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("changing the export: %s %s", got, why)
	}
	if got := fmt.Sprint(d.do("ListImports", map[string]any{"ExportName": "shared"})["Imports"]); got != "[user]" {
		t.Errorf("imports %s", got)
	}
	d.do("DeleteStack", map[string]any{"StackName": "user"})
	d.do("DeleteStack", map[string]any{"StackName": "prod"})
	if got := d.do("ListExports", map[string]any{})["Exports"].([]any); len(got) != 0 {
		t.Errorf("exports left: %v", got)
	}
}

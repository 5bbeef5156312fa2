package resource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"penstock/internal/api"
)

func opaque(v any) ([]any, bool) {
	m, ok := v.(map[string]any)
	if !ok || m["Fn"] == nil {
		return nil, false
	}
	alternatives, _ := m["Fn"].([]any)
	return alternatives, true
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSpecNamesProblemsAndCoerces(t *testing.T) {
	s := spec(`
		Name text required replace
		Size int
		On bool
		Ratio number
		Tags[].Key text required
		Tags[].Value text
		List[] text
		Deep.Er.Name text replace
		Vars map
		Doc json`)
	for in, want := range map[string]string{
		`{"Name":"n","Size":"60","On":"true","Ratio":"0.50","Tags":[{"Key":1}],"List":["a",2],"Vars":{"a":1,"b":true},"Doc":{"x":[1]}}`: "",
		`{"Name":{"Fn":null},"Size":{"Fn":[]}}`: "Name must be a text",
		`{"Size":1}`:                            "required property Name is missing",
		`{"Name":"n","Sise":1,"Deep":{"Er":{"Nam":1}}}`: "Penstock does not support the property Deep.Er.Nam yet|Penstock does not " +
			"support the property Sise yet",
		`{"Name":"n","Tags":[{"Value":"v","Other":1}]}`: "Penstock does not support the property Tags[].Other yet|required property " +
			"Tags[].Key is missing",
		`{"Name":"n","Tags":{"Key":"v"}}`:                   "Tags must be a list",
		`{"Name":"n","Deep":"x"}`:                           "Deep must be an object",
		`{"Name":"n","Size":"1.5"}`:                         `Size must be a whole number, and "1.5" is none`,
		`{"Name":"n","On":"maybe"}`:                         `On must be true or false, and "maybe" is neither`,
		`{"Name":"n","Deep":{"Fn":[{"Er":{"Bad":1}},"x"]}}`: "Penstock does not support the property Deep.Er.Bad yet|Deep must be an object",
	} {
		if got := strings.Join(s.Problems(decode(t, in), opaque), "|"); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	p, err := s.Coerce(decode(t,
		`{"Name":7,"Size":"60","On":"true","Ratio":"0.50","Tags":[{"Key":1}],"List":["a",2],"Vars":{"a":1,"b":true},"Doc":{"x":[1]}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := encode(p); got != `{"Doc":{"x":[1]},"List":["a","2"],"Name":"7","On":true,"Ratio":0.50,`+
		`"Size":60,"Tags":[{"Key":"1"}],"Vars":{"a":"1","b":"true"}}` {
		t.Errorf("coerced %s", got)
	}
	for in, want := range map[string]string{`{"Size":"x"}`: "Size must be a number", `{"No":1}`: "the property No is not supported",
		`{"Tags":1}`: "Tags must be a list", `{"Deep":{"Er":1}}`: "Deep.Er must be an object"} {
		if _, err := s.Coerce(decode(t, in), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
	changed, replacing := s.Changes(decode(t, `{"Name":"a","Size":1,"Deep":{"Er":{"Name":"x"}}}`),
		decode(t, `{"Name":"b","Size":1,"On":true,"Deep":{"Er":{"Name":"y"}}}`))
	if got := fmt.Sprint(changed, replacing); got != "[Deep Name On] [Deep.Er.Name Name]" {
		t.Errorf("changes %s", got)
	}
}

func TestMadeNames(t *testing.T) {
	for _, c := range []struct {
		n    Naming
		want string
	}{{Naming{}, "stack-Logical-ABCDEFGHIJKL"}, {Naming{Lower: true}, "stack-logical-abcdefghijkl"},
		{Naming{Max: 20}, "stack-L-ABCDEFGHIJKL"}} {
		if got := c.n.Make("stack", "Logical", "ABCDEFGHIJKL"); got != c.want {
			t.Errorf("%+v: %s, want %s", c.n, got, c.want)
		}
	}
}

func TestDefinitionSubstitutions(t *testing.T) {
	got, err := definition(t.Context(), nil, Props{"DefinitionString": `{"A":"${x}","B":"${y.Arn}","C":"${none}","D":"$.a"}`,
		"DefinitionSubstitutions": map[string]any{"x": `say "hi"`, "y.Arn": "arn"}})
	if err != nil || got != `{"A":"say \"hi\"","B":"arn","C":"${none}","D":"$.a"}` {
		t.Errorf("%s %v", got, err)
	}
	if _, err := definition(t.Context(), nil, Props{}); err == nil {
		t.Error("neither form was accepted")
	}
	r := &recorder{}
	at := map[string]any{"Bucket": "b", "Key": "k"}
	if _, err := definition(t.Context(), &Caller{Invoker: r},
		Props{"DefinitionS3Location": at}); err != nil || len(r.calls) != 1 || r.calls[0] != `s3.GetObject {"Bucket":"b","Key":"k"}` {
		t.Errorf("from S3: %v, %v", r.calls, err)
	}
	if _, err := definition(t.Context(), nil, Props{"DefinitionString": "{}", "DefinitionS3Location": at}); err == nil {
		t.Error("two forms were accepted")
	}
}

// TestPasswordsThatWereManaged: a namespace of an earlier program's stack keeps ManageAdminPassword, loses it, and is rolled back to it
// without a call that takes it; a new one is refused.
func TestPasswordsThatWereManaged(t *testing.T) {
	kind, managed := Kinds()["AWS::RedshiftServerless::Namespace"], Props{"ManageAdminPassword": true}
	if kind.Refuse(nil, managed) == nil || kind.Refuse(Props{}, managed) == nil ||
		kind.Refuse(nil, Props{"ManageAdminPassword": false}) != nil {
		t.Error("a password is managed")
	}
	r := &recorder{}
	c := &Caller{Invoker: r}
	err := errors.Join(kind.Refuse(managed, managed), kind.Update(t.Context(), c, "n", managed, Props{}),
		kind.Update(t.Context(), c, "n", Props{}, managed))
	if err != nil || strings.Contains(strings.Join(r.calls, " "), "UpdateNamespace") {
		t.Errorf("%v, %q", err, r.calls)
	}
}

func TestParametersThatAreRefused(t *testing.T) {
	for p, want := range map[string]string{
		`{"Type":"String","DataType":"text","Tier":"Intelligent-Tiering"}`: "",
		`{"Type":"SecureString"}`:                          "#/Type: failed validation constraint for keyword [enum]",
		`{"Type":"String","Tier":"Large"}`:                 "#/Tier: failed validation constraint for keyword [enum]",
		`{"Type":"String","Tier":"Advanced"}`:              "the Tier Advanced is not supported by Penstock yet",
		`{"Type":"StringList","DataType":"aws:ec2:image"}`: "the DataType aws:ec2:image is not supported by Penstock yet",
	} {
		got := ""
		if err := Kinds()["AWS::SSM::Parameter"].Refuse(nil, decode(t, p)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", p, got, want)
		}
	}
	if name := (Naming{Max: 1011, Head: "CFN"}).Make("stack", "P", "ABC"); name != "CFN-P-ABC" {
		t.Errorf("a made name is %s", name)
	}
}

// recorder answers every call with an empty object and keeps what was called.
type recorder struct{ calls []string }

func (r *recorder) Invoke(_ context.Context, service, op string, in any) (any, error) {
	r.calls = append(r.calls, service+"."+op+" "+string(in.(json.RawMessage)))
	return json.RawMessage(`{"Namespace":{"Status":"AVAILABLE","NamespaceArn":"a"},"Workgroup":{"Status":"AVAILABLE","WorkgroupArn":"a"}}`),
		nil
}

// TestUpdatesSayWhatChanged shows for changes of single properties which operations they take.
func TestUpdatesSayWhatChanged(t *testing.T) {
	for _, c := range []struct{ kind, id, old, now, want string }{
		{"AWS::IAM::Role", "r", `{"Policies":[{"PolicyName":"a","PolicyDocument":{"x":1}},{"PolicyName":"b","PolicyDocument":{}}]}`,
			`{"Policies":[{"PolicyName":"a","PolicyDocument":{"x":2}}]}`,
			`iam.PutRolePolicy {"PolicyDocument":"{\"x\":2}","PolicyName":"a","RoleName":"r"}` +
				`|iam.DeleteRolePolicy {"PolicyName":"b","RoleName":"r"}`},
		{"AWS::IAM::Role", "r", `{"ManagedPolicyArns":["a"],"Tags":[{"Key":"k","Value":"v"}]}`, `{"MaxSessionDuration":7200}`,
			`iam.UpdateRole {"MaxSessionDuration":7200,"RoleName":"r"}` +
				`|iam.DetachRolePolicy {"PolicyArn":"a","RoleName":"r"}|iam.UntagRole {"RoleName":"r","TagKeys":["k"]}`},
		{"AWS::Glue::Job", "j", `{"Role":"a"}`, `{"Role":"b","MaxRetries":1.0,"Tags":{"k":"v"}}`,
			`glue.UpdateJob {"JobName":"j","JobUpdate":{"MaxRetries":1,"Role":"b"}}` +
				`|glue.TagResource {"ResourceArn":"arn:aws:glue:us-east-1:000000000000:job/j","TagsToAdd":{"k":"v"}}`},
		{"AWS::Glue::Crawler", "c", `{}`, `{"Role":"r","Schedule":{"ScheduleExpression":"cron(0 1 * * ? *)"}}`,
			`glue.UpdateCrawler {"Name":"c","Role":"r","Schedule":"cron(0 1 * * ? *)"}`},
		{"AWS::Glue::DataQualityRuleset", "q", `{}`, `{"Ruleset":"Rules = []"}`,
			`glue.UpdateDataQualityRuleset {"Name":"q","Ruleset":"Rules = []"}`},
		{"AWS::SSM::Parameter", "/p", `{"Type":"String","Value":"a","Description":"d","Tags":{"k":"v","l":"w"}}`,
			`{"Type":"String","Value":"b","Tags":{"k":"x"}}`,
			`ssm.PutParameter {"Description":"","Name":"/p","Overwrite":true,"Type":"String","Value":"b"}` +
				`|ssm.AddTagsToResource {"ResourceId":"/p","ResourceType":"Parameter","Tags":[{"Key":"k","Value":"x"}]}` +
				`|ssm.RemoveTagsFromResource {"ResourceId":"/p","ResourceType":"Parameter","TagKeys":["l"]}`},
		{"AWS::SSM::Parameter", "/p", `{"Type":"String","Value":"a"}`, `{"Type":"String","Value":"a","Tags":{"k":"v"}}`,
			`ssm.AddTagsToResource {"ResourceId":"/p","ResourceType":"Parameter","Tags":[{"Key":"k","Value":"v"}]}`},
		{"AWS::Glue::Table", "t", `{}`, `{"DatabaseName":"d","TableInput":{"Description":"x"}}`,
			`glue.UpdateTable {"DatabaseName":"d","TableInput":{"Description":"x","Name":"t"}}`},
		{"AWS::Glue::Database", "d", `{}`, `{"DatabaseInput":{"Description":"x"}}`,
			`glue.UpdateDatabase {"DatabaseInput":{"Description":"x","Name":"d"},"Name":"d"}`},
		{"AWS::Glue::Connection", "c", `{}`, `{"ConnectionInput":{"ConnectionType":"NETWORK","MatchCriteria":["m"]}}`,
			`glue.UpdateConnection {"ConnectionInput":{"ConnectionProperties":{},"ConnectionType":"NETWORK","MatchCriteria":["m"],"Name":"c"},` +
				`"Name":"c"}`},
		{"AWS::Glue::Partition", "d|t|a", `{}`,
			`{"CatalogId":"000000000000","DatabaseName":"d","TableName":"t","PartitionInput":{"Values":["a"]}}`,
			`glue.UpdatePartition {"DatabaseName":"d","PartitionInput":{"Values":["a"]},"PartitionValueList":["a"],"TableName":"t"}`},
		{"AWS::Glue::Classifier", "c", `{}`, `{"CsvClassifier":{"Delimiter":";","ContainsCustomDatatype":["DATE"]}}`,
			`glue.UpdateClassifier {"CsvClassifier":{"CustomDatatypes":["DATE"],"Delimiter":";","Name":"c"}}`},
		{"AWS::Glue::Trigger", "t", `{"Tags":{"k":"v"}}`, `{"Type":"ON_DEMAND","Actions":[{"JobName":"j","Arguments":{"--n":1}}]}`,
			`glue.UpdateTrigger {"Name":"t","TriggerUpdate":{"Actions":[{"Arguments":{"--n":"1"},"JobName":"j"}]}}` +
				`|glue.UntagResource {"ResourceArn":"arn:aws:glue:us-east-1:000000000000:trigger/t","TagsToRemove":["k"]}`},
		{"AWS::Glue::Workflow", "w", `{"Description":"d","DefaultRunProperties":{"a":1}}`, `{"MaxConcurrentRuns":2}`,
			`glue.UpdateWorkflow {"DefaultRunProperties":{},"Description":"","MaxConcurrentRuns":2,"Name":"w"}`},
		{"AWS::Glue::Crawler", "c", `{"Description":"d","Schedule":{"ScheduleExpression":"cron(0 1 * * ? *)"}}`, `{"Role":"r"}`,
			`glue.UpdateCrawler {"Description":"","Name":"c","Role":"r","Schedule":""}`},
		{"AWS::S3::BucketPolicy", "b", `{}`, `{"Bucket":"b","PolicyDocument":{"Statement":[]}}`,
			`s3.PutBucketPolicy {"Bucket":"b","Policy":"{\"Statement\":[]}"}`},
		{"AWS::SNS::Topic", "arn:t", `{"DisplayName":"a"}`, `{"DisplayName":"b","Subscription":[{"Protocol":"http","Endpoint":"http://e"}]}`,
			`sns.SetTopicAttributes {"AttributeName":"DisplayName","AttributeValue":"b","TopicArn":"arn:t"}` +
				`|sns.Subscribe {"Endpoint":"http://e","Protocol":"http","TopicArn":"arn:t"}`},
		{"AWS::SNS::Subscription", "s", `{}`, `{"RawMessageDelivery":true}`,
			`sns.SetSubscriptionAttributes {"AttributeName":"RawMessageDelivery","AttributeValue":"true","SubscriptionArn":"s"}`},
		{"AWS::CloudWatch::Alarm", "a", `{}`, `{"Threshold":2}`, `monitoring.PutMetricAlarm {"AlarmName":"a","Threshold":2}`},
		{"AWS::StepFunctions::StateMachine", "arn:m", `{}`, `{"RoleArn":"r","DefinitionString":"{}"}`,
			`states.UpdateStateMachine {"Definition":"{}","RoleArn":"r","StateMachineArn":"arn:m"}`},
		{"AWS::Logs::LogGroup", "g", `{"RetentionInDays":7}`, `{}`, `logs.DeleteRetentionPolicy {"LogGroupName":"g"}`},
		{"AWS::RedshiftServerless::Namespace", "n", `{"AdminUsername":"a","IamRoles":["r"]}`, `{"AdminUsername":"b"}`,
			`redshift-serverless.UpdateNamespace {"AdminUsername":"b","IamRoles":[],"NamespaceName":"n"}` +
				`|redshift-serverless.GetNamespace {"NamespaceName":"n"}`},
		{"AWS::RedshiftServerless::Workgroup", "w", `{"BaseCapacity":8,"Port":5439}`, `{"BaseCapacity":16,"Port":5439}`,
			`redshift-serverless.UpdateWorkgroup {"BaseCapacity":16,"WorkgroupName":"w"}` +
				`|redshift-serverless.GetWorkgroup {"WorkgroupName":"w"}|redshift-serverless.GetWorkgroup {"WorkgroupName":"w"}`},
	} {
		r := &recorder{}
		err := Kinds()[c.kind].Update(t.Context(), &Caller{Invoker: r, Account: "000000000000", Region: "us-east-1"}, c.id, decode(t, c.old),
			decode(t, c.now))
		if got := strings.Join(r.calls, "|"); err != nil || got != c.want {
			t.Errorf("%s: %s (%v)\nwant %s", c.kind, got, err, c.want)
		}
	}
}

// absent answers every call with the codes that services give for what is not there.
type absent struct{ code string }

func (a absent) Invoke(context.Context, string, string, any) (any, error) {
	return nil, &api.Error{Code: a.code, Message: "gone"}
}

func TestDeletingWhatIsGoneIsFine(t *testing.T) {
	codes := map[string]string{"AWS::S3::Bucket": "NoSuchBucket", "AWS::S3::BucketPolicy": "NoSuchBucket", "AWS::IAM::Role": "NoSuchEntity",
		"AWS::CloudWatch::Alarm": "ResourceNotFound", "AWS::SNS::Subscription": "NotFound",
		"AWS::StepFunctions::StateMachine": "StateMachineDoesNotExist", "AWS::Logs::LogGroup": "ResourceNotFoundException",
		"AWS::RedshiftServerless::Namespace": "ResourceNotFoundException", "AWS::SSM::Parameter": "ParameterNotFound",
		"AWS::RedshiftServerless::Workgroup": "ResourceNotFoundException"}
	for _, name := range Types() {
		if name == "AWS::SNS::Topic" {
			continue // DeleteTopic itself answers success
		}
		code := codes[name]
		if code == "" {
			code = "EntityNotFoundException"
		}
		k := Kinds()[name]
		if err := k.Delete(t.Context(), &Caller{Invoker: absent{code}}, "x", Props{"DatabaseName": "d"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := k.Delete(t.Context(), &Caller{Invoker: absent{"AccessDenied"}}, "x", Props{}); err == nil {
			t.Errorf("%s: a refusal was taken for success", name)
		}
	}
	if len(Types()) != 21 || !slices.IsSorted(Types()) {
		t.Errorf("types %v", Types())
	}
}

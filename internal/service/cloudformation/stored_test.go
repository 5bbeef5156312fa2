package cloudformation

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/api"
)

// topic is a template with one topic.
func topic(display, more string) string {
	return "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: t, DisplayName: " + display + "}}}\n" + more
}

// TestDynamicReferences resolves them when a stack is made and at each update; outputs keep them.
func TestDynamicReferences(t *testing.T) {
	w := newWorld()
	w.store("/name", "String", "one")
	w.store("/name:1", "String", "one")
	w.store("/days", "String", "7")
	d, _ := open(t, t.TempDir(), w, nil)
	body := topic("'<{{resolve:ssm:/name}} {{resolve:ssm:/name:1}}>'", "  L: {Type: 'AWS::Logs::LogGroup', "+
		"Properties: {LogGroupName: g, RetentionInDays: '{{resolve:ssm:/days}}'}}\nOutputs: {O: {Value: '{{resolve:ssm:/name}}'}}")
	body = strings.Replace(body, "}}}\n  L:", "}},\n  L:", 1)
	body = strings.Replace(body, "days}}'}}\n", "days}}'}}}\n", 1)
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body})
	d.want("s", "CREATE_COMPLETE")
	named := func(want string) {
		t.Helper()
		if got := w.thing("topic/t"); fmt.Sprint(got) == "" || !strings.Contains(fmt.Sprint(got), "<"+want+" one>") {
			t.Errorf("the topic is %v, want %s", got, want)
		}
	}
	named("one")
	if got := w.thing("group/g"); fmt.Sprint(got["RetentionInDays"]) != "7" {
		t.Errorf("the group is %v", got)
	}
	st := d.do("DescribeStacks", map[string]any{"StackName": "s"})["Stacks"].([]any)[0].(map[string]any)
	if got := fmt.Sprint(st["Outputs"]); !strings.Contains(got, "OutputValue:{{resolve:ssm:/name}}") {
		t.Errorf("outputs %s", got)
	}
	again := map[string]any{"StackName": "s", "UsePreviousTemplate": true}
	if _, err := d.try("UpdateStack", again); err == nil || !strings.Contains(err.Error(), "No updates are to be performed.") {
		t.Errorf("nothing has changed: %v", err)
	}
	w.store("/name", "String", "two")
	d.do("UpdateStack", again)
	d.want("s", "UPDATE_COMPLETE")
	named("two")
	// A change set carries out what it has found.
	w.store("/name", "String", "three")
	d.do("CreateChangeSet", map[string]any{"StackName": "s", "UsePreviousTemplate": true, "ChangeSetName": "c"})
	w.store("/name", "String", "four")
	d.do("ExecuteChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c"})
	named("three")
}

// TestDynamicReferencesRefused makes nothing of what names no parameter, or a secret.
func TestDynamicReferencesRefused(t *testing.T) {
	w := newWorld()
	w.store("/secret", "String", "x")
	w.refuse["GetParameters /secret"] = "User: u is not authorized to perform: ssm:GetParameters on resource: r"
	d, _ := open(t, t.TempDir(), w, nil)
	for body, want := range map[string]string{
		topic("'{{resolve:ssm:/gone}}'", ""):                        "Parameters: [ssm:/gone] cannot be found.",
		topic("'{{resolve:ssm:/secret}}'", ""):                      "User: u is not authorized to perform: ssm:GetParameters on resource: r",
		topic("'{{resolve:ssm-secure:/a:1}}'", ""):                  "dynamic references to ssm-secure",
		topic("'{{resolve:secretsmanager:a}}'", ""):                 "dynamic references to secretsmanager",
		topic("'{{resolve:ssm:/a:prod}}'", ""):                      "is used in the following SSM reference: [{{resolve:ssm:/a:prod}}]",
		topic("'"+strings.Repeat("{{resolve:ssm:/a}}", 61)+"'", ""): "61, is greater than maximum allowed, 60",
		topic("x", "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /gone}}"): "Unable to fetch parameters [/gone] " +
			"from parameter store for this account.",
	} {
		_, err := d.try("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body})
		if api.Code(err) != "ValidationError" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngives %v, want %s", body, err, want)
		}
	}
	if w.count() != 0 {
		t.Errorf("made: %v", w.things)
	}
	// A name that is known only when a resource exists fails the resource that asks.
	body := "Resources:\n  A: {Type: 'AWS::SNS::Topic', Properties: {TopicName: a}}\n  " +
		"B: {Type: 'AWS::SNS::Topic', Properties: {TopicName: b, DisplayName: !Sub '{{resolve:ssm:/${A.TopicName}}}'}}\n"
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body})
	d.want("s", "ROLLBACK_COMPLETE")
	if got := strings.Join(d.history("s"), "\n"); !strings.Contains(got, "B CREATE_FAILED Parameters: [ssm:/a] cannot be found.") {
		t.Errorf("events\n%s", got)
	}
}

// TestStoredParameters takes the values of template parameters from Parameter Store, anew at each update.
func TestStoredParameters(t *testing.T) {
	w := newWorld()
	w.store("/name", "String", "one")
	w.store("/list", "StringList", "a, b ,c")
	d, _ := open(t, t.TempDir(), w, nil)
	body := topic("!Join ['|', [!Ref P, !Select [1, !Ref L], 'x']]", "Parameters:\n  P: {Type: 'AWS::SSM::Parameter::Value<String>'}\n"+
		"  L: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /list}\n  "+
		"H: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /name, NoEcho: true}\nOutputs: {O: {Value: !Ref P}}")
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body, "Parameters": []any{param("P", "/name")}})
	d.want("s", "CREATE_COMPLETE")
	check := func(name string) {
		t.Helper()
		st := d.do("DescribeStacks", map[string]any{"StackName": "s"})["Stacks"].([]any)[0].(map[string]any)
		want := "[map[ParameterKey:H ParameterValue:**** ResolvedValue:****] map[ParameterKey:L ParameterValue:/list ResolvedValue:a,b,c] " +
			"map[ParameterKey:P ParameterValue:/name ResolvedValue:" + name + "]]"
		if got := fmt.Sprint(st["Parameters"]); got != want {
			t.Errorf("parameters %s\nwant %s", got, want)
		}
		got := fmt.Sprint(st["Outputs"], w.thing("topic/t"))
		if !strings.Contains(got, "OutputValue:"+name) || !strings.Contains(got, name+"|b|x") {
			t.Errorf("made %s, want %s", got, name)
		}
	}
	check("one")
	w.store("/name", "String", "two")
	again := map[string]any{"StackName": "s", "UsePreviousTemplate": true, "Parameters": []any{previous("P"), previous("L"), previous("H")}}
	d.do("UpdateStack", again)
	check("two")
	if _, err := d.try("UpdateStack", again); err == nil || !strings.Contains(err.Error(), "No updates are to be performed.") {
		t.Errorf("nothing has changed: %v", err)
	}
	w.store("/list", "String", "a")
	if _, err := d.try("UpdateStack", again); err == nil || !strings.Contains(err.Error(), "Types for SSM parameters [/list] defined in CFN "+
		"template and SSM are incompatible") {
		t.Errorf("a text for a list: %v", err)
	}
}

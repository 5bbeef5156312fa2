package cloudformation

import (
	"fmt"
	"strings"
	"testing"
)

func previous(k string, value ...string) map[string]any {
	p := map[string]any{"ParameterKey": k, "UsePreviousValue": true}
	if value != nil {
		p["ParameterValue"] = value[0]
	}
	return p
}

// TestPreviousValues keeps values that are empty, and such as came from a default that the new template does not have any more.
func TestPreviousValues(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	body := func(def string) string {
		return "Parameters: {P: {Type: String}, D: {Type: String, Default: '" + def + "'}}\n" +
			"Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: t, DisplayName: !Sub '<${P}${D}>'}}}\nOutputs: {O: {Value: !Sub " +
			"'<${P}${D}>'}}"
	}
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body("one"), "Parameters": []any{param("P", "")}})
	d.want("s", "CREATE_COMPLETE")
	output := func() string {
		return fmt.Sprint(d.do("DescribeStacks", map[string]any{"StackName": "s"})["Stacks"].([]any)[0].(map[string]any)["Outputs"])
	}
	if got := output(); !strings.Contains(got, "OutputValue:<one>") {
		t.Errorf("made with %s", got)
	}
	in := map[string]any{"StackName": "s", "TemplateBody": body("two"), "Parameters": []any{previous("P", ""), previous("D")}}
	if _, err := d.try("UpdateStack", in); err == nil || !strings.Contains(err.Error(), "No updates are to be performed.") {
		t.Errorf("previous values under another default: %v", err)
	}
	in["Parameters"] = []any{previous("P")}
	d.do("UpdateStack", in)
	if got := output(); !strings.Contains(got, "OutputValue:<two>") {
		t.Errorf("the new default gives %s", got)
	}
	in["Parameters"], in["TemplateBody"], in["ChangeSetName"] = []any{param("P", "p"), previous("D", "")}, body("three"), "c"
	d.do("CreateChangeSet", in)
	d.do("ExecuteChangeSet", map[string]any{"StackName": "s", "ChangeSetName": "c"})
	if got := output(); !strings.Contains(got, "OutputValue:<ptwo>") {
		t.Errorf("the change set gives %s", got)
	}
	delete(in, "ChangeSetName")
	for _, c := range []struct {
		p    map[string]any
		want string
	}{
		{previous("P", "x"), "Invalid input for parameter key P. Cannot specify usePreviousValue as true and non empty value for a parameter"},
		{previous("N"), "Invalid input for parameter key N. Cannot specify usePreviousValue as true for a parameter key not in the previous " +
			"template"},
	} {
		in["Parameters"] = []any{c.p}
		if _, err := d.try("UpdateStack", in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.p, err)
		}
	}
}

// TestReferencesToAbsentResources refuses outputs and properties that ask for what a condition leaves out, and no others.
func TestReferencesToAbsentResources(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	body := func(properties, outputs string) string {
		return "Parameters: {On: {Type: String, Default: 'no'}}\nConditions: {Yes: !Equals [!Ref On, 'yes']}\nResources:\n" +
			"  A: {Type: 'AWS::SNS::Topic', Condition: Yes}\n  C: {Type: 'AWS::SNS::Topic', Condition: Yes}\n" +
			"  B: {Type: 'AWS::SNS::Topic', DependsOn: A, Properties: {" + properties + "}}\n" + outputs
	}
	for _, c := range []struct{ properties, outputs, want string }{
		{"", "Outputs: {O: {Value: !Ref A}}", "[A] in the Outputs block"},
		{"", "Outputs: {O: {Value: !GetAtt A.TopicName}}", "[A] in the Outputs block"},
		{"", "Outputs: {O: {Value: !Join ['', [!Ref B, !Sub '${C.TopicName}${A}']]}}", "[A, C] in the Outputs block"},
		{"", "Outputs: {O: {Value: x, Export: {Name: !Ref A}}}", "[A] in the Outputs block"},
		{"", "Outputs: {O: {Value: !If [Yes, x, !Ref A]}}", "[A] in the Outputs block"},
		{"DisplayName: !Ref A", "", "[A] in the Resources block"},
		{"DisplayName: !Sub ['${v}', {v: !Ref A}]", "", "[A] in the Resources block"},
		{"DisplayName: !If [Yes, !Ref A, none]", "Outputs: {O: {Value: !If [Yes, !Ref A, none]}, P: {Condition: Yes, Value: !Ref A}}", ""},
	} {
		text := "Template format error: Unresolved resource dependencies " + c.want + " of the template"
		in := map[string]any{"StackName": "s", "TemplateBody": body(c.properties, c.outputs)}
		_, err := d.try("CreateStack", in)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), text)) {
			t.Errorf("%s %s: %v", c.properties, c.outputs, err)
		}
	}
	d.want("s", "CREATE_COMPLETE")
	wrong := body("", "Outputs: {O: {Value: !Ref A}}")
	for op, more := range map[string]string{"UpdateStack": "Tags", "CreateChangeSet": "ChangeSetName"} {
		in := map[string]any{"StackName": "s", "TemplateBody": wrong, more: map[string]any{"Tags": []any{}, "ChangeSetName": "c"}[more]}
		if _, err := d.try(op, in); err == nil || !strings.Contains(err.Error(), "[A] in the Outputs block") {
			t.Errorf("%s: %v", op, err)
		}
	}
	d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": wrong, "Parameters": []any{param("On", "yes")}})
	d.want("s", "UPDATE_COMPLETE")
}

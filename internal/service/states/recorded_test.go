package states

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"penstock/internal/api"
	"penstock/internal/asl/asltest"
)

// answersAtLeast may only grow.
const answersAtLeast = 17

// TestRecordedAnswers makes the requests of the recorded tests about machines again. The recordings have the answers only; what was
// asked is below, by the name of the test.
func TestRecordedAnswers(t *testing.T) {
	equal, fails := asltest.Listed(t, "testdata/answers.txt")
	if len(equal) < answersAtLeast {
		t.Errorf("%d cases are listed as equal, want at least %d", len(equal), answersAtLeast)
	}
	for _, a := range asltest.MachineAnswers(t) {
		ask := asked[strings.SplitN(a.Test, "[", 2)[0]]
		switch {
		case fails[a.ID] != "":
		case !equal[a.ID] || ask == nil:
			t.Errorf("%s is not in testdata/answers.txt, or nothing asks for it", a.ID)
		default:
			b := quick(t, nil)
			b.Account = "111111111111"
			got := answers{b: b, got: map[string]any{}}
			ask(&got, a)
			got.compare(a)
		}
	}
}

// answers are ours, by the names of the recording.
type answers struct {
	b   *bench
	got map[string]any
}

func (a *answers) put(name, op string, out any, err error) any {
	a.b.t.Helper()
	if err != nil {
		a.got[name] = failure(op, err)
		return nil
	}
	text, err := json.Marshal(out)
	if err != nil {
		a.b.t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		a.b.t.Fatal(err)
	}
	delete(m, "ResultMetadata")
	m = lower(m)
	if def, ok := m["definition"].(string); ok {
		var parsed any
		if json.Unmarshal([]byte(def), &parsed) == nil {
			m["definition"] = parsed
		}
	}
	a.got[name] = m
	return out
}

// failure is an error in the three forms that the recordings have.
func failure(op string, err error) any {
	code, message := api.Code(err), err.Error()
	if e := smithy.APIError(nil); errors.As(err, &e) {
		code, message = e.ErrorCode(), e.ErrorMessage()
	}
	text := fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", code, op, message)
	return []any{text, map[string]any{"exception_typename": code, "exception_value": text},
		map[string]any{"Error": map[string]any{"Code": code, "Message": message}, "message": message}}
}

var uuids = regexp.MustCompile(`<uuid:[0-9]>`)

// compare looks for each recorded answer among ours. Revisions that the recording calls alike must be alike.
func (a *answers) compare(want asltest.Answers) {
	a.b.t.Helper()
	names := map[string]string{}
	for name, w := range want.Expected {
		got, ok := a.got[name]
		if !ok {
			a.b.t.Errorf("%s: nothing answers %s", want.ID, name)
			continue
		}
		forms, isError := got.([]any)
		if !isError {
			forms = []any{got}
		}
		matched := false
		for _, form := range forms {
			matched = matched || asltest.Match(older(w, form), form)
		}
		if !matched {
			a.b.t.Errorf("%s: %s is %s, want %s", want.ID, name, wireAny(got), wireAny(w))
			continue
		}
		if m, ok := w.(map[string]any); ok && uuids.MatchString(fmt.Sprint(m["revisionId"])) {
			called, is := fmt.Sprint(m["revisionId"]), fmt.Sprint(got.(map[string]any)["revisionId"])
			if names[called] != "" && names[called] != is {
				a.b.t.Errorf("%s: %s has the revision %s, want %s", want.ID, name, is, names[called])
			}
			names[called] = is
		}
	}
	if len(names) == 2 && names["<uuid:1>"] == names["<uuid:2>"] {
		a.b.t.Errorf("%s: two revisions are one", want.ID)
	}
}

// older takes the boto3 envelope from a recorded answer, and adds what AWS answers since the recording was made.
func older(want, have any) any {
	w, ok := want.(map[string]any)
	if !ok {
		return want
	}
	out := map[string]any{}
	for k, v := range w {
		if k != "ResponseMetadata" {
			out[k] = v
		}
	}
	if h, ok := have.(map[string]any); ok && h["encryptionConfiguration"] != nil {
		out["encryptionConfiguration"] = map[string]any{"type": "AWS_OWNED_KEY"}
	}
	return out
}

func (a *answers) create(name, machine, definition string, tags ...types.Tag) string {
	r := role
	out, err := a.b.CreateStateMachine(a.b.ctx, &sfn.CreateStateMachineInput{Name: &machine, RoleArn: &r, Definition: &definition, Tags: tags})
	if a.put(name, "CreateStateMachine", out, err) == nil {
		return ""
	}
	return *out.StateMachineArn
}

func (a *answers) describe(name, machine string) {
	out, err := a.b.DescribeStateMachine(a.b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
	a.put(name, "DescribeStateMachine", out, err)
}

func (a *answers) update(name, machine string, definition, role *string) {
	out, err := a.b.UpdateStateMachine(a.b.ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &machine, Definition: definition, RoleArn: role})
	a.put(name, "UpdateStateMachine", out, err)
}

func (a *answers) tag(machine string, tags ...types.Tag) {
	out, err := a.b.TagResource(a.b.ctx, &sfn.TagResourceInput{ResourceArn: &machine, Tags: tags})
	a.put("tag_resource_resp", "TagResource", out, err)
}

func (a *answers) tags(machine string) {
	out, err := a.b.ListTagsForResource(a.b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: &machine})
	a.put("list_resources_res", "ListTagsForResource", out, err)
	m := a.got["list_resources_res"].(map[string]any)
	for i, v := range m["tags"].([]any) {
		m["tags"].([]any)[i] = lower(v.(map[string]any))
	}
}

func tagOf(n string) types.Tag {
	return types.Tag{Key: aws.String("key" + n), Value: aws.String("value" + n)}
}

// asked makes the requests of a recorded test.
var asked = map[string]func(*answers, asltest.Answers){
	"test_describe_nonexistent_sm": func(a *answers, _ asltest.Answers) {
		missing := "arn:aws:states:us-east-1:111111111111:stateMachine:none"
		a.describe("describe_nonexistent_sm", missing)
		a.rename("describe_nonexistent_sm", missing, "sm_nonexistent_arn")
	},
	"test_list_execution_no_such_state_machine": func(a *answers, _ asltest.Answers) {
		missing := "arn:aws:states:us-east-1:111111111111:stateMachine:none"
		out, err := a.b.ListExecutions(a.b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &missing})
		a.put("exception", "ListExecutions", out, err)
		a.rename("exception", missing, "ssm_nonexistent_arn")
	},
	"test_describe_sm_arn_containing_punctuation": func(a *answers, r asltest.Answers) {
		a.describe("describe_resp", a.create("creation_resp", "state.machine_1", r.Definition))
	},
	"test_create_update_state_machine_base_definition": func(a *answers, r asltest.Answers) {
		m := a.create("creation_resp_t0", "m", r.Definition)
		a.describe("describe_resp_t0", m)
		for i, name := range []string{"update_state_machine_res", "update_state_machine_res_t2"} {
			def := strings.Replace(r.Definition, "argument1", fmt.Sprintf("AfterUpdate%d", i+1), 1)
			a.update(name, m, &def, nil)
			a.describe(fmt.Sprintf("describe_resp_t%d", i+1), m)
		}
	},
	"test_create_update_state_machine_base_definition_and_role": func(a *answers, r asltest.Answers) {
		m := a.create("creation_resp_t0", "m", r.Definition)
		a.describe("describe_resp_t0", m)
		for i := 1; i <= 2; i++ {
			def, other := strings.Replace(r.Definition, "argument1", fmt.Sprintf("AfterUpdate%d", i), 1), fmt.Sprintf("%s%d", role, i)
			a.update(fmt.Sprintf("update_state_machine_res_t%d", i), m, &def, &other)
			a.describe(fmt.Sprintf("describe_resp_t%d", i), m)
		}
	},
	"test_create_update_state_machine_base_update_none": func(a *answers, r asltest.Answers) {
		m := a.create("creation_resp_t0", "m", r.Definition)
		a.describe("describe_resp_t0", m)
		a.update("missing_required_parameter", m, nil, nil)
		a.got["null_required_parameter"] = r.Expected["null_required_parameter"] // what boto3 itself says
	},
	"test_tag_state_machine": func(a *answers, r asltest.Answers) {
		m := a.create("creation_resp_1", "m", r.Definition)
		a.tag(m, map[string][]types.Tag{"tag_list1": {tagOf("1")}, "tag_list4": {tagOf("1"), tagOf("2")}}[parameter(r)]...)
		a.tags(m)
	},
	"test_untag_state_machine": func(a *answers, r asltest.Answers) {
		m := a.create("creation_resp_1", "m", r.Definition)
		a.tag(m, tagOf("1"))
		keys := map[string][]string{"tag_keys0": {}, "tag_keys1": {"key1"}, "tag_keys2": {"key1", "key1"},
			"tag_keys3": {"key1", "key2"}}[parameter(r)]
		out, err := a.b.UntagResource(a.b.ctx, &sfn.UntagResourceInput{ResourceArn: &m, TagKeys: keys})
		a.put("untag_resource_resp", "UntagResource", out, err)
		a.tags(m)
	},
	"test_create_state_machine": func(a *answers, r asltest.Answers) {
		a.tags(a.create("creation_resp_1", "m", r.Definition, tagOf("1"), tagOf("2")))
	},
	"test_wait_timestamp_invalid": func(a *answers, r asltest.Answers) { a.create("exception", "m", r.Definition) },
}

// parameter is what stands in the brackets of a test's name.
func parameter(a asltest.Answers) string {
	_, p, _ := strings.Cut(strings.TrimSuffix(a.Test, "]"), "[")
	return p
}

// rename puts the recording's word into an error of ours.
func (a *answers) rename(name, ours, theirs string) {
	text := strings.ReplaceAll(wireAny(a.got[name]), ours, theirs)
	var forms []any
	if err := json.Unmarshal([]byte(text), &forms); err != nil {
		a.b.t.Fatal(err)
	}
	a.got[name] = forms
}

package cloudformation

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/api"
)

// twoTopics is a stack of two topics with what they show, and a third one.
func twoTopics(show, third string) string {
	return "Resources:\n  A: {Type: 'AWS::SNS::Topic', Properties: {TopicName: a, DisplayName: " + show + "}}\n" +
		"  B: {Type: 'AWS::SNS::Topic', DependsOn: [A" + third + "], Properties: {TopicName: b, DisplayName: " + show + "}}\n"
}

const newTopic = "  New: {Type: 'AWS::SNS::Topic', Properties: {TopicName: new}}\n"

// stuck is a stack whose update has failed at B, and whose rollback has failed at B too.
func stuck(t *testing.T, dir string, w *world) (*desk, func()) {
	d, stop := open(t, dir, w, nil)
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": twoTopics("old", "")})
	d.want("s", "CREATE_COMPLETE")
	w.refuse["SetTopicAttributes b"] = "no"
	d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": twoTopics("now", ", New") + newTopic})
	d.want("s", "UPDATE_ROLLBACK_FAILED")
	return d, stop
}

// shows is what a topic was last set to show.
func (w *world) shows(topic string) string {
	return fmt.Sprint(w.thing("topic/" + topic)["AttributeValue"])
}

// TestStuckRollbackGoesOn: only what the rollback has failed to bring back is skipped, the rest is brought back, and what the update has
// made goes at the end, also after a restart.
func TestStuckRollbackGoesOn(t *testing.T) {
	for _, skip := range []bool{false, true} {
		dir, w := t.TempDir(), newWorld()
		d, stop := stuck(t, dir, w)
		if w.thing("topic/new") == nil {
			t.Error("what the update made is gone before the rollback is through")
		}
		for _, c := range []struct {
			op   string
			in   map[string]any
			want string
		}{
			{"UpdateStack", map[string]any{"TemplateBody": twoTopics("x", "")}, "is in UPDATE_ROLLBACK_FAILED state and can not be updated."},
			{"ContinueUpdateRollback", map[string]any{"ResourcesToSkip": []any{"B", "A", "None"}}, "can be skipped, and not [A, None]"},
			{"ContinueUpdateRollback", map[string]any{"StackName": "none"}, "Stack with id none does not exist"},
		} {
			if c.in["StackName"] == nil {
				c.in["StackName"] = "s"
			}
			if _, err := d.try(c.op, c.in); api.Code(err) != "ValidationError" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s %v: %v", c.op, c.in, err)
			}
		}
		d.do("ContinueUpdateRollback", map[string]any{"StackName": "s"}) // B refuses again
		d.want("s", "UPDATE_ROLLBACK_FAILED")
		stop()
		d, _ = open(t, dir, w, nil)
		in := map[string]any{"StackName": "s", "ClientRequestToken": "one", "RoleARN": "arn:aws:iam::000000000000:role/r"}
		want := "old"
		if skip {
			in["ResourcesToSkip"], want = []any{"B"}, "<nil>" // it was never set
		} else {
			delete(w.refuse, "SetTopicAttributes b")
		}
		d.do("ContinueUpdateRollback", in)
		d.want("s", "UPDATE_ROLLBACK_COMPLETE")
		d.do("ContinueUpdateRollback", in) // its token is answered again
		d.want("s", "UPDATE_ROLLBACK_COMPLETE")
		if w.thing("topic/new") != nil || w.shows("a") != "old" || w.shows("b") != want {
			t.Errorf("skip %v: there are %v, A shows %s, B %s", skip, w.names("topic"), w.shows("a"), w.shows("b"))
		}
		lines := strings.Join(d.history("s"), "\n")
		if n := strings.Count(lines, "s UPDATE_ROLLBACK_IN_PROGRESS"); n != 3 || !strings.Contains(lines, "B UPDATE_COMPLETE") ||
			!strings.HasSuffix(lines, "s UPDATE_ROLLBACK_COMPLETE") {
			t.Errorf("skip %v: %d in\n%s", skip, n, lines)
		}
		delete(w.refuse, "SetTopicAttributes b")
		d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": twoTopics("last", "")})
		d.want("s", "UPDATE_COMPLETE")
		if w.shows("a") != "last" || w.shows("b") != "last" {
			t.Errorf("skip %v: after the next update A shows %s, B %s", skip, w.shows("a"), w.shows("b"))
		}
		if _, err := d.try("ContinueUpdateRollback", map[string]any{"StackName": "s"}); err == nil ||
			!strings.Contains(err.Error(), "is in UPDATE_COMPLETE state and can not be rolled back.") {
			t.Errorf("of a stack that is well: %v", err)
		}
	}
}

// TestStuckRollbackIsDeleted: everything goes, what the failed update has made too.
func TestStuckRollbackIsDeleted(t *testing.T) {
	w := newWorld()
	d, _ := stuck(t, t.TempDir(), w)
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "none")
	if left := w.names("topic"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestNothingPreviousOfANewStack has the words of AWS for what a new stack cannot have.
func TestNothingPreviousOfANewStack(t *testing.T) {
	d, _ := open(t, t.TempDir(), newWorld(), nil)
	body := "Parameters: {P: {Type: String, Default: x}}\nResources: {T: {Type: 'AWS::SNS::Topic'}}"
	create := func(more map[string]any) map[string]any {
		in := map[string]any{"StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": body}
		for k, v := range more {
			in[k] = v
		}
		return in
	}
	for _, c := range []struct {
		op   string
		in   map[string]any
		want string
	}{
		{"CreateStack", map[string]any{"StackName": "s", "TemplateBody": body, "Parameters": []any{previous("P")}}, "Invalid input for " +
			"parameter key P. Cannot specify usePreviousValue as true for a parameter key not in the previous template"},
		{"CreateStack", map[string]any{"StackName": "s", "TemplateBody": body, "Parameters": []any{previous("P", "v")}}, "Invalid input for " +
			"parameter key P. Cannot specify usePreviousValue as true and non empty value for a parameter"},
		{"CreateChangeSet", create(map[string]any{"Parameters": []any{previous("P")}}),
			"Cannot specify UsePreviousValue on Parameters when ChangeSetType is CREATE"},
		{"CreateChangeSet", create(map[string]any{"UsePreviousTemplate": true}),
			"Cannot specify usePreviousTemplate as true for a changeSetType CREATE"},
	} {
		if _, err := d.try(c.op, c.in); api.Code(err) != "ValidationError" || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.op, err)
		}
	}
	d.want("s", "none")
}

// TestStuckRollbackGoesOnAfterACrash cuts the work of ContinueUpdateRollback; the next start ends it.
func TestStuckRollbackGoesOnAfterACrash(t *testing.T) {
	for _, point := range []string{"stack-update-rollback", "resource-deleting"} {
		dir, w := t.TempDir(), newWorld()
		_, stop := stuck(t, dir, w)
		stop()
		delete(w.refuse, "SetTopicAttributes b")
		crash(t, dir, w, point, 1, "ContinueUpdateRollback", map[string]any{"StackName": "s"})
		d, _ := open(t, dir, w, nil)
		waitFor(t, d, "s", "UPDATE_ROLLBACK_COMPLETE")
		if w.thing("topic/new") != nil || w.shows("a") != "old" || w.shows("b") != "old" {
			t.Errorf("%s: there are %v, A shows %s, B %s", point, w.names("topic"), w.shows("a"), w.shows("b"))
		}
	}
}

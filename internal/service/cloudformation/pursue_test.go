package cloudformation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/module/moduletest"
)

const deniedStack = `Resources:
  Kept: {Type: 'AWS::SNS::Topic', Properties: {TopicName: kept}}
  B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: b}}
  P: {Type: 'AWS::S3::BucketPolicy', Properties: {Bucket: !Ref B, PolicyDocument: {Statement: []}}}`

// TestPolicyThatDeniesTheLook deletes a bucket, and takes one out of a stack, whose policy does not let its objects be listed.
func TestPolicyThatDeniesTheLook(t *testing.T) {
	for _, update := range []bool{false, true} {
		w := newWorld()
		d, _ := open(t, t.TempDir(), w, nil)
		d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": deniedStack})
		d.want("s", "CREATE_COMPLETE")
		w.mu.Lock()
		w.refuse["ListObjectVersions b"] = "denied"
		w.mu.Unlock()
		if d.patience = 10 * time.Second; update {
			small, _, _ := strings.Cut(deniedStack, "\n  B:")
			d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": small})
			d.want("s", "UPDATE_COMPLETE")
		} else {
			d.do("DeleteStack", map[string]any{"StackName": "s"})
			d.want("s", "none")
		}
		if len(w.names("bucket")) > 0 || len(w.names("policy")) > 0 || w.happened("s3.ListObjectVersions b") == 0 {
			t.Errorf("left: %v; called %v", w.things, w.calls)
		}
		if slices.Index(w.calls, "s3.DeleteBucketPolicy b") > slices.Index(w.calls, "s3.DeleteBucket b") {
			t.Errorf("called %v", w.calls)
		}
	}
}

// spoil makes a stack's rows unreadable, or readable again, and gives it something to do.
func (d *desk) spoil(t *testing.T, doc string, op *operation, status string) {
	t.Helper()
	err := d.meta.Update(t.Context(), func(tx *meta.Tx) error {
		st, err := d.stackTx(tx, "s")
		if err != nil {
			return err
		}
		if doc != "" {
			if _, err := tx.Exec(`UPDATE cfn_resources SET doc = ? WHERE stack = ?`, doc, st.ID); err != nil {
				return err
			}
		}
		if op == nil {
			return nil
		}
		op.ID, op.Caller = "op", api.Principal{}
		st.Op = op
		tx.Notify(d.topic())
		return d.note(tx, &st, status, "")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWorkThatFailsEnds: each phase whose work fails for no resource's reason is tried for a while, and ends in a status with a reason.
func TestWorkThatFailsEnds(t *testing.T) {
	const bad, unreadable = "{", "stored document: unexpected end of JSON input"
	for _, c := range []struct {
		doc    string
		op     operation
		status string // while it is worked on
		want   string
		reason string
	}{
		{bad, operation{Kind: "delete", Phase: "forward"}, "DELETE_IN_PROGRESS", "DELETE_FAILED", unreadable},
		{bad, operation{Kind: "create", Phase: "forward"}, "CREATE_IN_PROGRESS", "ROLLBACK_FAILED", unreadable},
		{bad, operation{Kind: "create", Phase: "forward", OnFail: "DO_NOTHING"}, "CREATE_IN_PROGRESS", "CREATE_FAILED", unreadable},
		{bad, operation{Kind: "create", Phase: "rollback", OnFail: "DELETE"}, "DELETE_IN_PROGRESS", "DELETE_FAILED", unreadable},
		{bad, operation{Kind: "update", Phase: "forward"}, "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", unreadable},
		{"", operation{Kind: "update", Phase: "cleanup", Target: content{Template: "{"}}, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
			"UPDATE_COMPLETE", leftOver + " Resource handler returned message: \"Template format error"},
	} {
		w := newWorld()
		d, clk, stop := slowly(t, t.TempDir(), w, moduletest.Start())
		d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": deniedStack})
		advance(t, d, clk, time.Second/100, "CREATE_COMPLETE")
		begun := clk.Now()
		d.spoil(t, c.doc, &c.op, c.status)
		advance(t, d, clk, time.Second, c.want)
		if _, why := d.status("s"); !strings.HasPrefix(why, c.reason) {
			t.Errorf("%s: %s", c.want, why)
		}
		lines := d.history("s")
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, "s "+c.want+" "+c.reason) || clk.Now().Sub(begun) < 30*time.Second {
			t.Errorf("%s after %v", last, clk.Now().Sub(begun))
		}
		stop()
	}
}

// TestWorkThatFailsIsTriedAgain lets what was in the way go, and nobody asks for anything more.
func TestWorkThatFailsIsTriedAgain(t *testing.T) {
	w := newWorld()
	d, clk, _ := slowly(t, t.TempDir(), w, moduletest.Start())
	const body = "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: t}}}"
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body})
	advance(t, d, clk, time.Second/100, "CREATE_COMPLETE")
	st, err := d.stack(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := d.rows(t.Context(), st.ID)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := marshal(rows["T"])
	if err != nil {
		t.Fatal(err)
	}
	d.spoil(t, "{", nil, "")
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	for range 20 {
		clk.Advance(time.Second / 10)
		time.Sleep(time.Millisecond)
	}
	d.want("s", "DELETE_IN_PROGRESS")
	d.spoil(t, doc, nil, "")
	advance(t, d, clk, time.Second, "none")
	if w.count() > 0 {
		t.Errorf("left: %v", w.things)
	}
}

// TestCleanupKeepsWhatItDidNotBegin: a resource that stays because another one could not be deleted is still the stack's.
func TestCleanupKeepsWhatItDidNotBegin(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": deniedStack})
	d.want("s", "CREATE_COMPLETE")
	refuse := func(why string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.refuse["DeleteBucketPolicy b"] = why
	}
	refuse("no")
	small, _, _ := strings.Cut(deniedStack, "\n  B:")
	d.do("UpdateStack", map[string]any{"StackName": "s", "TemplateBody": small})
	d.want("s", "UPDATE_COMPLETE")
	if _, why := d.status("s"); why != leftOver {
		t.Errorf("reason %q", why)
	}
	refuse("")
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "none")
	if w.count() > 0 {
		t.Errorf("left: %v", w.things)
	}
}

// TestWorkThatComesAtTheEnd: what a stack gets to do while its earlier work is ending is begun when that has ended.
func TestWorkThatComesAtTheEnd(t *testing.T) {
	w := newWorld()
	d, _ := open(t, t.TempDir(), w, nil)
	const body = "Resources: {T: {Type: 'AWS::SNS::Topic'}}"
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": body})
	d.want("s", "CREATE_COMPLETE")
	st, err := d.stack(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	slow := make(chan struct{})
	w.mu.Lock()
	w.slow = slow
	w.mu.Unlock()
	d.patience = 20 * time.Millisecond
	d.do("CreateStack", map[string]any{"StackName": "other", "TemplateBody": body})
	d.mu.Lock()
	d.work[st.ID] = make(chan struct{})
	d.mu.Unlock()
	d.do("DeleteStack", map[string]any{"StackName": "s"})
	d.want("s", "DELETE_IN_PROGRESS")
	d.mu.Lock()
	delete(d.work, st.ID)
	d.mu.Unlock()
	close(slow)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if status, _ := d.status("s"); status == "none" {
			return
		}
	}
	d.want("s", "none")
}

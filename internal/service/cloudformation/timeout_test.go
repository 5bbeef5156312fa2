package cloudformation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
	"penstock/internal/module/moduletest"
)

// slowly is a desk on a clock that stands still, over a world in which a workgroup is never available.
func slowly(t *testing.T, dir string, w *world, at time.Time) (*desk, *clock.Manual, func()) {
	c := clock.NewManual(at)
	m := metatest.Open(t, dir, c, Schema)
	e := moduletest.On(m, c)
	e.Invoker = w
	d, stop := openWith(t, e)
	d.patience = 0
	return d, c, stop
}

const slowStack = `Resources:
  T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: t}}
  W: {Type: 'AWS::RedshiftServerless::Workgroup', Properties: {WorkgroupName: w}}
  Later: {Type: 'AWS::SNS::Topic', DependsOn: W, Properties: {TopicName: later}}`

// advance moves the clock in steps until the stack has a status: what waits asks for the time again and again.
func advance(t *testing.T, d *desk, c *clock.Manual, step time.Duration, status string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if got, _ := d.status("s"); got == status {
			return
		}
		c.Advance(step)
	}
	d.want("s", status)
}

// TestCreationTakesTooLong lets the time of a creation pass while a resource is not ready, and between two starts.
func TestCreationTakesTooLong(t *testing.T) {
	in := map[string]any{"StackName": "s", "TemplateBody": slowStack, "TimeoutInMinutes": 3}
	const over = "s ROLLBACK_IN_PROGRESS Stack creation time exceeded the specified timeout. Rollback requested by user."
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart=", restart), func(t *testing.T) {
			dir, w := t.TempDir(), newWorld()
			w.unready = true
			d, c, stop := slowly(t, dir, w, moduletest.Start())
			d.do("CreateStack", in)
			for end := time.Now().Add(time.Minute); w.happened("redshift-serverless.GetWorkgroup") < 3 &&
				time.Now().Before(end); time.Sleep(time.Millisecond) {
				c.Advance(time.Second / 100)
			}
			if got, _ := d.status("s"); got != "CREATE_IN_PROGRESS" {
				t.Fatalf("before its time is over: %s", got)
			}
			if restart {
				stop()
				d, c, _ = slowly(t, dir, w, moduletest.Start().Add(3*time.Minute))
			}
			advance(t, d, c, time.Second, "ROLLBACK_COMPLETE")
			lines := strings.Join(d.history("s"), "\n")
			if took := c.Now().Sub(moduletest.Start()); took < 3*time.Minute {
				t.Errorf("failed after %v", took)
			}
			if !strings.Contains(lines, over) || !strings.Contains(lines, "W CREATE_FAILED Resource creation cancelled") || strings.Contains(lines,
				"Later") {
				t.Errorf("events\n%s", lines)
			}
			if w.count() != 0 {
				t.Errorf("left: %v", w.things)
			}
			st := d.do("DescribeStacks", map[string]any{"StackName": "s"})["Stacks"].([]any)[0].(map[string]any)
			if fmt.Sprint(st["TimeoutInMinutes"]) != "3" {
				t.Errorf("stack %v", st)
			}
			if d.do("GetTemplate", map[string]any{"StackName": "s"})["TemplateBody"] != slowStack {
				t.Error("the template of a creation that has failed is lost")
			}
		})
	}
}

func TestCreationThatIsInTime(t *testing.T) {
	w := newWorld()
	w.unready = true
	d, c, _ := slowly(t, t.TempDir(), w, moduletest.Start())
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": slowStack, "TimeoutInMinutes": 3})
	for end := time.Now().Add(time.Minute); w.happened("redshift-serverless.GetWorkgroup") < 3 &&
		time.Now().Before(end); time.Sleep(time.Millisecond) {
		c.Advance(time.Second / 100)
	}
	w.mu.Lock()
	w.unready = false
	w.mu.Unlock()
	advance(t, d, c, time.Second/10, "CREATE_COMPLETE")
	c.Advance(time.Hour)
	d.want("s", "CREATE_COMPLETE")
	d.do("UpdateStack", map[string]any{"StackName": "s", "UsePreviousTemplate": true, "Tags": []any{map[string]any{"Key": "k", "Value": "v"}}})
	advance(t, d, c, time.Second/10, "UPDATE_COMPLETE") // an update has no such limit
}

func TestTooLateWithOtherEnds(t *testing.T) {
	for onFailure, want := range map[string]string{"DO_NOTHING": "CREATE_FAILED", "DELETE": "none"} {
		w := newWorld()
		w.unready = true
		d, c, _ := slowly(t, t.TempDir(), w, moduletest.Start())
		id := d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": slowStack, "TimeoutInMinutes": 1,
			"OnFailure": onFailure})["StackId"].(string)
		advance(t, d, c, time.Second, want)
		lines := strings.Join(d.history(id), "\n")
		text := map[string]string{"DO_NOTHING": "s CREATE_FAILED Stack creation time exceeded the specified timeout.",
			"DELETE": "s DELETE_IN_PROGRESS Stack creation time exceeded the specified timeout. Delete requested by user."}[onFailure]
		if !strings.Contains(lines, text) {
			t.Errorf("%s: events\n%s", onFailure, lines)
		}
	}
}

// TestWhatACutCreationHasMadeIsRemoved ends the process when a subscription, which has no name of its own, was made and not recorded, and
// lets the time of the creation pass before the next start.
func TestWhatACutCreationHasMadeIsRemoved(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	in := map[string]any{"StackName": "s", "TimeoutInMinutes": 3, "TemplateBody": `Resources:
  T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: t}}
  S: {Type: 'AWS::SNS::Subscription', Properties: {TopicArn: !Ref T, Protocol: https, Endpoint: 'https://e'}}
  Later: {Type: 'AWS::SNS::Topic', DependsOn: S, Properties: {TopicName: later}}`}
	crash(t, dir, w, "resource-created", 2, "CreateStack", in)
	if w.count() != 2 {
		t.Fatalf("made before the end: %v", w.things)
	}
	d, c, _ := slowly(t, dir, w, time.Now().Add(time.Hour))
	advance(t, d, c, time.Second, "ROLLBACK_COMPLETE")
	if w.count() != 0 || w.happened("sns.Unsubscribe") != 1 || w.happened("sns.CreateTopic later") != 0 {
		t.Errorf("left: %v\n%s", w.things, strings.Join(w.calls, "\n"))
	}
}

// TestTheLongestTimeIsNoShortOne: nanoseconds would overflow.
func TestTheLongestTimeIsNoShortOne(t *testing.T) {
	d, c, stop := slowly(t, t.TempDir(), newWorld(), moduletest.Start())
	defer stop()
	d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": slowStack, "TimeoutInMinutes": 2147483647})
	advance(t, d, c, time.Second, "CREATE_COMPLETE")
}

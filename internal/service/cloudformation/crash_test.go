package cloudformation

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
)

func TestIndependentResourcesAreMadeAtTheSameTime(t *testing.T) {
	w := newWorld()
	w.slow = make(chan struct{})
	d, _ := open(t, t.TempDir(), w, nil)
	done := make(chan struct{})
	go func() {
		d.do("CreateStack", map[string]any{"StackName": "s", "TemplateBody": readFile(t, "all.yaml"), "Capabilities": iam})
		close(done)
	}()
	deadline := time.After(2 * time.Minute)
	for waiting := 0; waiting < 5; {
		w.mu.Lock()
		waiting = w.busy
		w.mu.Unlock()
		select {
		case <-deadline:
			t.Fatalf("%d creations at once, want 5", waiting)
		case <-time.After(time.Millisecond):
		}
	}
	w.mu.Lock()
	close(w.slow)
	w.slow = nil
	w.mu.Unlock()
	<-done
	d.want("s", "CREATE_COMPLETE")
}

// dying is a kill point that ends everything the service does: its context, and with it every call and transaction.
type dying struct {
	mu   sync.Mutex
	stop context.CancelFunc
	seen map[string]int
	at   string
	nth  int
	hit  chan struct{}
}

func (k *dying) hook(point string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen[point]++; point == k.at && k.seen[point] == k.nth {
		k.stop()
		close(k.hit)
	}
}

// TestGoesOnAfterACrash cuts the work at each point, the first and a later time that it is passed, and starts a new service on the same
// metadata; the end must be that of an uncut run, and nothing may be made twice.
func TestGoesOnAfterACrash(t *testing.T) {
	body := readFile(t, "all.yaml")
	changed := strings.Replace(strings.Replace(body, "RetentionInDays: 7", "RetentionInDays: 14", 1), "--a\": 1", "--a\": 2", 1)
	changed = strings.Replace(changed, "  Crawler:\n", "  Crawler2:\n", 1)
	changed = strings.Replace(changed, "      Name: c\n", "      Name: c2\n", 1)
	create := map[string]any{"StackName": "s", "TemplateBody": body, "Capabilities": iam}
	update := map[string]any{"StackName": "s", "TemplateBody": changed, "Capabilities": iam}
	points := map[string]int{}
	for _, c := range []struct {
		point, op string
		nth       int
		fails     bool
		end       string
	}{
		{"stack-create-forward", "CreateStack", 1, false, "CREATE_COMPLETE"},
		{"resource-started", "CreateStack", 1, false, "CREATE_COMPLETE"},
		{"resource-started", "CreateStack", 9, false, "CREATE_COMPLETE"},
		{"resource-created", "CreateStack", 1, false, "CREATE_COMPLETE"},
		{"resource-created", "CreateStack", 12, false, "CREATE_COMPLETE"},
		{"stack-create-rollback", "CreateStack", 1, true, "ROLLBACK_COMPLETE"},
		{"resource-deleting", "CreateStack", 3, true, "ROLLBACK_COMPLETE"},
		{"stack-update-forward", "UpdateStack", 1, false, "UPDATE_COMPLETE"},
		{"resource-updating", "UpdateStack", 1, false, "UPDATE_COMPLETE"},
		{"resource-updating", "UpdateStack", 2, false, "UPDATE_COMPLETE"},
		{"stack-update-cleanup", "UpdateStack", 1, false, "UPDATE_COMPLETE"},
		{"resource-deleting", "UpdateStack", 1, false, "UPDATE_COMPLETE"},
		{"stack-update-rollback", "UpdateStack", 1, true, "UPDATE_ROLLBACK_COMPLETE"},
		{"stack-delete-forward", "DeleteStack", 1, false, "none"},
		{"resource-deleting", "DeleteStack", 8, false, "none"},
	} {
		points[c.point]++
		t.Run(fmt.Sprintf("%s-%s-%d", c.op, c.point, c.nth), func(t *testing.T) {
			dir, w := t.TempDir(), newWorld()
			if c.op != "CreateStack" {
				d, stop := open(t, dir, w, nil)
				d.do("CreateStack", create)
				d.want("s", "CREATE_COMPLETE")
				stop()
			}
			if c.fails {
				w.refuse["CreateWorkgroup wg"] = "no room"
				w.refuse["CreateCrawler c2"] = "no room"
			}
			in := create
			if c.op == "UpdateStack" {
				in = update
			} else if c.op == "DeleteStack" {
				in = map[string]any{"StackName": "s"}
			}
			crash(t, dir, w, c.point, c.nth, c.op, in)
			d, _ := open(t, dir, w, nil)
			waitFor(t, d, "s", c.end)
			left := map[string]int{"CREATE_COMPLETE": 16, "ROLLBACK_COMPLETE": 1, "UPDATE_COMPLETE": 16, "UPDATE_ROLLBACK_COMPLETE": 16,
				"none": 1}[c.end]
			if w.count() != left {
				t.Errorf("%d things are left, want %d: %v", w.count(), left, w.things)
			}
			if c.end == "UPDATE_COMPLETE" && (fmt.Sprint(w.thing("group//x")["RetentionInDays"]) != "14" || w.thing("crawler/c") != nil) {
				t.Errorf("the change is not made: %v", w.things)
			}
			for _, r := range d.do("DescribeStackResources", map[string]any{"StackName": stackID(d)})["StackResources"].([]any) {
				if s := r.(map[string]any)["ResourceStatus"].(string); strings.HasSuffix(s, "_IN_PROGRESS") || strings.HasSuffix(s,
					"_FAILED") && !c.fails {
					t.Errorf("left as %s: %v", s, r)
				}
			}
		})
	}
	for _, p := range []string{"stack-create-forward", "stack-create-rollback", "stack-update-forward", "stack-update-cleanup",
		"stack-update-rollback", "stack-delete-forward",
		"resource-started", "resource-created", "resource-updating", "resource-deleting"} {
		if points[p] == 0 {
			t.Errorf("no case dies at %s", p)
		}
	}
}

func stackID(d *desk) string {
	for _, s := range d.do("ListStacks", map[string]any{})["StackSummaries"].([]any) {
		return s.(map[string]any)["StackId"].(string)
	}
	return ""
}

func crash(t *testing.T, dir string, w *world, point string, nth int, op string, in map[string]any) {
	t.Helper()
	k := &dying{seen: map[string]int{}, at: point, nth: nth, hit: make(chan struct{})}
	m := metatest.Open(t, dir, clock.Real{}, Schema)
	s := New(env(m, w, k.hook))
	s.patience = time.Millisecond // its answer will not come
	ctx, cancel := context.WithCancel(context.Background())
	k.stop = cancel
	done := make(chan struct{})
	go func() {
		s.Run(ctx)
		close(done)
	}()
	d := deskOf(t, s, m)
	d.do(op, in)
	select {
	case <-k.hit:
	case <-time.After(2 * time.Minute):
		t.Fatalf("%s was not passed %d times: %v", point, nth, k.seen)
	}
	<-done
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

func waitFor(t *testing.T, d *desk, name, status string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if got, _ := d.status(name); got == status {
			return
		}
	}
	d.want(name, status)
}

package states

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

// TestRegionsHaveMachinesOfTheirOwn: a machine and an execution of one name in two regions over one store, each seen and gone on with by
// its own region only, also after a restart with executions under way.
func TestRegionsHaveMachinesOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	slow := `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}`
	c := clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	both := func() (store *meta.Store, one, two *bench) {
		store = metatest.Open(t, dir, c, tag.Schema, Schema)
		one, two = newBench(t, store, c, newFake(nil)), newBench(t, store, c, newFake(nil))
		two.Region = "eu-west-1"
		return store, one, two
	}
	store, one, two := both()
	m1, m2 := one.create("m", passOnly), two.create("m", slow)
	stop1, stop2 := one.start(), two.start()
	x1, x2 := one.execute(m1, "x", ""), two.execute(m2, "x", "")
	if m1 == m2 || x1 == x2 || one.finish(x1).Status != types.ExecutionStatusSucceeded {
		t.Errorf("%s %s", x1, x2)
	}
	for _, b := range []*bench{one, two} {
		out, err := b.ListStateMachines(b.ctx, &sfn.ListStateMachinesInput{})
		if err != nil || len(out.StateMachines) != 1 || *out.StateMachines[0].StateMachineArn != b.machineARN("m") {
			t.Errorf("%s lists %+v, %v", b.Region, out, err)
		}
	}
	for name, err := range one.elsewhere(m2, x2) {
		if api.Code(err) != "InvalidArn" {
			t.Errorf("%s of another region: %v", name, err)
		}
	}
	stop1()
	stop2()
	store.Close()

	_, one, two = both()
	one.start()
	if err := one.resume(t.Context()); err != nil || one.running() != 0 {
		t.Errorf("us-east-1 goes on with %d executions of others, %v", one.running(), err)
	}
	two.start()
	c.Advance(2 * time.Minute)
	for out := two.describe(x2); out.Status == types.ExecutionStatusRunning; out = two.describe(x2) {
		c.Advance(time.Minute) // the loop may have begun to wait since
		time.Sleep(time.Millisecond)
	}
	if n := len(two.history(x2)); n != 4 { // started, entered, exited, succeeded: once each
		t.Errorf("%d events", n)
	}
}

func (b *bench) describe(execution string) *sfn.DescribeExecutionOutput {
	out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// elsewhere calls operations with ARNs of another region.
func (b *bench) elsewhere(machine, execution string) map[string]error {
	out := map[string]error{}
	for name, call := range map[string]func(context.Context) error{
		"StartExecution": func(ctx context.Context) error {
			_, err := b.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine})
			return err
		},
		"DescribeExecution": func(ctx context.Context) error {
			_, err := b.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
			return err
		},
		"DeleteStateMachine": func(ctx context.Context) error {
			_, err := b.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &machine})
			return err
		},
		"TagResource": func(ctx context.Context) error {
			_, err := b.TagResource(ctx, &sfn.TagResourceInput{ResourceArn: &machine, Tags: []types.Tag{{Key: aws.String("k")}}})
			return err
		},
	} {
		out[name] = call(b.ctx)
	}
	return out
}

// TestTagsOfMachines: what an earlier program kept itself, the rules of AWS, and the end with the machine.
func TestTagsOfMachines(t *testing.T) {
	dir := t.TempDir()
	store := metatest.Open(t, dir, clock.Real{}, tag.Schema, meta.Schema{Name: Schema.Name, Migrations: Schema.Migrations[:1]})
	machine := "arn:aws:states:us-east-1:000000000000:stateMachine:m"
	err := store.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO states_machine VALUES ('` + machine + `', 'm', 'r1', 5, 0, 0)`,
			`INSERT INTO states_revision VALUES ('r1', '` + machine + `', '` + passOnly + `', 'r', 5)`,
			`INSERT INTO states_tag VALUES ('` + machine + `', 'k', 'old')`,
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
	store.Close()
	b := newBench(t, metatest.Open(t, dir, clock.Real{}, tag.Schema, Schema), clock.Real{}, newFake(nil))
	b.start()
	add := func(key string) error {
		_, err := b.TagResource(b.ctx, &sfn.TagResourceInput{ResourceArn: &machine, Tags: []types.Tag{{Key: &key, Value: aws.String("v")}}})
		return err
	}
	if err := add("l"); err != nil {
		t.Error(err)
	}
	if err := add("aws:x"); api.Code(err) != "ValidationException" {
		t.Errorf("a reserved key: %v", err)
	}
	out, err := b.ListTagsForResource(b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: &machine})
	if err != nil || len(out.Tags) != 2 || *out.Tags[0].Value != "old" || *out.Tags[1].Key != "l" {
		t.Errorf("%+v %v", out, err)
	}
	if _, err := b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &machine}); err != nil {
		t.Error(err)
	}
	b.create("m", passOnly)
	if out, err = b.ListTagsForResource(b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: &machine}); err != nil || len(out.Tags) != 0 {
		t.Errorf("after its end: %+v %v", out, err)
	}
}

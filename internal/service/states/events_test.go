package states

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"penstock/internal/asl"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

// insertOld writes events as programs did that kept one in a row.
func insertOld(tx *meta.Tx, seq int64, events []*asl.Event) error {
	for _, e := range events {
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO states_event (execution, id, time, type, body) VALUES (?, ?, ?, ?, ?)`, seq, e.ID, e.Time,
			e.Type, string(body)); err != nil {
			return err
		}
	}
	return nil
}

// TestPagesOfPackedHistories reads histories that are stored in each way, from each place on, in both directions.
func TestPagesOfPackedHistories(t *testing.T) {
	store := metatest.OpenTemp(t, tag.Schema, Schema)
	var events []*asl.Event
	for i := range int64(9) {
		events = append(events, &asl.Event{ID: i + 1, Prev: i, Time: 1000 + i, Type: fmt.Sprint("T", i), Input: fmt.Sprintf(`{"<i>":%d}`, i)})
	}
	events[0].Input = "" // nothing but id, time and type
	for seq, layout := range []string{"1 1 1 1 1 1 1 1 1", "9", "3 3 3", "1 1 4 3", "o2 4 3", "o3 o3 o3", "o1 8"} {
		rest := events
		var want []string
		for _, e := range events {
			want = append(want, rows([]*asl.Event{e}))
		}
		err := store.Update(t.Context(), func(tx *meta.Tx) error {
			for _, part := range strings.Fields(layout) {
				n := int(part[len(part)-1] - '0')
				var packs []pack
				var err error
				if part[0] == 'o' {
					err = insertOld(tx, int64(seq), rest[:n])
				} else if packs, err = encode(rest[:n]); err == nil {
					err = insertEvents(tx, int64(seq), packs)
				}
				if err != nil {
					return err
				}
				rest = rest[n:]
			}
			return nil
		})
		if err != nil || len(rest) != 0 {
			t.Fatal(layout, err, len(rest))
		}
		for from := range int64(12) {
			for _, limit := range []int{1, 2, 5, 9, 20} {
				forward := slices.Clone(want[min(from, 9):])
				backward := slices.Clone(want[:max(0, min(from-1, 9))])
				slices.Reverse(backward)
				for reverse, all := range map[bool][]string{false: forward, true: backward} {
					var got []*asl.Event
					if err := store.View(t.Context(), func(tx *meta.Tx) (err error) {
						got, err = eventsTx(tx, int64(seq), from, limit, reverse)
						return err
					}); err != nil {
						t.Fatal(err)
					}
					if w := strings.Join(all[:min(limit, len(all))], ""); rows(got) != w {
						t.Errorf("%s from %d, %d, reverse %v:\n%s\nwant\n%s", layout, from, limit, reverse, rows(got), w)
					}
				}
			}
		}
	}
}

func TestLargeCommitsAreSeveralRows(t *testing.T) {
	var events []*asl.Event
	for i := range int64(450) {
		events = append(events, &asl.Event{ID: i + 1, Type: "T"})
	}
	events[10].Output = strings.Repeat("x", packBytes)
	packs, err := encode(events)
	var last []int64
	for _, p := range packs {
		last = append(last, p.last)
	}
	if err != nil || !slices.Equal(last, []int64{11, 211, 411, 450}) {
		t.Errorf("%v %v", last, err)
	}
}

// TestHistoriesOfAnEarlierProgram: an execution that has ended and one that runs, stored by a program that kept an event in a row.
func TestHistoriesOfAnEarlierProgram(t *testing.T) {
	first := quick(t, answerPipeline)
	ex := first.execute(first.create("m", pipeline), "run", "")
	whole := first.finish(ex)
	events := stored(t, first, ex)
	dir := t.TempDir()
	old := Schema
	old.Migrations = old.Migrations[:3]
	store, err := meta.Open(t.Context(), dir, []meta.Schema{tag.Schema, old}, meta.Options{Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, store, clock.Real{}, newFake(answerPipeline))
	m := b.create("m", pipeline)
	mach, err := b.machine(b.ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(b.ctx, func(tx *meta.Tx) error {
		for seq, status := range map[int64]string{5: "SUCCEEDED", 7: "RUNNING"} {
			if _, err := tx.Exec(`INSERT INTO states_execution (seq, arn, name, machine, revision, input, trace, status, started) VALUES `+
				`(?, ?, ?, ?, ?, '{}', '', ?, 1)`,
				seq, b.executionARN("m", status), status, m, mach.Revision, status); err != nil {
				return err
			}
			n := map[string]int{"SUCCEEDED": len(events), "RUNNING": 3}[status]
			if err := insertOld(tx, seq, events[:n]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	store.Close()
	b = newBench(t, metatest.Open(t, dir, clock.Real{}, tag.Schema, Schema), clock.Real{}, newFake(answerPipeline))
	b.start()
	if got := rows(stored(t, b, b.executionARN("m", "SUCCEEDED"))); got != rows(events) {
		t.Errorf("the history that was there:\n%s", got)
	}
	out := b.finish(b.executionARN("m", "RUNNING"))
	got := stored(t, b, *out.ExecutionArn)
	if aws.ToString(out.Output) != aws.ToString(whole.Output) || rows(got[:3]) != rows(events[:3]) || len(got) != len(events) {
		t.Errorf("the execution that ran: %s %s, %d events", out.Status, aws.ToString(out.Cause), len(got))
	}
}

// TestAnExecutionThatEndsAtOnce is stored in its final state, and the same name is refused.
func TestAnExecutionThatEndsAtOnce(t *testing.T) {
	b := quick(t, func(context.Context, string, string, map[string]any) (string, error) { return "{}", nil })
	m := b.create("m",
		`{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"a":1},"Next":"F"},"F":{"Type":"Fail","Error":"E","Cause":"C"}}}`)
	ex := b.execute(m, "e", `{}`)
	for range 2 { // from memory, and from the store
		out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &ex})
		if err != nil || out.Status != "FAILED" || aws.ToString(out.Error) != "E" || aws.ToString(out.Cause) != "C" || out.StopDate == nil {
			t.Errorf("%+v %v", out, err)
		}
		b.Service = newBench(t, b.store, clock.Real{}, b.fake).Service
	}
	in := &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("e"), Input: aws.String(`{}`)}
	if _, err := b.StartExecution(b.ctx, in); err == nil || !strings.Contains(err.Error(), "Execution Already Exists") {
		t.Errorf("again: %v", err)
	}
	if n := len(stored(t, b, ex)); n != 5 {
		t.Errorf("%d events", n)
	}
}

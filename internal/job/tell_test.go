package job_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/event"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/meta"
)

// told waits until n events have been told and gives their details, with the runs' names for their ids.
func (w *world) told(t *testing.T, n int, names map[string]string) string {
	t.Helper()
	changed, end := w.Meta.Watch(event.Topic(jobtest.Region))
	defer end()
	for {
		list, err := w.Events.After(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) >= n {
			var out strings.Builder
			for _, e := range list {
				out.WriteString(e.Source + " " + e.Type + " " + string(e.Detail) + "\n")
			}
			text := out.String()
			for id, name := range names {
				text = strings.ReplaceAll(text, id, name)
			}
			return text
		}
		select {
		case <-changed:
		case <-time.After(30 * time.Second):
			t.Fatalf("%d events, want %d", len(list), n)
		}
	}
}

// TestEndsAreTold: the end of every run is an event in the words of AWS, each once, and what is told to the trigger's side is the end and
// the next attempt.
func TestEndsAreTold(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{})
	w.define(t, job.Definition{MaxRetries: 1})
	ok, bad := w.begin(t, "do", "ok"), ""
	w.End(t, ok)
	bad = w.begin(t, "do", "fail")
	w.End(t, bad)
	w.End(t, bad+"_attempt_1")
	hung := w.begin(t, "do", "hang")
	w.Until(t, hung, job.Running)
	queue := true
	queued := must(w.Jobs.Start(t.Context(), job.Start{Job: "j", Queuing: &queue}))
	for _, id := range []string{queued, hung} {
		if err := w.Jobs.Stop(t.Context(), "j", id); err != nil {
			t.Fatal(err)
		}
		w.End(t, id)
	}
	err := w.Meta.Update(t.Context(), func(tx *meta.Tx) error {
		_, err := w.Jobs.RefuseTx(tx, job.Start{Job: "j"}, "no")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	line := func(severity, state, run, message string) string {
		return `aws.glue Glue Job State Change {"jobName":"j","severity":"` + severity + `","state":"` + state + `","jobRunId":"` + run +
			`","message":"` + message + `"}` + "\n"
	}
	want := line("INFO", "SUCCEEDED", "OK", "Job run succeeded") + line("ERROR", "FAILED", "BAD", "row 7 is wrong") +
		line("ERROR", "FAILED", "BAD_attempt_1", "row 7 is wrong") + line("INFO", "STOPPED", "QUEUED", "Job run stopped") +
		line("INFO", "STOPPED", "HUNG", "Job run stopped")
	if got := w.told(t, 5, map[string]string{ok: "OK", bad: "BAD", queued: "QUEUED", hung: "HUNG"}); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// TestDelaysAreTold: a run that takes longer than NotifyDelayAfter is told of once in each of its states; the run's own wins.
func TestDelaysAreTold(t *testing.T) {
	now := clock.NewManual(time.Date(2018, 4, 24, 20, 55, 47, 941e6, time.UTC))
	w := start(t, t.TempDir(), jobtest.Settings{Clock: now})
	w.define(t, job.Definition{Raw: json.RawMessage(`{"NotificationProperty":{"NotifyDelayAfter":600}}`)})
	id := must(w.Jobs.Start(t.Context(), job.Start{Job: "j", Arguments: map[string]string{"--do": "hang"},
		Raw: json.RawMessage(`{"NotificationProperty":{"NotifyDelayAfter":2}}`)}))
	w.Until(t, id, job.Running)
	now.Advance(time.Minute)
	now.Advance(time.Minute)
	w.told(t, 1, nil)
	if err := w.Jobs.Stop(t.Context(), "j", id); err != nil {
		t.Fatal(err)
	}
	w.End(t, id)
	line := func(state string) string {
		return `aws.glue Glue Job Run Status {"jobName":"j","severity":"INFO","notificationCondition":{"NotifyDelayAfter":2},"state":"` + state +
			`","jobRunId":"RUN","message":"Job is in ` + state + ` state","startedOn":"2018-04-24T20:55:47.941Z"}` + "\n"
	}
	want := line("RUNNING") + line("STOPPING") +
		`aws.glue Glue Job State Change {"jobName":"j","severity":"INFO","state":"STOPPED","jobRunId":"RUN","message":"Job run stopped"}` + "\n"
	if got := w.told(t, 3, map[string]string{id: "RUN"}); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	w.End(t, w.begin(t, "do", "ok"))
	now.Advance(601 * time.Minute)
	for left := 1; left > 0; { // the queue wakes, and finds the run over
		err := w.Meta.View(t.Context(), func(tx *meta.Tx) error { return tx.QueryRow(`SELECT count(*) FROM due_item`).Scan(&left) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := w.told(t, 4, nil); strings.Count(got, "Run Status") != 2 {
		t.Errorf("a run that is over: %s", got)
	}
}

package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/logstore"
	"penstock/internal/meta/tag"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

var t0 = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func fresh(t *testing.T) (api.Invoker, context.Context) {
	env := moduletest.Open(t, t.TempDir(), clock.NewManual(t0), tag.Schema, logstore.Schema)
	return moduletest.Table(t, env, New(env, logstore.Open(env.Meta, env.Region, env.Clock)).API())
}

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}, nil).API()) }

func TestHonours(t *testing.T) {
	apitest.Vary(t, "testdata/honours.test", New(module.Env{}, nil).API(), fresh)
}

func TestPutLogEventsLimits(t *testing.T) {
	inv, ctx := fresh(t)
	call := func(op, in string) (string, error) {
		out, err := inv.Invoke(ctx, "logs", op, json.RawMessage(in))
		if err != nil {
			return "", err
		}
		return string(out.(json.RawMessage)), nil
	}
	call("CreateLogGroup", `{"LogGroupName":"g"}`)
	call("CreateLogStream", `{"LogGroupName":"g","LogStreamName":"s"}`)
	put := func(events string) (string, error) {
		return call("PutLogEvents", `{"LogGroupName":"g","LogStreamName":"s","LogEvents":[`+events+`]}`)
	}
	event := func(at time.Time, m string) string {
		return fmt.Sprintf(`{"Timestamp":%d,"Message":%q}`, at.UnixMilli(), m)
	}
	for want, events := range map[string]string{
		"chronological order":                event(t0, "b") + "," + event(t0.Add(-time.Second), "a"),
		"cannot span more":                   event(t0.Add(-25*time.Hour), "a") + "," + event(t0, "b"),
		"Upload too large":                   event(t0, strings.Repeat("x", maxBatchBytes)),
		"length less than or equal to 10000": strings.TrimSuffix(strings.Repeat(event(t0, "x")+",", maxBatchEvents+1), ","),
		"length greater than or equal to 1":  event(t0, ""),
	} {
		if _, err := put(events); err == nil || !strings.Contains(err.Error(), want) || api.Code(err) != invalidParameter {
			t.Errorf("%s: %v", want, err)
		}
	}
	out, err := put(event(t0.Add(-15*24*time.Hour), "old"))
	if err != nil || !strings.Contains(out, `"TooOldLogEventEndIndex":1`) {
		t.Errorf("too old: %s %v", out, err)
	}
	out, err = put(event(t0, "now") + "," + event(t0.Add(3*time.Hour), "new"))
	if err != nil || !strings.Contains(out, `"TooNewLogEventStartIndex":1`) {
		t.Errorf("too new: %s %v", out, err)
	}
	out, err = call("FilterLogEvents", `{"LogGroupName":"g"}`)
	if err != nil || !strings.Contains(out, `"now"`) || strings.Contains(out, `"new"`) || strings.Contains(out, `"old"`) {
		t.Errorf("stored: %s %v", out, err)
	}
	for op, in := range map[string]string{
		"PutRetentionPolicy": `{"LogGroupName":"g","RetentionInDays":2}`,
		"CreateLogGroup":     `{"LogGroupName":"a b"}`,
		"CreateLogStream":    `{"LogGroupName":"g","LogStreamName":"a:b"}`,
		"FilterLogEvents":    `{"LogGroupName":"g","FilterPattern":"[a, b]"}`,
		"GetLogEvents":       `{"LogGroupName":"g","LogStreamName":"s","NextToken":"f/x/s"}`,
	} {
		if _, err := call(op, in); api.Code(err) != invalidParameter {
			t.Errorf("%s %s: %v", op, in, err)
		}
	}
}

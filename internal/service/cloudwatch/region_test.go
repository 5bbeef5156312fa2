package cloudwatch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
)

// asked is a service's answer, or "code: message".
func asked(t *testing.T, s *Service, op, in string) string {
	out, err := table(s).Invoke(apitest.Context(t), "monitoring", op, json.RawMessage(in))
	if err != nil {
		return api.Code(err) + ": " + err.Error()
	}
	return string(out.(json.RawMessage))
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

const someAlarm = `{"AlarmName":"a","Namespace":"N","MetricName":"M","Statistic":"Sum","Period":60,"EvaluationPeriods":1,"Threshold":1,` +
	`"ComparisonOperator":"GreaterThanThreshold","AlarmActions":["arn:aws:sns:us-east-1:000000000000:t"]`

// TestTagsAreOfARegionsAlarm: alarms of the same name have tags of their own, an ARN of another region is none of an alarm here, and a
// deleted alarm's tags are gone.
func TestTagsAreOfARegionsAlarm(t *testing.T) {
	east, c := open(t)
	env := east.Env
	env.Region = "eu-west-1"
	west := New(env, metric.Open(env.Meta, env.Region, c))
	const arn = `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:a"`
	asked(t, east, "PutMetricAlarm", someAlarm+`,"Tags":[{"Key":"at","Value":"east"}]}`)
	want(t, asked(t, west, "DescribeAlarms", `{}`), `"MetricAlarms":[]`)
	asked(t, west, "PutMetricAlarm", strings.ReplaceAll(someAlarm, "us-east-1", "eu-west-1")+`,"Tags":[{"Key":"at","Value":"west"}]}`)
	asked(t, east, "PutMetricAlarm", someAlarm+`,"Tags":[{"Key":"at","Value":"ignored"}]}`) // it exists
	want(t, asked(t, east, "ListTagsForResource", arn+`}`), `[{"Key":"at","Value":"east"}]`)
	want(t, asked(t, west, "ListTagsForResource", `{"ResourceARN":"arn:aws:cloudwatch:eu-west-1:000000000000:alarm:a"}`), `"west"`)
	for op, more := range map[string]string{"ListTagsForResource": ``, "TagResource": `,"Tags":[{"Key":"at","Value":"w"}]`,
		"UntagResource": `,"TagKeys":["at"]`} {
		want(t, asked(t, west, op, arn+more+`}`), "ResourceNotFoundException: Unknown resource: arn:aws:cloudwatch:us-east-1")
	}
	want(t, asked(t, west, "DeleteAlarms", `{"AlarmNames":["a"]}`), `{}`)
	want(t, asked(t, east, "ListTagsForResource", arn+`}`), `"east"`)
	asked(t, east, "DeleteAlarms", `{"AlarmNames":["a"]}`)
	asked(t, east, "PutMetricAlarm", someAlarm+`}`)
	want(t, asked(t, east, "ListTagsForResource", arn+`}`), `"Tags":[]`)
}

// TestActionsAreOfTheirRegion: what an alarm of one region asks for is carried out by that region's service, once.
func TestActionsAreOfTheirRegion(t *testing.T) {
	east, c := open(t)
	env := east.Env
	env.Region = "eu-west-1"
	west := New(env, metric.Open(env.Meta, env.Region, c))
	asked(t, east, "PutMetricAlarm", someAlarm+`}`)
	asked(t, west, "PutMetricAlarm", strings.ReplaceAll(someAlarm, "us-east-1", "eu-west-1")+`}`)
	asked(t, west, "SetAlarmState", `{"AlarmName":"a","StateValue":"ALARM","StateReason":"r"}`)
	f, g := &topics{sent: make(chan struct{}, 10)}, &topics{sent: make(chan struct{}, 10)}
	stopEast, stopWest := start(t, east, f), start(t, west, g)
	if err := east.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if err := west.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	stopEast()
	stopWest()
	if len(f.got) != 0 || len(g.got) != 1 || g.got[0]["Subject"] != `ALARM: "a" in Europe (Ireland)` {
		t.Errorf("published %v in us-east-1 and %v in eu-west-1", f.got, g.got)
	}
}

func TestTagRules(t *testing.T) {
	s, _ := open(t)
	asked(t, s, "PutMetricAlarm", someAlarm+`}`)
	add := func(tags string) string {
		return asked(t, s, "TagResource", `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:a","Tags":[`+tags+`]}`)
	}
	var many []string
	for i := range tag.Most {
		many = append(many, fmt.Sprintf(`{"Key":"k%d","Value":""}`, i))
	}
	want(t, add(strings.Join(many, ",")), "{}")
	want(t, add(`{"Key":"one","Value":"more"}`), invalidValue+": An alarm can have at most 50 tags.")
	want(t, add(`{"Key":"aws:x","Value":""}`), invalidValue)
	want(t, asked(t, s, "PutMetricAlarm", strings.Replace(someAlarm, `"a"`, `"b"`, 1)+`,"Tags":[{"Key":"aws:x","Value":""}]}`), invalidValue)
	want(t, asked(t, s, "DescribeAlarms", `{"AlarmNames":["b"]}`), `"MetricAlarms":[]`)
}

// TestEmptyTimeRange: the range is looked at as it was given, not with the start that CloudWatch rounds down.
func TestEmptyTimeRange(t *testing.T) {
	s, _ := open(t)
	ask := func(start, end string) string {
		return asked(t, s, "GetMetricStatistics",
			`{"Namespace":"N","MetricName":"M","StartTime":"2026-11-24T`+start+`Z","EndTime":"2026-11-24T`+end+`Z",
			"Period":60,"Statistics":["Sum"]}`)
	}
	for _, r := range [][2]string{{"12:00:30", "12:00:30"}, {"12:00:30", "12:00:10"}, {"12:00:30", "11:00:00"}, {"12:00:30.1", "12:00:30.9"}} {
		want(t, ask(r[0], r[1]), "InvalidParameterValue: The parameter StartTime must be less than the parameter EndTime.")
	}
	want(t, ask("12:00:30", "12:00:31"), `"Datapoints":[]`)
}

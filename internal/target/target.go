// Package target is what an event, an alarm or a schedule calls: the ARN of a resource stands for an operation of the service that has it
// in the ARN's region, which is called through api.Invoker under the principal of the caller with an input. There is one line for each kind
// of resource; an ARN of another kind is refused by name, so that nothing is accepted that would never be called. When and how often a
// target is called is the business of the caller and of package meta/due.
package target

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
)

// A Target is one call of one resource.
type Target struct {
	ARN   string
	Input string // the event: text for a topic and a log, JSON for an execution; what has no member for it does not get it
	// Members are further members of the operation, by the Go names of the SDK: a topic's Subject, a statement's Database and Sql.
	Members map[string]any
	Time    time.Time // of the event
	Token   string    // names the call for ever: a repeat of it is answered as the first was (api.WithToken)
}

// A kind is a resource that can be a target. The calls are made in their order.
type kind struct {
	service, resource string // of the ARN, the resource up to its name
	calls             []call
}

// A call is an operation and how its input is made.
type call struct {
	service, op string
	members     func(t Target, name string) map[string]any
	done        string // the error code that means that it has been done before
}

// kinds is the table.
func kinds() []kind {
	return []kind{
		{"sns", "", []call{{"sns", "Publish", byARN("TopicArn", "Message"), ""}}},
		{"states", "stateMachine:", []call{{"states", "StartExecution", byARN("StateMachineArn", "Input"), ""}}},
		{"glue", "job/", []call{{"glue", "StartJobRun", byName("JobName"), ""}}},
		{"redshift-serverless", "workgroup/", []call{{"redshift-data", "ExecuteStatement", byARN("WorkgroupName", ""), ""}}},
		{"logs", "log-group:", []call{
			{"logs", "CreateLogStream", stream, "ResourceAlreadyExistsException"},
			{"logs", "PutLogEvents", logged, ""},
		}},
	}
}

// byARN is an input that names the resource by its ARN and takes the event, unless it has no member for it.
func byARN(resource, input string) func(Target, string) map[string]any {
	return func(t Target, _ string) map[string]any {
		if input == "" {
			return map[string]any{resource: t.ARN}
		}
		return map[string]any{resource: t.ARN, input: t.Input}
	}
}

// byName is an input that names the resource by its name and does not take the event.
func byName(resource string) func(Target, string) map[string]any {
	return func(_ Target, name string) map[string]any { return map[string]any{resource: name} }
}

// stream is the log stream of a day.
func stream(t Target, name string) map[string]any {
	return map[string]any{"LogGroupName": strings.TrimSuffix(name, ":*"), "LogStreamName": t.Time.UTC().Format("2006/01/02")}
}

func logged(t Target, name string) map[string]any {
	m := stream(t, name)
	m["LogEvents"] = []map[string]any{{"Timestamp": t.Time.UnixMilli(), "Message": t.Input}}
	return m
}

// find is the kind of an ARN, the name of the resource and its region.
func find(text string) (k kind, name, region string, err error) {
	a, err := arn.Parse(text)
	if err != nil {
		return k, "", "", err
	}
	for _, k := range kinds() {
		if name, ok := a.ResourceAfter(k.resource); ok && a.Service == k.service && name != "" {
			return k, name, a.Region, nil
		}
	}
	return k, "", "", fmt.Errorf("the target %s is not supported by Penstock yet", text)
}

// Check says why an ARN cannot be a target. The service that stores it words the refusal.
func Check(text string) error {
	_, _, _, err := find(text)
	return err
}

// Service is the service whose resource an ARN is, "" when it is no target.
func Service(text string) string {
	k, _, _, err := find(text)
	if err != nil {
		return ""
	}
	return k.service
}

// Call calls the target as p and returns the answer of the operation. in gives the operations of a region, or says which are served.
func Call(ctx context.Context, in func(region string) (api.Invoker, error), p api.Principal, t Target) (answer json.RawMessage, err error) {
	k, name, region, err := find(t.ARN)
	if err != nil {
		return nil, err
	}
	inv, err := in(region)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", t.ARN, err)
	}
	ctx = api.WithPrincipal(ctx, p)
	if t.Token != "" {
		ctx = api.WithToken(ctx, t.Token)
	}
	for i, c := range k.calls {
		members := c.members(t, name)
		if i == len(k.calls)-1 {
			maps.Copy(members, t.Members)
		}
		if answer, err = c.make(ctx, inv, members); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

func (c call) make(ctx context.Context, inv api.Invoker, members map[string]any) (json.RawMessage, error) {
	in, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("input of %s.%s: %w", c.service, c.op, err)
	}
	out, err := inv.Invoke(ctx, c.service, c.op, json.RawMessage(in))
	if err != nil && (c.done == "" || api.Code(err) != c.done) {
		return nil, err
	}
	answer, _ := out.(json.RawMessage)
	return answer, nil
}

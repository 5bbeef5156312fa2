package states

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/module"
)

// A varied is one honoured member: two values of it that must give different answers.
type varied func(b *bench, m, ex string) (one, other string)

// shown is an answer and its error as text.
func shown(v any, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%+v", v)
}

const (
	noMachineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:none"
	noExecARN    = "arn:aws:states:us-east-1:000000000000:execution:m:none"
)

func describe(b *bench, m string) string {
	out, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &m})
	if err != nil {
		return err.Error()
	}
	return aws.ToString(out.Definition) + aws.ToString(out.RoleArn) + aws.ToString(out.Name)
}

func tags(b *bench, m string) string {
	out, err := b.ListTagsForResource(b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: &m})
	if err != nil {
		return err.Error()
	}
	var s []string
	for _, t := range out.Tags {
		s = append(s, aws.ToString(t.Key)+"="+aws.ToString(t.Value))
	}
	return strings.Join(s, ",")
}

// created makes a machine with one member changed and shows it.
func created(change func(*sfn.CreateStateMachineInput)) func(b *bench) string {
	return func(b *bench) string {
		in := &sfn.CreateStateMachineInput{Name: aws.String("fresh"), RoleArn: aws.String(role), Definition: aws.String(passOnly)}
		change(in)
		out, err := b.CreateStateMachine(b.ctx, in)
		if err != nil {
			return err.Error()
		}
		s := describe(b, *out.StateMachineArn) + tags(b, *out.StateMachineArn)
		if _, err := b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: out.StateMachineArn}); err != nil {
			return err.Error()
		}
		return s
	}
}

func create2(one, other func(*sfn.CreateStateMachineInput)) varied {
	return func(b *bench, _, _ string) (string, string) { return created(one)(b), created(other)(b) }
}

func update2(one, other sfn.UpdateStateMachineInput) varied {
	return func(b *bench, m, _ string) (string, string) {
		show := func(in sfn.UpdateStateMachineInput) string {
			if in.StateMachineArn == nil {
				in.StateMachineArn = &m
			}
			if _, err := b.UpdateStateMachine(b.ctx, &in); err != nil {
				return err.Error()
			}
			return describe(b, m)
		}
		return show(one), show(other)
	}
}

func nothing(*sfn.CreateStateMachineInput) {}

const otherPass = `{"StartAt": "Q", "States": {"Q": {"Type": "Pass", "End": true}}}`

func honoured() map[string]varied {
	table := map[string]varied{
		"CreateStateMachine.Name":       create2(nothing, func(in *sfn.CreateStateMachineInput) { in.Name = aws.String("another") }),
		"CreateStateMachine.Definition": create2(nothing, func(in *sfn.CreateStateMachineInput) { in.Definition = aws.String(otherPass) }),
		"CreateStateMachine.RoleArn":    create2(nothing, func(in *sfn.CreateStateMachineInput) { in.RoleArn = aws.String(role + "2") }),
		"CreateStateMachine.Type": create2(func(in *sfn.CreateStateMachineInput) { in.Type = types.StateMachineTypeStandard },
			func(in *sfn.CreateStateMachineInput) { in.Type = types.StateMachineTypeExpress }),
		"CreateStateMachine.Tags[].Key":   create2(tagged2("a", "1"), tagged2("b", "1")),
		"CreateStateMachine.Tags[].Value": create2(tagged2("a", "1"), tagged2("a", "2")),
		"CreateStateMachine.LoggingConfiguration.Level": create2(func(in *sfn.CreateStateMachineInput) {
			in.LoggingConfiguration = &types.LoggingConfiguration{Level: types.LogLevelOff}
		}, func(in *sfn.CreateStateMachineInput) {
			in.LoggingConfiguration = &types.LoggingConfiguration{Level: types.LogLevelAll}
		}),
		"CreateStateMachine.TracingConfiguration.Enabled": create2(nothing, func(in *sfn.CreateStateMachineInput) {
			in.TracingConfiguration = &types.TracingConfiguration{Enabled: true}
		}),
		"UpdateStateMachine.StateMachineArn": update2(sfn.UpdateStateMachineInput{RoleArn: aws.String(role)},
			sfn.UpdateStateMachineInput{RoleArn: aws.String(role), StateMachineArn: aws.String(noMachineARN)}),
		"UpdateStateMachine.Definition": update2(sfn.UpdateStateMachineInput{Definition: aws.String(otherPass)},
			sfn.UpdateStateMachineInput{Definition: aws.String(passOnly)}),
		"UpdateStateMachine.RoleArn": update2(sfn.UpdateStateMachineInput{RoleArn: aws.String(role)},
			sfn.UpdateStateMachineInput{RoleArn: aws.String(role + "2")}),
		"UpdateStateMachine.LoggingConfiguration.Level": update2(
			sfn.UpdateStateMachineInput{LoggingConfiguration: &types.LoggingConfiguration{Level: types.LogLevelOff}},
			sfn.UpdateStateMachineInput{LoggingConfiguration: &types.LoggingConfiguration{Level: types.LogLevelError}}),
		"UpdateStateMachine.TracingConfiguration.Enabled": update2(
			sfn.UpdateStateMachineInput{TracingConfiguration: &types.TracingConfiguration{}},
			sfn.UpdateStateMachineInput{TracingConfiguration: &types.TracingConfiguration{Enabled: true}}),
	}
	for k, v := range honouredReads() {
		table[k] = v
	}
	for k, v := range honouredExecutions() {
		table[k] = v
	}
	return table
}

func tagged2(k, v string) func(*sfn.CreateStateMachineInput) {
	return func(in *sfn.CreateStateMachineInput) { in.Tags = []types.Tag{{Key: &k, Value: &v}} }
}

// call2 calls an operation with two inputs.
func call2[I, O any](op func(*bench) func(context.Context, *I) (*O, error), one, other func(m, ex string) *I, show func(*O) string) varied {
	return func(b *bench, m, ex string) (string, string) {
		f := func(in *I) string {
			out, err := op(b)(b.ctx, in)
			if err != nil {
				return err.Error()
			}
			return show(out)
		}
		return f(one(m, ex)), f(other(m, ex))
	}
}

func TestHonours(t *testing.T) {
	b := quick(t, func(context.Context, string, string, map[string]any) (string, error) { return `{"Body": "{}"}`, nil })
	m := b.create("m", passOnly)
	b.create("n", passOnly)
	ex := b.execute(m, "one", `{"a": 1}`)
	b.finish(ex)
	b.finish(b.execute(m, "two", `{"a": 2}`))
	table := honoured()
	var paths []string
	for path, f := range table {
		paths = append(paths, path)
		if one, other := f(b, m, ex); one == other {
			t.Errorf("%s: both values give %s", path, one)
		}
	}
	apitest.Covered(t, b.API(), paths)
}

func TestRefusedByName(t *testing.T) {
	table := api.NewTable([]api.Service{New(module.Env{}, nil).API()}, nil)
	for _, op := range []string{"CreateActivity", "SendTaskSuccess", "StartSyncExecution", "PublishStateMachineVersion", "RedriveExecution",
		"TestState", "DescribeMapRun"} {
		_, err := table.Invoke(apitest.Context(t), "states", op, nil)
		if err == nil || !strings.Contains(err.Error(), op) {
			t.Errorf("%s: %v", op, err)
		}
	}
}

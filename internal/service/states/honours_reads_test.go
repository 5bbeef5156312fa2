package states

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// read2 is call2 for operations whose whole answer is shown.
func read2[I, O any](op func(*bench) func(context.Context, *I) (*O, error), one, other func(m, ex string) *I) varied {
	return call2(op, one, other, func(o *O) string { return fmt.Sprintf("%+v", flat(o)) })
}

// flat follows the pointers of an answer.
func flat(v any) any { return wireAny(v) }

func honouredReads() map[string]varied {
	describeOp := func(b *bench) func(context.Context, *sfn.DescribeStateMachineInput) (*sfn.DescribeStateMachineOutput, error) {
		return b.DescribeStateMachine
	}
	listOp := func(b *bench) func(context.Context, *sfn.ListStateMachinesInput) (*sfn.ListStateMachinesOutput, error) {
		return b.ListStateMachines
	}
	validateOp := func(b *bench) func(context.Context,
		*sfn.ValidateStateMachineDefinitionInput) (*sfn.ValidateStateMachineDefinitionOutput, error) {
		return b.ValidateStateMachineDefinition
	}
	validate := func(change func(*sfn.ValidateStateMachineDefinitionInput)) func(m, ex string) *sfn.ValidateStateMachineDefinitionInput {
		return func(_, _ string) *sfn.ValidateStateMachineDefinitionInput {
			in := &sfn.ValidateStateMachineDefinitionInput{Definition: aws.String(
				`{"StartAt": "P", "Unknown": 1, "Other": 2, "States": {"P": {"Type": "Pass", "Result": "$.x", "End": true}}}`)}
			change(in)
			return in
		}
	}
	versionsOp := func(b *bench) func(context.Context, *sfn.ListStateMachineVersionsInput) (*sfn.ListStateMachineVersionsOutput, error) {
		return b.ListStateMachineVersions
	}
	versions := func(machine string, token *string) func(m, ex string) *sfn.ListStateMachineVersionsInput {
		return func(m, _ string) *sfn.ListStateMachineVersionsInput {
			return &sfn.ListStateMachineVersionsInput{StateMachineArn: aws.String(cmp.Or(machine, m)), NextToken: token}
		}
	}
	return map[string]varied{
		"ListStateMachineVersions.StateMachineArn": read2(versionsOp, versions("", nil), versions(noMachineARN, nil)),
		"ListStateMachineVersions.NextToken":       read2(versionsOp, versions("", nil), versions("", aws.String("x"))),
		"DescribeStateMachine.StateMachineArn": read2(describeOp,
			func(m, _ string) *sfn.DescribeStateMachineInput {
				return &sfn.DescribeStateMachineInput{StateMachineArn: &m}
			},
			func(_, _ string) *sfn.DescribeStateMachineInput {
				return &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(noMachineARN)}
			}),
		"DescribeStateMachine.IncludedData": read2(describeOp,
			func(m, _ string) *sfn.DescribeStateMachineInput {
				return &sfn.DescribeStateMachineInput{StateMachineArn: &m}
			},
			func(m, _ string) *sfn.DescribeStateMachineInput {
				return &sfn.DescribeStateMachineInput{StateMachineArn: &m, IncludedData: types.IncludedDataMetadataOnly}
			}),
		"ListStateMachines.MaxResults": read2(listOp,
			func(_, _ string) *sfn.ListStateMachinesInput { return &sfn.ListStateMachinesInput{} },
			func(_, _ string) *sfn.ListStateMachinesInput { return &sfn.ListStateMachinesInput{MaxResults: 1} }),
		"ListStateMachines.NextToken": func(b *bench, _, _ string) (string, string) {
			first, err := b.ListStateMachines(b.ctx, &sfn.ListStateMachinesInput{MaxResults: 1})
			if err != nil || first.NextToken == nil {
				return "", ""
			}
			second, err := b.ListStateMachines(b.ctx, &sfn.ListStateMachinesInput{MaxResults: 1, NextToken: first.NextToken})
			return shown(wireAny(first.StateMachines), nil), shown(wireAny(second.StateMachines), err)
		},
		"DeleteStateMachine.StateMachineArn": func(b *bench, _, _ string) (string, string) {
			gone := b.create("gone", passOnly)
			before := describe(b, gone)
			_, err := b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &gone})
			return before, shown(describe(b, gone), err)
		},
		"ValidateStateMachineDefinition.Definition": read2(validateOp, validate(func(*sfn.ValidateStateMachineDefinitionInput) {}),
			validate(func(in *sfn.ValidateStateMachineDefinitionInput) { in.Definition = aws.String(passOnly) })),
		"ValidateStateMachineDefinition.Type": read2(validateOp,
			validate(func(in *sfn.ValidateStateMachineDefinitionInput) { in.Type = types.StateMachineTypeStandard }),
			validate(func(in *sfn.ValidateStateMachineDefinitionInput) { in.Type = types.StateMachineTypeExpress })),
		"ValidateStateMachineDefinition.MaxResults": read2(validateOp, validate(func(*sfn.ValidateStateMachineDefinitionInput) {}),
			validate(func(in *sfn.ValidateStateMachineDefinitionInput) { in.MaxResults = 1 })),
		"ValidateStateMachineDefinition.Severity": read2(validateOp, validate(func(*sfn.ValidateStateMachineDefinitionInput) {}),
			validate(func(in *sfn.ValidateStateMachineDefinitionInput) {
				in.Severity = types.ValidateStateMachineDefinitionSeverityWarning
			})),
		"TagResource.ResourceArn":         tagging("k", "v", noMachineARN),
		"TagResource.Tags[].Key":          tagging("k", "v", ""),
		"TagResource.Tags[].Value":        tagging("a", "other", ""),
		"UntagResource.ResourceArn":       untagging(noMachineARN, "a"),
		"UntagResource.TagKeys[]":         untagging("", "zz"),
		"ListTagsForResource.ResourceArn": func(b *bench, m, _ string) (string, string) { return tags(b, m), tags(b, noMachineARN) },
	}
}

// tagging sets a=v first and then the given tag on the given resource ("": the same).
func tagging(k, v, resource string) varied {
	return func(b *bench, m, _ string) (string, string) {
		set := func(r, k, v string) string {
			if _, err := b.TagResource(b.ctx, &sfn.TagResourceInput{ResourceArn: &r, Tags: []types.Tag{{Key: &k, Value: &v}}}); err != nil {
				return err.Error()
			}
			return tags(b, r)
		}
		if resource == "" {
			resource = m
		}
		one, other := set(m, "a", "v"), set(resource, k, v)
		_, err := b.UntagResource(b.ctx, &sfn.UntagResourceInput{ResourceArn: &m, TagKeys: []string{"a", "k"}})
		return one, shown(other, err)
	}
}

func untagging(resource, key string) varied {
	return func(b *bench, m, _ string) (string, string) {
		if resource == "" {
			resource = m
		}
		drop := func(r, k string) string {
			if _, err := b.TagResource(b.ctx,
				&sfn.TagResourceInput{ResourceArn: &m, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("v")}}}); err != nil {
				return err.Error()
			}
			_, err := b.UntagResource(b.ctx, &sfn.UntagResourceInput{ResourceArn: &r, TagKeys: []string{k}})
			return shown(tags(b, m), err)
		}
		return drop(m, "a"), drop(resource, key)
	}
}

func honouredExecutions() map[string]varied {
	start := func(b *bench) func(context.Context, *sfn.StartExecutionInput) (*sfn.StartExecutionOutput, error) {
		return func(ctx context.Context, in *sfn.StartExecutionInput) (*sfn.StartExecutionOutput, error) {
			out, err := b.StartExecution(ctx, in)
			if err == nil {
				d := b.finish(*out.ExecutionArn)
				out.ExecutionArn = aws.String(aws.ToString(d.Name) + aws.ToString(d.Input))
			}
			return out, err
		}
	}
	arnOf := func(o *sfn.StartExecutionOutput) string { return *o.ExecutionArn }
	history := func(b *bench) func(context.Context, *sfn.GetExecutionHistoryInput) (*sfn.GetExecutionHistoryOutput, error) {
		return b.GetExecutionHistory
	}
	hist := func(change func(*sfn.GetExecutionHistoryInput)) func(m, ex string) *sfn.GetExecutionHistoryInput {
		return func(_, ex string) *sfn.GetExecutionHistoryInput {
			in := &sfn.GetExecutionHistoryInput{ExecutionArn: &ex}
			change(in)
			return in
		}
	}
	same := hist(func(*sfn.GetExecutionHistoryInput) {})
	return merge(honouredLists(), map[string]varied{
		"StartExecution.StateMachineArn": call2(start, func(m, _ string) *sfn.StartExecutionInput {
			return &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("h1")}
		}, func(_, _ string) *sfn.StartExecutionInput {
			return &sfn.StartExecutionInput{StateMachineArn: aws.String(noMachineARN), Name: aws.String("h1")}
		}, arnOf),
		"StartExecution.Name": call2(start, func(m, _ string) *sfn.StartExecutionInput {
			return &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("h2")}
		}, func(m, _ string) *sfn.StartExecutionInput {
			return &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("h3")}
		}, arnOf),
		"StartExecution.Input": call2(start, func(m, _ string) *sfn.StartExecutionInput {
			return &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("h4"), Input: aws.String("1")}
		}, func(m, _ string) *sfn.StartExecutionInput {
			return &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("h4"), Input: aws.String("2")}
		}, arnOf),
		"GetExecutionHistory.ExecutionArn": read2(history, same,
			hist(func(in *sfn.GetExecutionHistoryInput) { in.ExecutionArn = aws.String(noExecARN) })),
		"GetExecutionHistory.MaxResults": read2(history, same, hist(func(in *sfn.GetExecutionHistoryInput) { in.MaxResults = 2 })),
		"GetExecutionHistory.NextToken": read2(history, same,
			hist(func(in *sfn.GetExecutionHistoryInput) { in.NextToken = aws.String("x") })),
		"GetExecutionHistory.ReverseOrder": read2(history, same, hist(func(in *sfn.GetExecutionHistoryInput) { in.ReverseOrder = true })),
		"GetExecutionHistory.IncludeExecutionData": read2(history, same,
			hist(func(in *sfn.GetExecutionHistoryInput) { in.IncludeExecutionData = aws.Bool(false) })),
	})
}

func merge(a, b map[string]varied) map[string]varied {
	for k, v := range b {
		a[k] = v
	}
	return a
}

func honouredLists() map[string]varied {
	list := func(b *bench) func(context.Context, *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
		return b.ListExecutions
	}
	lists := func(change func(*sfn.ListExecutionsInput)) func(m, ex string) *sfn.ListExecutionsInput {
		return func(m, _ string) *sfn.ListExecutionsInput {
			in := &sfn.ListExecutionsInput{StateMachineArn: &m}
			change(in)
			return in
		}
	}
	all := lists(func(*sfn.ListExecutionsInput) {})
	exec := func(b *bench) func(context.Context, *sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error) {
		return b.DescribeExecution
	}
	execs := func(id string, data types.IncludedData) func(m, ex string) *sfn.DescribeExecutionInput {
		return func(_, ex string) *sfn.DescribeExecutionInput {
			if id != "" {
				ex = id
			}
			return &sfn.DescribeExecutionInput{ExecutionArn: &ex, IncludedData: data}
		}
	}
	forExec := func(b *bench) func(context.Context,
		*sfn.DescribeStateMachineForExecutionInput) (*sfn.DescribeStateMachineForExecutionOutput, error) {
		return b.DescribeStateMachineForExecution
	}
	forExecs := func(id string, data types.IncludedData) func(m, ex string) *sfn.DescribeStateMachineForExecutionInput {
		return func(_, ex string) *sfn.DescribeStateMachineForExecutionInput {
			if id != "" {
				ex = id
			}
			return &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &ex, IncludedData: data}
		}
	}
	return map[string]varied{
		"ListExecutions.StateMachineArn": read2(list, all,
			lists(func(in *sfn.ListExecutionsInput) { in.StateMachineArn = aws.String(noMachineARN) })),
		"ListExecutions.StatusFilter": read2(list, all,
			lists(func(in *sfn.ListExecutionsInput) { in.StatusFilter = types.ExecutionStatusFailed })),
		"ListExecutions.MaxResults": read2(list, all, lists(func(in *sfn.ListExecutionsInput) { in.MaxResults = 1 })),
		"ListExecutions.NextToken": read2(list, all,
			lists(func(in *sfn.ListExecutionsInput) { in.NextToken = aws.String("x") })),
		"DescribeExecution.ExecutionArn":                read2(exec, execs("", ""), execs(noExecARN, "")),
		"DescribeExecution.IncludedData":                read2(exec, execs("", ""), execs("", types.IncludedDataMetadataOnly)),
		"DescribeStateMachineForExecution.ExecutionArn": read2(forExec, forExecs("", ""), forExecs(noExecARN, "")),
		"DescribeStateMachineForExecution.IncludedData": read2(forExec, forExecs("", ""), forExecs("", types.IncludedDataMetadataOnly)),
		"StopExecution.ExecutionArn":                    stopping(func(in *sfn.StopExecutionInput) { in.ExecutionArn = aws.String(noExecARN) }),
		"StopExecution.Error":                           stopping(func(in *sfn.StopExecutionInput) { in.Error = aws.String("other") }),
		"StopExecution.Cause":                           stopping(func(in *sfn.StopExecutionInput) { in.Cause = aws.String("other") }),
	}
}

// stopping stops two executions, the second with a change.
func stopping(change func(*sfn.StopExecutionInput)) varied {
	return func(b *bench, _, _ string) (string, string) {
		m := b.create("waits", `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": true}}}`)
		stop := func(change func(*sfn.StopExecutionInput)) string {
			ex := b.execute(m, "", "")
			in := &sfn.StopExecutionInput{ExecutionArn: &ex}
			change(in)
			if _, err := b.StopExecution(b.ctx, in); err != nil {
				return err.Error()
			}
			out := b.finish(ex)
			return string(out.Status) + aws.ToString(out.Error) + aws.ToString(out.Cause)
		}
		return stop(func(*sfn.StopExecutionInput) {}), stop(change)
	}
}

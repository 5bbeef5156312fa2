package states

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/asl"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

func (s *Service) execution(ctx context.Context, text *string) (e execution, err error) {
	executionARN, err := s.checkARN(text, "execution:")
	if err != nil {
		return e, err
	}
	return s.hotExecutions.Load(ctx, executionARN, func(ctx context.Context) (e execution, err error) {
		err = s.view(ctx, func(tx *meta.Tx) error {
			e, err = executionTx(tx, executionARN)
			return err
		})
		return e, err
	})
}

// DescribeExecution answers how an execution stands.
func (s *Service) DescribeExecution(ctx context.Context, in *sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error) {
	e, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	data := in.IncludedData != types.IncludedDataMetadataOnly
	out := &sfn.DescribeExecutionOutput{ExecutionArn: &e.ARN, Name: &e.Name, StateMachineArn: &e.Machine, StartDate: &e.Started,
		Status: types.ExecutionStatus(e.Status), RedriveCount: aws.Int32(0),
		InputDetails: &types.CloudWatchEventsExecutionDataDetails{Included: data}}
	if data {
		out.Input = &e.Input
	}
	if e.Trace != "" {
		out.TraceHeader = &e.Trace
	}
	if !e.Stopped.IsZero() {
		out.StopDate = &e.Stopped
	}
	if e.Status == asl.Succeeded {
		out.OutputDetails = &types.CloudWatchEventsExecutionDataDetails{Included: data}
		if data {
			out.Output = &e.Output
		}
	}
	if e.Status != asl.Running && e.Status != asl.Succeeded {
		out.Error, out.Cause = optional(e.Error), optional(e.Cause)
	}
	return out, s.redrivable(ctx, e, out)
}

// redrivePeriod is how long after its end AWS lets an execution be redriven.
const redrivePeriod = 14 * 24 * time.Hour

// redrivable says whether AWS would redrive an execution, and why not.
func (s *Service) redrivable(ctx context.Context, e execution, out *sfn.DescribeExecutionOutput) error {
	not := func(why string) error {
		out.RedriveStatus, out.RedriveStatusReason = types.ExecutionRedriveStatusNotRedrivable, &why
		return nil
	}
	if e.Status == asl.Running || e.Status == asl.Succeeded {
		return not("Execution is " + string(e.Status) + " and cannot be redriven")
	}
	var last int64
	var gone bool
	err := s.view(ctx, func(tx *meta.Tx) error {
		m, err := machineTx(tx, e.Machine)
		if gone = isNoMachine(err) || m.Deleting; err != nil && !isNoMachine(err) {
			return err
		}
		return tx.QueryRow(`SELECT coalesce(max(id), 0) FROM states_event WHERE execution = ?`, e.Seq).Scan(&last)
	})
	switch {
	case err != nil:
		return err
	case gone:
		return not("State machine is in DELETING status")
	case last >= asl.MaxEvents-1:
		return not("Execution history event limit exceeded")
	case s.Clock.Now().Sub(e.Stopped) > redrivePeriod:
		return not("Execution redrivable period exceeded")
	}
	out.RedriveStatus = types.ExecutionRedriveStatusRedrivable
	return nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// DescribeStateMachineForExecution answers the definition with which an execution runs.
func (s *Service) DescribeStateMachineForExecution(ctx context.Context,
	in *sfn.DescribeStateMachineForExecutionInput) (*sfn.DescribeStateMachineForExecutionOutput, error) {
	e, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	var m machine
	err = s.view(ctx, func(tx *meta.Tx) error {
		m, err = revisionTx(tx, e.Revision)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &sfn.DescribeStateMachineForExecutionOutput{StateMachineArn: &m.ARN, Name: &m.Name, Definition: &m.Definition, RoleArn: &m.Role,
		UpdateDate: &m.Updated, RevisionId: m.revisionID(),
		LoggingConfiguration:    &types.LoggingConfiguration{Level: types.LogLevelOff},
		TracingConfiguration:    &types.TracingConfiguration{},
		EncryptionConfiguration: &types.EncryptionConfiguration{Type: types.EncryptionTypeAwsOwnedKey}}
	if in.IncludedData == types.IncludedDataMetadataOnly {
		out.Definition = nil
		return out, nil
	}
	out.VariableReferences, err = s.variables(m)
	return out, err
}

// revisionTx reads the machine as it was at a revision.
func revisionTx(tx *meta.Tx, revision string) (m machine, err error) {
	var updated int64
	err = tx.QueryRow(`SELECT id, machine, definition, role, updated, initial FROM states_revision WHERE id = ?`, revision).
		Scan(&m.Revision, &m.ARN, &m.Definition, &m.Role, &updated, &m.Initial)
	m.Updated, m.Name = millis(updated), nameIn(m.ARN)
	return m, err
}

// GetExecutionHistory answers the events of an execution.
func (s *Service) GetExecutionHistory(ctx context.Context, in *sfn.GetExecutionHistoryInput) (*sfn.GetExecutionHistoryOutput, error) {
	e, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	p, err := s.pageOf(in.NextToken, in.MaxResults, "GetExecutionHistory", e.ARN, strconv.FormatBool(in.ReverseOrder))
	if err != nil {
		return nil, err
	}
	first := int64(0)
	if in.ReverseOrder {
		first = 1 << 62
	}
	from, err := p.Number(first)
	if err != nil {
		return nil, err
	}
	var events []*asl.Event
	var role string
	err = s.view(ctx, func(tx *meta.Tx) error {
		m, err := revisionTx(tx, e.Revision)
		if err != nil {
			return err
		}
		role = m.Role
		events, err = eventsTx(tx, e.Seq, from, p.Ask(), in.ReverseOrder)
		return err
	})
	if err != nil {
		return nil, err
	}
	events = page.Cut(p, events, func(ev *asl.Event) string { return strconv.FormatInt(ev.ID, 10) })
	out := &sfn.GetExecutionHistoryOutput{Events: []types.HistoryEvent{}, NextToken: p.Next()}
	w := writer{role: role, region: s.Region, data: in.IncludeExecutionData == nil || *in.IncludeExecutionData}
	for _, ev := range events {
		out.Events = append(out.Events, w.event(ev))
	}
	return out, nil
}

// StopExecution ends an execution: it aborts the task that runs, a Glue job run that a .sync task started included.
func (s *Service) StopExecution(ctx context.Context, in *sfn.StopExecutionInput) (*sfn.StopExecutionOutput, error) {
	e, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	if e.Status == asl.Running {
		if l := s.find(e.Seq); l != nil {
			if err := l.abort(ctx, asl.Failure{Error: aws.ToString(in.Error), Cause: aws.ToString(in.Cause)}); err != nil {
				return nil, err
			}
		}
		if e, err = s.execution(ctx, in.ExecutionArn); err != nil {
			return nil, err
		}
		if e.Status == asl.Running {
			return nil, fmt.Errorf("stop %s: its loop has ended before it could be stopped", e.ARN)
		}
	}
	return &sfn.StopExecutionOutput{StopDate: &e.Stopped}, nil
}

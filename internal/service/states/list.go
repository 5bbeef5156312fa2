package states

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/arn"
	"penstock/internal/asl"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

const (
	defaultPage = 100
	largestPage = 1000
)

func isNoMachine(err error) bool {
	var no *types.StateMachineDoesNotExist
	return errors.As(err, &no)
}

// pageOf begins a page of a list.
func (s *Service) pageOf(token *string, max int32, filter ...string) (*page.Page, error) {
	return page.Read(token, page.Size(&max, defaultPage, largestPage), invalidToken(), s.Region, filter...)
}

// ListStateMachines lists the machines of the region by name.
func (s *Service) ListStateMachines(ctx context.Context, in *sfn.ListStateMachinesInput) (*sfn.ListStateMachinesOutput, error) {
	from, to := arn.Bounds("states", s.Region)
	p, err := s.pageOf(in.NextToken, in.MaxResults, "ListStateMachines", from)
	if err != nil {
		return nil, err
	}
	out := &sfn.ListStateMachinesOutput{StateMachines: []types.StateMachineListItem{}}
	err = s.view(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(selectMachine+` WHERE m.arn > ? AND m.arn < ? ORDER BY m.arn LIMIT ?`, max(from, p.After), to, p.Ask())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m, err := scanMachine(rows)
			if err != nil {
				return err
			}
			if !p.Take(m.ARN) {
				return nil
			}
			out.StateMachines = append(out.StateMachines, types.StateMachineListItem{StateMachineArn: &m.ARN, Name: &m.Name,
				CreationDate: &m.Created, Type: types.StateMachineTypeStandard})
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	out.NextToken = p.Next()
	return out, nil
}

// ListExecutions lists a machine's executions, the newest first.
func (s *Service) ListExecutions(ctx context.Context, in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
	machineARN, err := s.checkARN(in.StateMachineArn, "stateMachine:")
	if err != nil {
		return nil, err
	}
	status := string(in.StatusFilter)
	p, err := s.pageOf(in.NextToken, in.MaxResults, "ListExecutions", machineARN, status)
	if err != nil {
		return nil, err
	}
	from, err := p.Number(1 << 62)
	if err != nil {
		return nil, err
	}
	out := &sfn.ListExecutionsOutput{Executions: []types.ExecutionListItem{}}
	err = s.view(ctx, func(tx *meta.Tx) error {
		if _, err := machineTx(tx, machineARN); err != nil {
			return err
		}
		rows, err := tx.Query(selectExecution+` WHERE machine = ? AND seq < ? AND (? = '' OR status = ?) ORDER BY seq DESC LIMIT ?`,
			machineARN, from, status, status, p.Ask())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scanExecution(rows)
			if err != nil {
				return err
			}
			if !p.TakeNumber(e.Seq) {
				return nil
			}
			item := types.ExecutionListItem{ExecutionArn: &e.ARN, Name: &e.Name, StateMachineArn: &e.Machine, StartDate: &e.Started,
				Status: types.ExecutionStatus(e.Status), RedriveCount: aws.Int32(0)}
			if !e.Stopped.IsZero() {
				item.StopDate = &e.Stopped
			}
			out.Executions = append(out.Executions, item)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	out.NextToken = p.Next()
	return out, nil
}

// ValidateStateMachineDefinition answers the mistakes of a definition.
func (s *Service) ValidateStateMachineDefinition(_ context.Context,
	in *sfn.ValidateStateMachineDefinitionInput) (*sfn.ValidateStateMachineDefinitionOutput, error) {
	if in.Type != "" && in.Type != types.StateMachineTypeStandard {
		return nil, unsupported("state machines of Type %s", in.Type)
	}
	m, diags := asl.Parse(aws.ToString(in.Definition), s.resourceProblem)
	out := &sfn.ValidateStateMachineDefinitionOutput{Result: types.ValidateStateMachineDefinitionResultCodeOk, Truncated: aws.Bool(false),
		Diagnostics: []types.ValidateStateMachineDefinitionDiagnostic{}}
	if m == nil {
		out.Result = types.ValidateStateMachineDefinitionResultCodeFail
	}
	limit := int(in.MaxResults)
	if limit <= 0 || limit > defaultPage {
		limit = defaultPage
	}
	for _, d := range diags {
		severity := types.ValidateStateMachineDefinitionSeverityError
		if d.Warning {
			severity = types.ValidateStateMachineDefinitionSeverityWarning
		}
		if d.Warning && in.Severity != types.ValidateStateMachineDefinitionSeverityWarning {
			continue
		}
		if len(out.Diagnostics) == limit {
			out.Truncated = aws.Bool(true)
			break
		}
		item := types.ValidateStateMachineDefinitionDiagnostic{Code: &d.Code, Message: &d.Message, Severity: severity}
		if d.Location != "" {
			item.Location = &d.Location
		}
		out.Diagnostics = append(out.Diagnostics, item)
	}
	return out, nil
}

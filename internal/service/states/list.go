package states

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/asl"
	"penstock/internal/meta"
)

const (
	defaultPage = 100
	largestPage = 1000
	maxTags     = 50
)

func isNoMachine(err error) bool {
	var no *types.StateMachineDoesNotExist
	return errors.As(err, &no)
}

// page is how many entries a list answers at once.
func page(n int32) int {
	if n <= 0 {
		return defaultPage
	}
	return min(int(n), largestPage)
}

// after reads a page token that carries a number.
func after(token *string, filter string, first int64) (int64, error) {
	if token == nil {
		return first, nil
	}
	key, err := meta.ParseToken(*token, filter)
	if err != nil {
		return 0, invalidToken()
	}
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0, invalidToken()
	}
	return n, nil
}

// ListStateMachines lists the machines by name.
func (s *Service) ListStateMachines(ctx context.Context, in *sfn.ListStateMachinesInput) (*sfn.ListStateMachinesOutput, error) {
	limit, filter, from := page(in.MaxResults), meta.FilterHash("ListStateMachines"), ""
	if in.NextToken != nil {
		var err error
		if from, err = meta.ParseToken(*in.NextToken, filter); err != nil {
			return nil, invalidToken()
		}
	}
	out := &sfn.ListStateMachinesOutput{StateMachines: []types.StateMachineListItem{}}
	err := s.view(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(selectMachine+` WHERE m.arn > ? ORDER BY m.arn LIMIT ?`, from, limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m, err := scanMachine(rows)
			if err != nil {
				return err
			}
			if len(out.StateMachines) == limit {
				out.NextToken = aws.String(meta.Token(filter, *out.StateMachines[limit-1].StateMachineArn))
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
	return out, nil
}

// ListExecutions lists a machine's executions, the newest first.
func (s *Service) ListExecutions(ctx context.Context, in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
	machineARN, err := checkARN(in.StateMachineArn, "stateMachine:")
	if err != nil {
		return nil, err
	}
	status := string(in.StatusFilter)
	limit, filter := page(in.MaxResults), meta.FilterHash("ListExecutions", machineARN, status)
	from, err := after(in.NextToken, filter, 1<<62)
	if err != nil {
		return nil, err
	}
	out := &sfn.ListExecutionsOutput{Executions: []types.ExecutionListItem{}}
	err = s.view(ctx, func(tx *meta.Tx) error {
		if _, err := machineTx(tx, machineARN); err != nil {
			return err
		}
		rows, err := tx.Query(selectExecution+` WHERE machine = ? AND seq < ? AND (? = '' OR status = ?) ORDER BY seq DESC LIMIT ?`,
			machineARN, from, status, status, limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		last := int64(0)
		for rows.Next() {
			e, err := scanExecution(rows)
			if err != nil {
				return err
			}
			if len(out.Executions) == limit {
				out.NextToken = aws.String(meta.Token(filter, strconv.FormatInt(last, 10)))
				return nil
			}
			last = e.Seq
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
	return out, nil
}

// ValidateStateMachineDefinition answers the mistakes of a definition.
func (s *Service) ValidateStateMachineDefinition(_ context.Context, in *sfn.ValidateStateMachineDefinitionInput) (*sfn.ValidateStateMachineDefinitionOutput, error) {
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

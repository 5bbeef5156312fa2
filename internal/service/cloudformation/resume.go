package cloudformation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"penstock/internal/meta"
)

// ContinueUpdateRollback goes on with the rollback of an update that has failed to bring every resource back. Those that are to be skipped
// stay what they are; a later update compares with that.
func (s *Service) ContinueUpdateRollback(
	ctx context.Context, in *cloudformation.ContinueUpdateRollbackInput,
) (*cloudformation.ContinueUpdateRollbackOutput, error) {
	name, out := aws.ToString(in.StackName), &cloudformation.ContinueUpdateRollbackOutput{}
	if _, ok := s.repeated(ctx, name, in.ClientRequestToken, "UPDATE_ROLLBACK_IN_PROGRESS"); ok {
		return out, nil
	}
	id := ""
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		st, err := s.stackTx(tx, name)
		if err != nil {
			return err
		}
		if st.Status != "UPDATE_ROLLBACK_FAILED" || st.Op != nil {
			return refuseBusy(&st, "rolled back")
		}
		if err := skippable(tx, &st, in.ResourcesToSkip); err != nil {
			return err
		}
		id = st.ID
		op := newOperation(ctx, "update", in.ClientRequestToken)
		if st.Stuck != nil { // an earlier program did not keep it, and left nothing to bring back
			op.ID, op.Target = st.Stuck.ID, st.Stuck.Target
		}
		op.Phase, op.Skip = "rollback", in.ResourcesToSkip
		st.Op, st.RoleARN = op, cmp.Or(aws.ToString(in.RoleARN), st.RoleARN)
		tx.Notify(s.topic())
		return s.note(tx, &st, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
	})
	if err != nil {
		return nil, err
	}
	return out, s.linger(ctx, id)
}

// skippable refuses resources that the rollback has not failed to bring back.
func skippable(tx *meta.Tx, st *record, skip []string) error {
	if len(skip) == 0 {
		return nil
	}
	rows, err := rowsTx(tx, st.ID)
	if err != nil {
		return err
	}
	var wrong []string
	for _, logical := range skip {
		if r := rows[logical]; r == nil || r.Status != "UPDATE_FAILED" {
			wrong = append(wrong, logical)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return invalid("Only resources of stack [%s] that are in UPDATE_FAILED state because its rollback failed can be skipped, and not [%s]",
			st.ID, strings.Join(wrong, ", "))
	}
	return nil
}

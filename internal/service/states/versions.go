package states

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/meta"
)

// ListStateMachineVersions answers that a machine has no versions: PublishStateMachineVersion is not served. The operation declares no
// StateMachineDoesNotExist, so a machine that is not there is an InvalidArn.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html
func (s *Service) ListStateMachineVersions(ctx context.Context,
	in *sfn.ListStateMachineVersionsInput) (*sfn.ListStateMachineVersionsOutput, error) {
	machineARN, err := s.checkARN(in.StateMachineArn, "stateMachine:")
	if err != nil {
		return nil, err
	}
	if aws.ToString(in.NextToken) != "" {
		return nil, invalidToken() // no answer of ours had one
	}
	err = s.view(ctx, func(tx *meta.Tx) error {
		_, err := machineTx(tx, machineARN)
		return err
	})
	switch {
	case isNoMachine(err):
		return nil, invalidARN("Invalid arn: " + machineARN)
	case err != nil:
		return nil, err
	}
	return &sfn.ListStateMachineVersionsOutput{StateMachineVersions: []types.StateMachineVersionListItem{}}, nil
}

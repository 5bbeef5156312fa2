package cloudformation

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/pattern"
)

var stackPattern = pattern.Lazy(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)

func (s *Service) newStack(name string) (record, error) {
	if !stackPattern().MatchString(name) {
		return record{}, invalid("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy "+
			"regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	return record{ID: arn.New("cloudformation", s.Region, s.Account, "stack/"+name+"/"+id.UUID()).String(), Name: name, Created: s.now()}, nil
}

func newOperation(ctx context.Context, kind string, token *string) *operation {
	p, _ := api.PrincipalOf(ctx)
	return &operation{ID: id.UUID(), Kind: kind, Phase: "forward", Token: aws.ToString(token), Caller: p, OnFail: "ROLLBACK"}
}

func capabilityTexts(in []types.Capability) []string {
	var out []string
	for _, c := range in {
		out = append(out, string(c))
	}
	return out
}

// repeated finds the stack of an earlier request with the same token: such a request is answered again and nothing is done.
func (s *Service) repeated(ctx context.Context, name string, token *string, status string) (string, bool) {
	if token == nil {
		return "", false
	}
	st, err := s.stack(ctx, name)
	if err != nil {
		return "", false
	}
	found := false
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow(`SELECT count(*) > 0 FROM cfn_events
			WHERE stack = ? AND json_extract(doc, '$.Token') = ? AND json_extract(doc, '$.Status') = ?`,
			st.ID, *token, status).Scan(&found)
	})
	return st.ID, err == nil && found
}

// century is a hundred years in minutes: a longer time for a creation is no shorter one, as it would be in nanoseconds.
const century = 100 * 366 * 24 * 60

// CreateStack checks everything that a template asks for, and begins to make it.
func (s *Service) CreateStack(ctx context.Context, in *cloudformation.CreateStackInput) (*cloudformation.CreateStackOutput, error) {
	name := aws.ToString(in.StackName)
	if id, ok := s.repeated(ctx, name, in.ClientRequestToken, "CREATE_IN_PROGRESS"); ok {
		return &cloudformation.CreateStackOutput{StackId: aws.String(id)}, nil
	}
	st, err := s.newStack(name)
	if err != nil {
		return nil, err
	}
	if aws.ToBool(in.DisableRollback) && in.OnFailure != "" {
		return nil, invalid("You cannot specify both DisableRollback and OnFailure.")
	}
	p, err := s.plan(ctx, name, nil, request{body: in.TemplateBody, url: in.TemplateURL, parameters: in.Parameters,
		tags: in.Tags, capabilities: in.Capabilities})
	if err != nil {
		return nil, err
	}
	st.Capabilities, st.RoleARN, st.Protected = capabilityTexts(in.Capabilities), aws.ToString(in.RoleARN),
		aws.ToBool(in.EnableTerminationProtection)
	st.DisableRollback = aws.ToBool(in.DisableRollback) || in.OnFailure == types.OnFailureDoNothing
	st.Op = newOperation(ctx, "create", in.ClientRequestToken)
	st.Op.Target, st.Current = p.target, p.target
	if m := aws.ToInt32(in.TimeoutInMinutes); m > 0 {
		st.Timeout, st.Op.Until = m, st.Created.Add(min(time.Duration(m), century)*time.Minute)
	}
	if in.OnFailure != "" {
		st.Op.OnFail = string(in.OnFailure)
	}
	if aws.ToBool(in.DisableRollback) {
		st.Op.OnFail = "DO_NOTHING"
	}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := s.stackTx(tx, name); err == nil {
			return alreadyExists(name)
		}
		tx.Notify(s.topic())
		return s.note(tx, &st, "CREATE_IN_PROGRESS", "User Initiated")
	})
	if err != nil {
		return nil, err
	}
	return &cloudformation.CreateStackOutput{StackId: aws.String(st.ID)}, s.linger(ctx, st.ID)
}

// UpdateStack changes a stack in place.
func (s *Service) UpdateStack(ctx context.Context, in *cloudformation.UpdateStackInput) (*cloudformation.UpdateStackOutput, error) {
	name := aws.ToString(in.StackName)
	if id, ok := s.repeated(ctx, name, in.ClientRequestToken, "UPDATE_IN_PROGRESS"); ok {
		return &cloudformation.UpdateStackOutput{StackId: aws.String(id)}, nil
	}
	st, err := s.stack(ctx, name)
	if err != nil {
		return nil, err
	}
	if !updatable(&st) {
		return nil, refuseBusy(&st, "updated")
	}
	p, err := s.plan(ctx, st.Name, &st,
		request{in.TemplateBody, in.TemplateURL, in.UsePreviousTemplate, in.Parameters, in.Tags, in.Capabilities})
	if err != nil {
		return nil, err
	}
	if p.empty(&st) {
		return nil, invalid("No updates are to be performed.")
	}
	op := newOperation(ctx, "update", in.ClientRequestToken)
	op.Target = p.target
	if aws.ToBool(in.DisableRollback) {
		op.OnFail = "DO_NOTHING"
	}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		now, err := s.stackTx(tx, st.ID)
		if err != nil {
			return err
		}
		if !updatable(&now) {
			return refuseBusy(&now, "updated")
		}
		now.Op, now.Updated, now.Capabilities, now.RoleARN = op, s.now(), capabilityTexts(in.Capabilities), aws.ToString(in.RoleARN)
		tx.Notify(s.topic())
		return s.note(tx, &now, "UPDATE_IN_PROGRESS", "User Initiated")
	})
	if err != nil {
		return nil, err
	}
	return &cloudformation.UpdateStackOutput{StackId: aws.String(st.ID)}, s.linger(ctx, st.ID)
}

// DeleteStack removes a stack with its resources; one that does not exist is fine, as on AWS, but for those of other regions.
func (s *Service) DeleteStack(ctx context.Context, in *cloudformation.DeleteStackInput) (*cloudformation.DeleteStackOutput, error) {
	out := &cloudformation.DeleteStackOutput{}
	var id string
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		st, err := s.stackTx(tx, aws.ToString(in.StackName))
		switch {
		case err != nil && s.elsewhere(*in.StackName):
			return err
		case api.Code(err) == "ValidationError" || err == nil && st.Status == "DELETE_COMPLETE":
			return nil
		case err != nil:
			return err
		case st.Op != nil && st.Op.Kind == "delete":
			return nil
		case st.Op != nil:
			return invalid("Stack [%s] cannot be deleted while in status %s", st.ID, st.Status)
		case st.Protected:
			return invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", st.Name)
		case len(in.RetainResources) > 0 && st.Status != "DELETE_FAILED":
			return invalid("Invalid operation on stack [%s]. When you delete a stack, specify which resources to retain only when the stack is "+
				"in the DELETE_FAILED state.", st.ID)
		}
		if clash, err := s.lostTx(tx, st.ID, nil); err != nil || clash != "" {
			if err == nil {
				err = invalid("%s", clash)
			}
			return err
		}
		id = st.ID
		st.Op = newOperation(ctx, "delete", in.ClientRequestToken)
		st.Op.Retain, st.RoleARN = in.RetainResources, cmp.Or(aws.ToString(in.RoleARN), st.RoleARN)
		tx.Notify(s.topic())
		return s.note(tx, &st, "DELETE_IN_PROGRESS", "User Initiated")
	})
	if err == nil && id != "" {
		err = s.linger(ctx, id)
	}
	return out, err
}

// UpdateTerminationProtection sets whether DeleteStack is refused.
func (s *Service) UpdateTerminationProtection(
	ctx context.Context, in *cloudformation.UpdateTerminationProtectionInput,
) (*cloudformation.UpdateTerminationProtectionOutput, error) {
	var id string
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		st, err := s.stackTx(tx, aws.ToString(in.StackName))
		if err != nil {
			return err
		}
		id, st.Protected = st.ID, aws.ToBool(in.EnableTerminationProtection)
		return s.saveStack(tx, &st)
	})
	return &cloudformation.UpdateTerminationProtectionOutput{StackId: aws.String(id)}, err
}

// stamp is an instant as a member, absent when it is zero.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

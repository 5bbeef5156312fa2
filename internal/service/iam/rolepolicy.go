package iam

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

// maxAttached is AWS's default quota of managed policies on a role.
const maxAttached = 10

// PutRolePolicy writes an inline policy.
func (s *Service) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	if err := checkDocument(aws.ToString(in.PolicyDocument), false); err != nil {
		return nil, err
	}
	err := s.editRole(ctx, in.RoleName, func(_ *meta.Tx, r *role) error {
		r.Inline[aws.ToString(in.PolicyName)] = *in.PolicyDocument
		return nil
	})
	return &iam.PutRolePolicyOutput{}, err
}

// GetRolePolicy answers an inline policy.
func (s *Service) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	r, err := s.viewRole(ctx, in.RoleName)
	if err != nil {
		return nil, err
	}
	doc, ok := r.Inline[aws.ToString(in.PolicyName)]
	if !ok {
		return nil, noSuch("The role policy with name %s cannot be found.", aws.ToString(in.PolicyName))
	}
	return &iam.GetRolePolicyOutput{RoleName: aws.String(r.Name), PolicyName: in.PolicyName, PolicyDocument: escape(doc)}, nil
}

// ListRolePolicies lists the names of inline policies.
func (s *Service) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	p, err := newPage(in.Marker, in.MaxItems, "inline", aws.ToString(in.RoleName))
	if err != nil {
		return nil, err
	}
	r, err := s.viewRole(ctx, in.RoleName)
	names := slices.Sorted(maps.Keys(r.Inline))
	out := &iam.ListRolePoliciesOutput{PolicyNames: append([]string{}, page.Of(p, names, func(n string) string { return n })...)}
	out.IsTruncated, out.Marker = p.More(), p.Next()
	return out, err
}

// DeleteRolePolicy removes an inline policy.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	err := s.editRole(ctx, in.RoleName, func(_ *meta.Tx, r *role) error {
		if _, ok := r.Inline[aws.ToString(in.PolicyName)]; !ok {
			return noSuch("The role policy with name %s cannot be found.", aws.ToString(in.PolicyName))
		}
		delete(r.Inline, *in.PolicyName)
		return nil
	})
	return &iam.DeleteRolePolicyOutput{}, err
}

// managed reports whether the ARN is of a policy that AWS itself keeps: it can be attached, and its document is not held here.
func managed(arn string) bool { return strings.HasPrefix(arn, "arn:aws:iam::aws:policy/") }

// AttachRolePolicy attaches a managed policy; one that is attached already is fine.
func (s *Service) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	err := s.editRole(ctx, in.RoleName, func(tx *meta.Tx, r *role) error {
		arn := aws.ToString(in.PolicyArn)
		if !managed(arn) {
			if _, err := s.policy(tx, in.PolicyArn); err != nil {
				return err
			}
		}
		if slices.Contains(r.Attached, arn) {
			return nil
		}
		if len(r.Attached) == maxAttached {
			return limit("Cannot exceed quota for PoliciesPerRole: 10")
		}
		r.Attached = append(r.Attached, arn)
		return nil
	})
	return &iam.AttachRolePolicyOutput{}, err
}

// DetachRolePolicy detaches a managed policy.
func (s *Service) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	err := s.editRole(ctx, in.RoleName, func(_ *meta.Tx, r *role) error {
		i := slices.Index(r.Attached, aws.ToString(in.PolicyArn))
		if i < 0 {
			return noSuch("Policy %s was not found.", aws.ToString(in.PolicyArn))
		}
		r.Attached = slices.Delete(r.Attached, i, i+1)
		return nil
	})
	return &iam.DetachRolePolicyOutput{}, err
}

// ListAttachedRolePolicies lists managed policies by ARN.
func (s *Service) ListAttachedRolePolicies(
	ctx context.Context, in *iam.ListAttachedRolePoliciesInput,
) (*iam.ListAttachedRolePoliciesOutput, error) {
	p, err := newPage(in.Marker, in.MaxItems, "attached", aws.ToString(in.RoleName), aws.ToString(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	r, err := s.viewRole(ctx, in.RoleName)
	out := &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: []types.AttachedPolicy{}}
	slices.Sort(r.Attached)
	for _, a := range r.Attached {
		path, name := pathAndName(a)
		if a <= p.After || !strings.HasPrefix(path, aws.ToString(in.PathPrefix)) {
			continue
		}
		if !p.Take(a) {
			break
		}
		out.AttachedPolicies = append(out.AttachedPolicies, types.AttachedPolicy{PolicyArn: aws.String(a), PolicyName: aws.String(name)})
	}
	out.IsTruncated, out.Marker = p.More(), p.Next()
	return out, err
}

// pathAndName takes "/a/" and "b" from arn:aws:iam::1:policy/a/b.
func pathAndName(arn string) (path, name string) {
	_, rest, _ := strings.Cut(arn, ":policy")
	i := strings.LastIndexByte(rest, '/')
	return rest[:i+1], rest[i+1:]
}

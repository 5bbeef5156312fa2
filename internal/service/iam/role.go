package iam

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

type role struct {
	Name, ID, Path, ARN, Description, Trust, Boundary string
	Created                                           time.Time
	MaxSession                                        int32             // seconds
	Inline                                            map[string]string // policy name -> document
	Attached                                          []string          // policy ARNs in the order of attachment
}

// usualSession is a role's longest session unless it says otherwise, in seconds.
const usualSession = 3600

func (s *Service) role(tx *meta.Tx, name *string) (role, error) {
	r, found, err := s.roles.Get(tx, strings.ToLower(aws.ToString(name)))
	if err == nil && !found {
		err = noSuch("The role with name %s cannot be found.", aws.ToString(name))
	}
	return r, err
}

func (s *Service) saveRole(tx *meta.Tx, r *role) error {
	return s.roles.Put(tx, strings.ToLower(r.Name), *r)
}

// viewRole reads a role; editRole changes it.
func (s *Service) viewRole(ctx context.Context, name *string) (r role, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		r, err = s.role(tx, name)
		return err
	})
	return r, err
}

func (s *Service) editRole(ctx context.Context, name *string, edit func(*meta.Tx, *role) error) error {
	return s.Meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := s.role(tx, name)
		if err != nil {
			return err
		}
		if err := edit(tx, &r); err != nil {
			return err
		}
		return s.saveRole(tx, &r)
	})
}

// Lookup returns what another service needs to know of a role: its ARN, its unique id and its longest session.
func (s *Service) Lookup(ctx context.Context, name string) (arn, uniqueID string, longest time.Duration, err error) {
	r, err := s.viewRole(ctx, &name)
	return r.ARN, r.ID, time.Duration(r.MaxSession) * time.Second, err
}

// sdk writes a role as IAM's answers have it, without its tags, as in a list.
func (r *role) sdk() types.Role {
	out := types.Role{RoleName: aws.String(r.Name), RoleId: aws.String(r.ID), Path: aws.String(r.Path), Arn: aws.String(r.ARN),
		CreateDate: aws.Time(r.Created), AssumeRolePolicyDocument: escape(r.Trust), MaxSessionDuration: aws.Int32(r.MaxSession)}
	if r.Description != "" {
		out.Description = aws.String(r.Description)
	}
	if r.Boundary != "" {
		out.PermissionsBoundary = &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String(r.Boundary),
			PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy}
	}
	return out
}

// CreateRole makes a role.
func (s *Service) CreateRole(ctx context.Context, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	if err := checkDocument(aws.ToString(in.AssumeRolePolicyDocument), true); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	tags, err := roleTags(in.Tags)
	if err != nil {
		return nil, err
	}
	r := role{Name: aws.ToString(in.RoleName), ID: "AROA" + id.Upper(17), Path: path, Description: aws.ToString(in.Description),
		Trust: *in.AssumeRolePolicyDocument, Boundary: aws.ToString(in.PermissionsBoundary), Created: s.Clock.Now().Truncate(time.Second),
		MaxSession: usualSession, Inline: map[string]string{}}
	r.ARN = fmt.Sprintf("arn:aws:iam::%s:role%s%s", s.Account, path, r.Name)
	if in.MaxSessionDuration != nil {
		r.MaxSession = *in.MaxSessionDuration
	}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := s.role(tx, in.RoleName); err == nil {
			return exists("Role with name %s already exists.", r.Name)
		}
		if err := addTags(tx, r.ARN, tags); err != nil {
			return err
		}
		return s.saveRole(tx, &r)
	})
	out := r.sdk()
	out.Tags = sdkTags(tags)
	return &iam.CreateRoleOutput{Role: &out}, err
}

// GetRole answers a role.
func (s *Service) GetRole(ctx context.Context, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	out := &iam.GetRoleOutput{}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		r, err := s.role(tx, in.RoleName)
		if err != nil {
			return err
		}
		shown := r.sdk()
		out.Role = &shown
		tags, err := tag.Of(tx, r.ARN)
		shown.Tags = sdkTags(tags)
		return err
	})
	return out, err
}

// DeleteRole removes a role that has no policies.
func (s *Service) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := s.role(tx, in.RoleName)
		switch {
		case err != nil:
			return err
		case len(r.Attached) > 0:
			return conflict("Cannot delete entity, must detach all policies first.")
		case len(r.Inline) > 0:
			return conflict("Cannot delete entity, must delete policies first.")
		}
		if _, err := s.roles.Delete(tx, strings.ToLower(r.Name)); err != nil {
			return err
		}
		return tag.Drop(tx, r.ARN)
	})
	return &iam.DeleteRoleOutput{}, err
}

// ListRoles lists roles by name.
func (s *Service) ListRoles(ctx context.Context, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	p, err := newPage(in.Marker, in.MaxItems, "role names", aws.ToString(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	out := &iam.ListRolesOutput{Roles: []types.Role{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		return s.roles.Walk(tx, "", p.After, func(key string, r role) (more bool, err error) {
			if !strings.HasPrefix(r.Path, aws.ToString(in.PathPrefix)) {
				return true, nil
			}
			if !p.Take(key) {
				return false, nil
			}
			out.Roles = append(out.Roles, r.sdk())
			return true, nil
		})
	})
	out.IsTruncated, out.Marker = p.More(), p.Next()
	return out, err
}

// UpdateRole changes a role's description and longest session; what is absent goes back to its default, as on AWS.
func (s *Service) UpdateRole(ctx context.Context, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
	err := s.editRole(ctx, in.RoleName, func(_ *meta.Tx, r *role) error {
		r.Description, r.MaxSession = aws.ToString(in.Description), usualSession
		if in.MaxSessionDuration != nil {
			r.MaxSession = *in.MaxSessionDuration
		}
		return nil
	})
	return &iam.UpdateRoleOutput{}, err
}

// UpdateAssumeRolePolicy replaces a role's trust policy.
func (s *Service) UpdateAssumeRolePolicy(
	ctx context.Context, in *iam.UpdateAssumeRolePolicyInput,
) (*iam.UpdateAssumeRolePolicyOutput, error) {
	if err := checkDocument(aws.ToString(in.PolicyDocument), true); err != nil {
		return nil, err
	}
	err := s.editRole(ctx, in.RoleName, func(_ *meta.Tx, r *role) error {
		r.Trust = *in.PolicyDocument
		return nil
	})
	return &iam.UpdateAssumeRolePolicyOutput{}, err
}

// ListInstanceProfilesForRole answers none: they are not served.
func (s *Service) ListInstanceProfilesForRole(
	ctx context.Context, in *iam.ListInstanceProfilesForRoleInput,
) (*iam.ListInstanceProfilesForRoleOutput, error) {
	_, err := s.viewRole(ctx, in.RoleName)
	return &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []types.InstanceProfile{}}, err
}

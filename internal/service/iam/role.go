package iam

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"penstock/internal/id"
	"penstock/internal/meta"
)

type role struct {
	Name, ID, Path, ARN, Description, Trust, Boundary string
	Created                                           time.Time
	MaxSession                                        int32 // seconds
	Tags                                              map[string]string
	Inline                                            map[string]string // policy name -> document
	Attached                                          []string          // policy ARNs in the order of attachment
}

// usualSession is a role's longest session unless it says otherwise, in seconds.
const usualSession = 3600

func roleTx(tx *meta.Tx, name *string) (r role, err error) {
	var doc string
	err = tx.QueryRow(`SELECT doc FROM iam_roles WHERE name = ?`, aws.ToString(name)).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return r, noSuch("The role with name %s cannot be found.", aws.ToString(name))
	}
	if err != nil {
		return r, err
	}
	return r, unmarshal(doc, &r)
}

func saveRole(tx *meta.Tx, r role) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode role: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO iam_roles (name, doc) VALUES (?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc`, r.Name, string(doc))
	return err
}

// viewRole reads a role; editRole changes it.
func (s *Service) viewRole(ctx context.Context, name *string) (r role, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		r, err = roleTx(tx, name)
		return err
	})
	return r, err
}

func (s *Service) editRole(ctx context.Context, name *string, edit func(*meta.Tx, *role) error) error {
	return s.Meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := roleTx(tx, name)
		if err != nil {
			return err
		}
		if err := edit(tx, &r); err != nil {
			return err
		}
		return saveRole(tx, r)
	})
}

// Lookup returns what another service needs to know of a role: its ARN, its unique id and its longest session.
func (s *Service) Lookup(ctx context.Context, name string) (arn, uniqueID string, longest time.Duration, err error) {
	r, err := s.viewRole(ctx, &name)
	return r.ARN, r.ID, time.Duration(r.MaxSession) * time.Second, err
}

func (r *role) sdk() types.Role {
	out := types.Role{RoleName: aws.String(r.Name), RoleId: aws.String(r.ID), Path: aws.String(r.Path), Arn: aws.String(r.ARN), CreateDate: aws.Time(r.Created),
		AssumeRolePolicyDocument: escape(r.Trust), MaxSessionDuration: aws.Int32(r.MaxSession), Tags: sdkTags(r.Tags)}
	if r.Description != "" {
		out.Description = aws.String(r.Description)
	}
	if r.Boundary != "" {
		out.PermissionsBoundary = &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String(r.Boundary), PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy}
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
	r := role{Name: aws.ToString(in.RoleName), ID: "AROA" + id.Upper(17), Path: path, Description: aws.ToString(in.Description), Trust: *in.AssumeRolePolicyDocument,
		Boundary: aws.ToString(in.PermissionsBoundary), Created: s.Clock.Now().Truncate(time.Second), MaxSession: usualSession, Tags: tagMap(in.Tags), Inline: map[string]string{}}
	r.ARN = fmt.Sprintf("arn:aws:iam::%s:role%s%s", s.Account, path, r.Name)
	if in.MaxSessionDuration != nil {
		r.MaxSession = *in.MaxSessionDuration
	}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := roleTx(tx, in.RoleName); err == nil {
			return exists("Role with name %s already exists.", r.Name)
		}
		return saveRole(tx, r)
	})
	out := r.sdk()
	return &iam.CreateRoleOutput{Role: &out}, err
}

// GetRole answers a role.
func (s *Service) GetRole(ctx context.Context, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	r, err := s.viewRole(ctx, in.RoleName)
	out := r.sdk()
	return &iam.GetRoleOutput{Role: &out}, err
}

// DeleteRole removes a role that has no policies.
func (s *Service) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := roleTx(tx, in.RoleName)
		switch {
		case err != nil:
			return err
		case len(r.Attached) > 0:
			return conflict("Cannot delete entity, must detach all policies first.")
		case len(r.Inline) > 0:
			return conflict("Cannot delete entity, must delete policies first.")
		}
		_, err = tx.Exec(`DELETE FROM iam_roles WHERE name = ?`, *in.RoleName)
		return err
	})
	return &iam.DeleteRoleOutput{}, err
}

// ListRoles lists roles by name.
func (s *Service) ListRoles(ctx context.Context, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	p, err := newPage(in.Marker, in.MaxItems, "roles", aws.ToString(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	out := &iam.ListRolesOutput{Roles: []types.Role{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT doc FROM iam_roles WHERE name > ?1 AND substr(json_extract(doc, '$.Path'), 1, length(?2)) = ?2 ORDER BY name LIMIT ?3`,
			p.After, aws.ToString(in.PathPrefix), p.Ask())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var doc string
			var r role
			if err := rows.Scan(&doc); err != nil {
				return err
			}
			if err := unmarshal(doc, &r); err != nil {
				return err
			}
			if !p.Take(r.Name) {
				break
			}
			shown := r.sdk()
			shown.Tags = nil // as on AWS, a list has none
			out.Roles = append(out.Roles, shown)
		}
		return rows.Err()
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
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
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
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	_, err := s.viewRole(ctx, in.RoleName)
	return &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []types.InstanceProfile{}}, err
}

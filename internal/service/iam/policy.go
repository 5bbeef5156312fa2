package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

type policy struct {
	Name, ID, Path, ARN, Description string
	Created, Updated                 time.Time
	Versions                         []version // oldest first
	Default                          string
	Next                             int // number of the next version
}

type version struct {
	ID, Document string
	Created      time.Time
}

// policy finds a policy by its ARN.
func (s *Service) policy(tx *meta.Tx, arn *string) (policy, error) {
	want := aws.ToString(arn)
	p, found, err := s.policies.Get(tx, strings.ToLower(want[strings.LastIndexByte(want, '/')+1:]))
	switch {
	case err != nil || found && p.ARN == want:
		return p, err
	case managed(want):
		return policy{}, noSuch("Policy %s is kept by AWS; Penstock does not hold its document.", want)
	}
	return policy{}, noSuch("Policy %s does not exist or is not attachable.", want)
}

func (s *Service) savePolicy(tx *meta.Tx, p *policy) error {
	return s.policies.Put(tx, strings.ToLower(p.Name), *p)
}

func (s *Service) editPolicy(ctx context.Context, arn *string, edit func(*meta.Tx, *policy) error) error {
	return s.Meta.Update(ctx, func(tx *meta.Tx) error {
		p, err := s.policy(tx, arn)
		if err != nil {
			return err
		}
		if err := edit(tx, &p); err != nil {
			return err
		}
		p.Updated = s.Clock.Now().Truncate(time.Second)
		return s.savePolicy(tx, &p)
	})
}

// attachments counts for each policy the roles that it is attached to.
func (s *Service) attachments(tx *meta.Tx) (map[string]int32, error) {
	out := map[string]int32{}
	err := s.roles.Walk(tx, "", "", func(_ string, r role) (bool, error) {
		for _, arn := range r.Attached {
			out[arn]++
		}
		return true, nil
	})
	return out, err
}

// sdk writes a policy as IAM's answers have it, without its tags, as in a list.
func (p *policy) sdk(attached int32) types.Policy {
	out := types.Policy{PolicyName: aws.String(p.Name), PolicyId: aws.String(p.ID), Path: aws.String(p.Path), Arn: aws.String(p.ARN),
		CreateDate: aws.Time(p.Created), UpdateDate: aws.Time(p.Updated), DefaultVersionId: aws.String(p.Default),
		AttachmentCount: aws.Int32(attached), IsAttachable: true, PermissionsBoundaryUsageCount: aws.Int32(0)}
	if p.Description != "" {
		out.Description = aws.String(p.Description)
	}
	return out
}

// CreatePolicy makes a managed policy with its version v1.
func (s *Service) CreatePolicy(ctx context.Context, in *iam.CreatePolicyInput) (*iam.CreatePolicyOutput, error) {
	if err := checkDocument(aws.ToString(in.PolicyDocument), false); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	tags, err := policyTags(in.Tags)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now().Truncate(time.Second)
	p := policy{Name: aws.ToString(in.PolicyName), ID: "ANPA" + id.Upper(17), Path: path, Description: aws.ToString(in.Description),
		Created: now, Updated: now, Versions: []version{{"v1", *in.PolicyDocument, now}}, Default: "v1", Next: 2}
	p.ARN = fmt.Sprintf("arn:aws:iam::%s:policy%s%s", s.Account, path, p.Name)
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, found, err := s.policies.Get(tx, strings.ToLower(p.Name)); err != nil {
			return err
		} else if found {
			return exists("A policy called %s already exists. Duplicate names are not allowed.", p.Name)
		}
		if err := addTags(tx, p.ARN, tags); err != nil {
			return err
		}
		return s.savePolicy(tx, &p)
	})
	out := p.sdk(0)
	out.Tags = sdkTags(tags)
	return &iam.CreatePolicyOutput{Policy: &out}, err
}

// GetPolicy answers a managed policy.
func (s *Service) GetPolicy(ctx context.Context, in *iam.GetPolicyInput) (*iam.GetPolicyOutput, error) {
	var out types.Policy
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		p, err := s.policy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		attached, err := s.attachments(tx)
		if err != nil {
			return err
		}
		out = p.sdk(attached[p.ARN])
		tags, err := tag.Of(tx, p.ARN)
		out.Tags = sdkTags(tags)
		return err
	})
	return &iam.GetPolicyOutput{Policy: &out}, err
}

// DeletePolicy removes a policy that is attached to nothing and has no version but the default one.
func (s *Service) DeletePolicy(ctx context.Context, in *iam.DeletePolicyInput) (*iam.DeletePolicyOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		p, err := s.policy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		attached, err := s.attachments(tx)
		switch {
		case err != nil:
			return err
		case attached[p.ARN] > 0:
			return conflict("Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return conflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. " +
				"The default version is deleted with the policy.")
		}
		if _, err := s.policies.Delete(tx, strings.ToLower(p.Name)); err != nil {
			return err
		}
		return tag.Drop(tx, p.ARN)
	})
	return &iam.DeletePolicyOutput{}, err
}

// ListPolicies lists managed policies by name. Those that AWS keeps are not among them.
func (s *Service) ListPolicies(ctx context.Context, in *iam.ListPoliciesInput) (*iam.ListPoliciesOutput, error) {
	p, err := newPage(in.Marker, in.MaxItems, "policy names", aws.ToString(in.PathPrefix), fmt.Sprint(in.OnlyAttached))
	if err != nil {
		return nil, err
	}
	out := &iam.ListPoliciesOutput{Policies: []types.Policy{}}
	if in.Scope == types.PolicyScopeTypeAws {
		return nil, invalid("Penstock does not hold the policies that AWS keeps: the Scope AWS is not supported yet")
	}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		attached, err := s.attachments(tx)
		if err != nil {
			return err
		}
		return s.policies.Walk(tx, "", p.After, func(key string, x policy) (more bool, err error) {
			if !strings.HasPrefix(x.Path, aws.ToString(in.PathPrefix)) || in.OnlyAttached && attached[x.ARN] == 0 {
				return true, nil
			}
			if !p.Take(key) {
				return false, nil
			}
			out.Policies = append(out.Policies, x.sdk(attached[x.ARN]))
			return true, nil
		})
	})
	out.IsTruncated, out.Marker = p.More(), p.Next()
	return out, err
}

// maxVersions is how many versions a policy may have.
const maxVersions = 5

// CreatePolicyVersion adds a version and, if asked, makes it the default.
func (s *Service) CreatePolicyVersion(ctx context.Context, in *iam.CreatePolicyVersionInput) (*iam.CreatePolicyVersionOutput, error) {
	if err := checkDocument(aws.ToString(in.PolicyDocument), false); err != nil {
		return nil, err
	}
	v := version{Document: *in.PolicyDocument, Created: s.Clock.Now().Truncate(time.Second)}
	err := s.editPolicy(ctx, in.PolicyArn, func(_ *meta.Tx, p *policy) error {
		if len(p.Versions) == maxVersions {
			return limit("A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
		}
		v.ID = fmt.Sprintf("v%d", p.Next)
		p.Next++
		p.Versions = append(p.Versions, v)
		if in.SetAsDefault {
			p.Default = v.ID
		}
		return nil
	})
	made := &types.PolicyVersion{VersionId: aws.String(v.ID), IsDefaultVersion: in.SetAsDefault, CreateDate: aws.Time(v.Created)}
	return &iam.CreatePolicyVersionOutput{PolicyVersion: made}, err
}

func (p *policy) version(id *string) (int, error) {
	i := slices.IndexFunc(p.Versions, func(v version) bool { return v.ID == aws.ToString(id) })
	if i < 0 {
		return 0, noSuch("Policy %s version %s does not exist or is not attachable.", p.ARN, aws.ToString(id))
	}
	return i, nil
}

// GetPolicyVersion answers a version with its document.
func (s *Service) GetPolicyVersion(ctx context.Context, in *iam.GetPolicyVersionInput) (*iam.GetPolicyVersionOutput, error) {
	out := &iam.GetPolicyVersionOutput{}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		p, err := s.policy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		i, err := p.version(in.VersionId)
		if err != nil {
			return err
		}
		v := p.Versions[i]
		out.PolicyVersion = &types.PolicyVersion{VersionId: aws.String(v.ID), Document: escape(v.Document), IsDefaultVersion: v.ID == p.Default,
			CreateDate: aws.Time(v.Created)}
		return nil
	})
	return out, err
}

// ListPolicyVersions lists versions, newest first.
func (s *Service) ListPolicyVersions(ctx context.Context, in *iam.ListPolicyVersionsInput) (*iam.ListPolicyVersionsOutput, error) {
	pg, err := newPage(in.Marker, in.MaxItems, "versions", aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	out := &iam.ListPolicyVersionsOutput{Versions: []types.PolicyVersion{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		p, err := s.policy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		skipping := pg.After != ""
		for _, v := range slices.Backward(p.Versions) {
			if skipping {
				skipping = v.ID != pg.After
				continue
			}
			if !pg.Take(v.ID) {
				break
			}
			out.Versions = append(out.Versions, types.PolicyVersion{VersionId: aws.String(v.ID), IsDefaultVersion: v.ID == p.Default,
				CreateDate: aws.Time(v.Created)})
		}
		return nil
	})
	out.IsTruncated, out.Marker = pg.More(), pg.Next()
	return out, err
}

// DeletePolicyVersion removes a version that is not the default.
func (s *Service) DeletePolicyVersion(ctx context.Context, in *iam.DeletePolicyVersionInput) (*iam.DeletePolicyVersionOutput, error) {
	err := s.editPolicy(ctx, in.PolicyArn, func(_ *meta.Tx, p *policy) error {
		i, err := p.version(in.VersionId)
		if err != nil {
			return err
		}
		if p.Versions[i].ID == p.Default {
			return conflict("Cannot delete the default version of a policy.")
		}
		p.Versions = slices.Delete(p.Versions, i, i+1)
		return nil
	})
	return &iam.DeletePolicyVersionOutput{}, err
}

// SetDefaultPolicyVersion chooses the version that counts.
func (s *Service) SetDefaultPolicyVersion(
	ctx context.Context, in *iam.SetDefaultPolicyVersionInput,
) (*iam.SetDefaultPolicyVersionOutput, error) {
	err := s.editPolicy(ctx, in.PolicyArn, func(_ *meta.Tx, p *policy) error {
		_, err := p.version(in.VersionId)
		p.Default = aws.ToString(in.VersionId)
		return err
	})
	return &iam.SetDefaultPolicyVersionOutput{}, err
}

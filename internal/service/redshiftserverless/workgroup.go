package redshiftserverless

import (
	"context"
	"errors"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/warehouse"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
)

// CreateWorkgroup makes a workgroup: its endpoint takes connections at once.
func (s *Service) CreateWorkgroup(ctx context.Context, in *sdk.CreateWorkgroupInput) (*sdk.CreateWorkgroupOutput, error) {
	name := aws.ToString(in.WorkgroupName)
	if err := checkName("workgroup", name); err != nil {
		return nil, err
	}
	if p := aws.ToInt32(in.Port); in.Port != nil && (p < 5431 || p > 5455) && (p < 8191 || p > 8215) {
		return nil, api.Errorf(validation, "The port %d is not valid. Valid values are 5431-5455 and 8191-8215.", p)
	}
	g := warehouse.Workgroup{Name: name, Namespace: aws.ToString(in.NamespaceName), Port: int(aws.ToInt32(in.Port)), BaseCapacity: 128,
		Tags: tagMap(in.Tags)}
	settings{in.BaseCapacity, in.MaxCapacity, in.ConfigParameters, in.EnhancedVpcRouting, in.PubliclyAccessible, in.SecurityGroupIds,
		in.SubnetIds, in.TrackName}.store(&g)
	out, err := s.w.CreateWorkgroup(ctx, g)
	if err != nil {
		what := name
		if errors.Is(err, warehouse.ErrNoNamespace) || errors.Is(err, warehouse.ErrNamespaceInUse) {
			what = g.Namespace
		}
		return nil, mapped(err, what)
	}
	return &sdk.CreateWorkgroupOutput{Workgroup: s.workgroupOut(out, types.WorkgroupStatusAvailable)}, nil
}

// settings are what is only stored of a workgroup; nil leaves it as it is.
type settings struct {
	base, most      *int32
	params          []types.ConfigParameter
	routing, public *bool
	groups, subnets []string
	track           *string
}

func (s settings) store(g *warehouse.Workgroup) {
	if s.base != nil {
		g.BaseCapacity = *s.base
	}
	if s.most != nil {
		g.MaxCapacity = *s.most
	}
	if s.params != nil {
		g.Parameters = nil
		for _, p := range s.params {
			g.Parameters = append(g.Parameters, warehouse.Parameter{Key: aws.ToString(p.ParameterKey), Value: aws.ToString(p.ParameterValue)})
		}
	}
	if s.routing != nil {
		g.EnhancedVPCRouting = *s.routing
	}
	if s.public != nil {
		g.PubliclyAccessible = *s.public
	}
	if s.groups != nil {
		g.SecurityGroups = s.groups
	}
	if s.subnets != nil {
		g.Subnets = s.subnets
	}
	if s.track != nil {
		g.TrackName = *s.track
	}
}

func (s *Service) workgroupOut(g *warehouse.Workgroup, status types.WorkgroupStatus) *types.Workgroup {
	port := int32(g.Port)
	out := &types.Workgroup{WorkgroupName: &g.Name, WorkgroupId: &g.ID, WorkgroupArn: &g.ARN, NamespaceName: &g.Namespace,
		BaseCapacity: &g.BaseCapacity, CreationDate: &g.Created, EnhancedVpcRouting: &g.EnhancedVPCRouting,
		PubliclyAccessible: &g.PubliclyAccessible, SecurityGroupIds: some(g.SecurityGroups), SubnetIds: some(g.Subnets), Port: &port,
		Status: status, ConfigParameters: []types.ConfigParameter{},
		Endpoint: &types.Endpoint{Address: aws.String(s.w.Host()), Port: &port, VpcEndpoints: []types.VpcEndpoint{}}}
	if g.MaxCapacity != 0 {
		out.MaxCapacity = &g.MaxCapacity
	}
	if g.TrackName != "" {
		out.TrackName = &g.TrackName
	}
	for i := range g.Parameters {
		p := &g.Parameters[i]
		out.ConfigParameters = append(out.ConfigParameters, types.ConfigParameter{ParameterKey: &p.Key, ParameterValue: &p.Value})
	}
	return out
}

func some(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// GetWorkgroup describes a workgroup.
func (s *Service) GetWorkgroup(ctx context.Context, in *sdk.GetWorkgroupInput) (*sdk.GetWorkgroupOutput, error) {
	g, err := s.w.Workgroup(ctx, aws.ToString(in.WorkgroupName))
	if err != nil {
		return nil, mapped(err, aws.ToString(in.WorkgroupName))
	}
	return &sdk.GetWorkgroupOutput{Workgroup: s.workgroupOut(g, types.WorkgroupStatusAvailable)}, nil
}

// ListWorkgroups lists workgroups by name.
func (s *Service) ListWorkgroups(ctx context.Context, in *sdk.ListWorkgroupsInput) (*sdk.ListWorkgroupsOutput, error) {
	p, err := s.pageOf(in.NextToken, in.MaxResults, "workgroups")
	if err != nil {
		return nil, err
	}
	found, err := s.w.Workgroups(ctx, p.After, p.Ask())
	if err != nil {
		return nil, mapped(err, "")
	}
	out := &sdk.ListWorkgroupsOutput{Workgroups: []types.Workgroup{}}
	found = page.Cut(p, found, func(g warehouse.Workgroup) string { return g.Name })
	out.NextToken = p.Next()
	for i := range found {
		out.Workgroups = append(out.Workgroups, *s.workgroupOut(&found[i], types.WorkgroupStatusAvailable))
	}
	return out, nil
}

// UpdateWorkgroup changes what is stored of a workgroup.
func (s *Service) UpdateWorkgroup(ctx context.Context, in *sdk.UpdateWorkgroupInput) (*sdk.UpdateWorkgroupOutput, error) {
	g, err := s.w.ChangeWorkgroup(ctx, aws.ToString(in.WorkgroupName), func(g *warehouse.Workgroup) {
		settings{in.BaseCapacity, in.MaxCapacity, in.ConfigParameters, in.EnhancedVpcRouting, in.PubliclyAccessible, in.SecurityGroupIds,
			in.SubnetIds, in.TrackName}.store(g)
	})
	if err != nil {
		return nil, mapped(err, aws.ToString(in.WorkgroupName))
	}
	return &sdk.UpdateWorkgroupOutput{Workgroup: s.workgroupOut(g, types.WorkgroupStatusAvailable)}, nil
}

// DeleteWorkgroup ends a workgroup; the namespace keeps the data.
func (s *Service) DeleteWorkgroup(ctx context.Context, in *sdk.DeleteWorkgroupInput) (*sdk.DeleteWorkgroupOutput, error) {
	g, err := s.w.DeleteWorkgroup(ctx, aws.ToString(in.WorkgroupName))
	if err != nil {
		return nil, mapped(err, aws.ToString(in.WorkgroupName))
	}
	return &sdk.DeleteWorkgroupOutput{Workgroup: s.workgroupOut(g, types.WorkgroupStatusDeleting)}, nil
}

// GetCredentials makes a temporary user and password for the caller.
func (s *Service) GetCredentials(ctx context.Context, in *sdk.GetCredentialsInput) (*sdk.GetCredentialsOutput, error) {
	if in.WorkgroupName == nil {
		return nil, api.Errorf(validation, "WorkgroupName is required.")
	}
	seconds := aws.ToInt32(in.DurationSeconds)
	if in.DurationSeconds == nil {
		seconds = 900
	}
	if seconds < 900 || seconds > 3600 {
		return nil, api.Errorf(validation, "DurationSeconds must be between 900 and 3600, not %d.", seconds)
	}
	user := dbUser(ctx)
	password, expires, err := s.w.Credentials(ctx, *in.WorkgroupName, user, time.Duration(seconds)*time.Second)
	if err != nil {
		return nil, mapped(err, *in.WorkgroupName)
	}
	return &sdk.GetCredentialsOutput{DbUser: &user, DbPassword: &password, Expiration: &expires, NextRefreshTime: &expires}, nil
}

// dbUser is the database user of a caller: IAM:name of a user, IAMR:name of a role.
func dbUser(ctx context.Context) string {
	p, _ := api.PrincipalOf(ctx)
	a, err := arn.Parse(p.ARN)
	if err != nil {
		return "IAM:unknown"
	}
	if rest, ok := a.ResourceAfter("assumed-role/"); ok {
		role, _, _ := strings.Cut(rest, "/")
		return "IAMR:" + role
	}
	return "IAM:" + a.Resource[strings.LastIndex(a.Resource, "/")+1:]
}

func (s *Service) pageOf(next *string, most *int32, list string) (*page.Page, error) {
	return page.Read(next, page.Size(most, 100, 100), mapped(meta.ErrToken, ""), s.w.Region(), list)
}

func lower(s *string) string { return strings.ToLower(aws.ToString(s)) }

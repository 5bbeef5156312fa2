package logs

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"penstock/internal/api"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/meta/tag"
	"penstock/internal/pattern"
)

// groupPattern is AWS's constraint on names: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html.
var groupPattern = pattern.Lazy(`^[\.\-_/#A-Za-z0-9]{1,512}$`)

// retentions are the values that AWS allows.
var retentions = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// CreateLogGroup makes a group.
func (s *Service) CreateLogGroup(ctx context.Context,
	in *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	name := aws.ToString(in.LogGroupName)
	if !groupPattern().MatchString(name) {
		return nil, api.Errorf(invalidParameter, "1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+", name)
	}
	if in.LogGroupClass != "" && in.LogGroupClass != types.LogGroupClassStandard {
		return nil, api.Errorf(invalidParameter, "Penstock does not support the log group class %s yet", in.LogGroupClass)
	}
	return &cloudwatchlogs.CreateLogGroupOutput{}, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.store.CreateGroupTx(tx, name); err != nil {
			return mapped(err)
		}
		return addTags(tx, s.groupARN(name), in.Tags, invalidParameter)
	})
}

// DeleteLogGroup removes a group with all that it holds.
func (s *Service) DeleteLogGroup(ctx context.Context,
	in *cloudwatchlogs.DeleteLogGroupInput) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	name := aws.ToString(in.LogGroupName)
	return &cloudwatchlogs.DeleteLogGroupOutput{}, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.store.DeleteGroupTx(tx, name); err != nil {
			return mapped(err)
		}
		return tag.Drop(tx, s.groupARN(name))
	})
}

// PutRetentionPolicy sets for how many days a group keeps its events.
func (s *Service) PutRetentionPolicy(ctx context.Context,
	in *cloudwatchlogs.PutRetentionPolicyInput) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	days := aws.ToInt32(in.RetentionInDays)
	if !slices.Contains(retentions, days) {
		return nil, api.Errorf(invalidParameter, "1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, "+
			"2557, 2922, 3288, 3653]", days)
	}
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, mapped(s.store.SetRetention(ctx, aws.ToString(in.LogGroupName), int(days)))
}

// DeleteRetentionPolicy makes a group keep its events for ever.
func (s *Service) DeleteRetentionPolicy(ctx context.Context,
	in *cloudwatchlogs.DeleteRetentionPolicyInput) (*cloudwatchlogs.DeleteRetentionPolicyOutput, error) {
	return &cloudwatchlogs.DeleteRetentionPolicyOutput{}, mapped(s.store.SetRetention(ctx, aws.ToString(in.LogGroupName), 0))
}

// DescribeLogGroups lists groups in name order.
func (s *Service) DescribeLogGroups(ctx context.Context,
	in *cloudwatchlogs.DescribeLogGroupsInput) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	prefix, part := aws.ToString(in.LogGroupNamePrefix), aws.ToString(in.LogGroupNamePattern)
	if prefix != "" && part != "" {
		return nil, api.Errorf(invalidParameter, "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	p, err := s.readPage(in.NextToken, limitOf(in.Limit, 50), "groups", prefix, part)
	if err != nil {
		return nil, err
	}
	groups, err := s.store.Groups(ctx, prefix, part, p.After, p.Ask())
	if err != nil {
		return nil, mapped(err)
	}
	out := &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: []types.LogGroup{}}
	for _, g := range page.Cut(p, groups, func(g logstore.Group) string { return g.Name }) {
		out.LogGroups = append(out.LogGroups, s.group(g))
	}
	out.NextToken = p.Next()
	return out, nil
}

func (s *Service) group(g logstore.Group) types.LogGroup {
	out := types.LogGroup{
		Arn: aws.String(s.groupARN(g.Name) + ":*"), LogGroupArn: aws.String(s.groupARN(g.Name)), LogGroupName: aws.String(g.Name),
		CreationTime: aws.Int64(g.Created.UnixMilli()), StoredBytes: aws.Int64(g.Bytes), MetricFilterCount: aws.Int32(0),
		LogGroupClass: types.LogGroupClassStandard,
	}
	if g.Retention > 0 {
		out.RetentionInDays = aws.Int32(int32(g.Retention))
	}
	return out
}

// readPage begins a page whose token is the request's NextToken.
func (s *Service) readPage(token *string, limit int, filter ...string) (*page.Page, error) {
	return page.Read(token, limit, mapped(logstore.ErrBadToken), s.Region, filter...)
}

func limitOf(n *int32, usual int) int {
	if n == nil || *n <= 0 {
		return usual
	}
	return int(*n)
}

package cloudformation

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

const pageSize = 100

// readPage begins a page of a list.
func (s *Service) readPage(token *string, filter ...string) (*page.Page, error) {
	return page.Read(token, pageSize, invalid("NextToken is invalid."), s.Region, filter...)
}

// sequence reads documents of a table in the order of their numbers, newest first, a page at a time. where takes the arguments ?1 on;
// the last two arguments of the query are the number to begin before, and how many.
func (s *Service) sequence(tx *meta.Tx, query string, token *string, hash string, read func(doc string) error, args ...any,
) (next *string, err error) {
	p, err := s.readPage(token, hash)
	if err != nil {
		return nil, err
	}
	before, err := p.Number(1 << 62)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(query, append(args, before, p.Ask())...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var doc string
		if err := rows.Scan(&seq, &doc); err != nil {
			return nil, err
		}
		if !p.TakeNumber(seq) {
			break
		}
		if err := read(doc); err != nil {
			return nil, err
		}
	}
	return p.Next(), rows.Err()
}

// DescribeStacks answers one stack, also a deleted one by its ARN, or all that exist.
func (s *Service) DescribeStacks(
	ctx context.Context, in *cloudformation.DescribeStacksInput,
) (*cloudformation.DescribeStacksOutput, error) {
	out := &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{}}
	if in.StackName != nil {
		st, err := s.stack(ctx, *in.StackName)
		if err != nil {
			return nil, err
		}
		out.Stacks = append(out.Stacks, s.sdkStack(&st))
		return out, nil
	}
	var all []record
	err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		const query = `SELECT seq, doc FROM cfn_stacks WHERE region = ?1 AND live = 1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3`
		out.NextToken, err = s.sequence(tx, query, in.NextToken, "stacks", func(doc string) error {
			var st record
			all = append(all, st)
			return unmarshal(doc, &all[len(all)-1])
		}, s.Region)
		return err
	})
	for i := range all {
		out.Stacks = append(out.Stacks, s.sdkStack(&all[i]))
	}
	return out, err
}

func (s *Service) sdkStack(st *record) types.Stack {
	t := st.Current.parsed()
	out := types.Stack{
		StackId: aws.String(st.ID), StackName: aws.String(st.Name), StackStatus: types.StackStatus(st.Status), StackStatusReason: text(st.Reason),
		CreationTime: aws.Time(st.Created), LastUpdatedTime: stamp(st.Updated), DeletionTime: stamp(st.Deleted),
		DisableRollback: aws.Bool(st.DisableRollback), EnableTerminationProtection: aws.Bool(st.Protected), RoleARN: text(st.RoleARN),
		TimeoutInMinutes: minutes(st.Timeout), ChangeSetId: text(st.ChangeSet), Parameters: st.Current.shown(t), Tags: sdkTags(st.Current.Tags),
		Description: text(t.Description), NotificationARNs: []string{}, RollbackConfiguration: &types.RollbackConfiguration{},
		DriftInformation: &types.StackDriftInformation{StackDriftStatus: types.StackDriftStatusNotChecked},
	}
	for _, v := range st.Capabilities {
		out.Capabilities = append(out.Capabilities, types.Capability(v))
	}
	for _, o := range st.Outputs {
		out.Outputs = append(out.Outputs, types.Output{OutputKey: aws.String(o.Key), OutputValue: aws.String(o.Value),
			Description: text(o.Description), ExportName: text(o.Export)})
	}
	return out
}

func minutes(n int32) *int32 {
	if n == 0 {
		return nil
	}
	return &n
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func sdkTags(tags map[string]string) []types.Tag {
	out := []types.Tag{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return out
}

// ListStacks lists all stacks, also deleted ones.
func (s *Service) ListStacks(ctx context.Context, in *cloudformation.ListStacksInput) (*cloudformation.ListStacksOutput, error) {
	out := &cloudformation.ListStacksOutput{StackSummaries: []types.StackSummary{}}
	err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		const query = `SELECT seq, doc FROM cfn_stacks WHERE region = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3`
		out.NextToken, err = s.sequence(tx, query, in.NextToken, "list", func(doc string) error {
			var st record
			if err := unmarshal(doc, &st); err != nil {
				return err
			}
			if len(in.StackStatusFilter) > 0 && !slices.Contains(in.StackStatusFilter, types.StackStatus(st.Status)) {
				return nil
			}
			out.StackSummaries = append(out.StackSummaries, types.StackSummary{StackId: aws.String(st.ID), StackName: aws.String(st.Name),
				StackStatus: types.StackStatus(st.Status), StackStatusReason: text(st.Reason), CreationTime: aws.Time(st.Created),
				LastUpdatedTime: stamp(st.Updated), DeletionTime: stamp(st.Deleted), TemplateDescription: text(st.Current.parsed().Description),
				DriftInformation: &types.StackDriftInformationSummary{StackDriftStatus: types.StackDriftStatusNotChecked}})
			return nil
		}, s.Region)
		return err
	})
	return out, err
}

// DescribeStackEvents lists what happened to a stack, newest first.
func (s *Service) DescribeStackEvents(
	ctx context.Context, in *cloudformation.DescribeStackEventsInput,
) (*cloudformation.DescribeStackEventsOutput, error) {
	st, err := s.stack(ctx, aws.ToString(in.StackName))
	if err != nil {
		return nil, err
	}
	out := &cloudformation.DescribeStackEventsOutput{StackEvents: []types.StackEvent{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		out.NextToken, err = s.sequence(tx, `SELECT seq, doc FROM cfn_events WHERE stack = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3`,
			in.NextToken, "events "+st.ID, func(doc string) error {
				var e event
				if err := unmarshal(doc, &e); err != nil {
					return err
				}
				out.StackEvents = append(out.StackEvents, types.StackEvent{EventId: aws.String(e.ID), StackId: aws.String(st.ID),
					StackName: aws.String(st.Name), LogicalResourceId: aws.String(e.Logical), PhysicalResourceId: aws.String(e.Physical),
					ResourceType: aws.String(e.Type), Timestamp: aws.Time(e.Time), ResourceStatus: types.ResourceStatus(e.Status),
					ResourceStatusReason: text(e.Reason), ClientRequestToken: text(e.Token), ResourceProperties: text(e.Properties)})
				return nil
			}, st.ID)
		return err
	})
	return out, err
}

// resourcesOf lists a stack's resources by logical id.
func (s *Service) resourcesOf(ctx context.Context, name *string) (record, []*resourceRow, error) {
	st, err := s.stack(ctx, aws.ToString(name))
	if err != nil {
		return st, nil, err
	}
	rows, err := s.rows(ctx, st.ID)
	var out []*resourceRow
	for _, l := range slices.Sorted(maps.Keys(rows)) {
		if rows[l].shown() == l {
			out = append(out, rows[l])
		}
	}
	return st, out, err
}

// DescribeStackResource answers one resource.
func (s *Service) DescribeStackResource(
	ctx context.Context, in *cloudformation.DescribeStackResourceInput,
) (*cloudformation.DescribeStackResourceOutput, error) {
	st, rows, err := s.resourcesOf(ctx, in.StackName)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Logical == aws.ToString(in.LogicalResourceId) {
			return &cloudformation.DescribeStackResourceOutput{StackResourceDetail: &types.StackResourceDetail{StackId: aws.String(st.ID),
				StackName: aws.String(st.Name), LogicalResourceId: aws.String(r.Logical), PhysicalResourceId: text(r.Physical),
				ResourceType: aws.String(r.Type), ResourceStatus: types.ResourceStatus(r.Status), ResourceStatusReason: text(r.Reason),
				LastUpdatedTimestamp: aws.Time(r.Updated), Metadata: aws.String(orEmpty(r.Metadata)),
				DriftInformation: &types.StackResourceDriftInformation{StackResourceDriftStatus: types.StackResourceDriftStatusNotChecked}}}, nil
		}
	}
	return nil, invalid("Resource %s does not exist for stack %s", aws.ToString(in.LogicalResourceId), st.Name)
}

func orEmpty(doc string) string {
	if doc == "" {
		return "{}"
	}
	return doc
}

// DescribeStackResources answers the resources of a stack, or of the stack that a physical id belongs to.
func (s *Service) DescribeStackResources(
	ctx context.Context, in *cloudformation.DescribeStackResourcesInput,
) (*cloudformation.DescribeStackResourcesOutput, error) {
	name := in.StackName
	if name == nil {
		if in.PhysicalResourceId == nil {
			return nil, invalid("Stack name or physical resource id must be specified")
		}
		id, err := s.stackOfPhysical(ctx, *in.PhysicalResourceId)
		if err != nil {
			return nil, err
		}
		name = &id
	} else if in.PhysicalResourceId != nil {
		return nil, invalid("Stack name and physical resource id cannot both be specified")
	}
	st, rows, err := s.resourcesOf(ctx, name)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.DescribeStackResourcesOutput{StackResources: []types.StackResource{}}
	for _, r := range rows {
		if in.LogicalResourceId != nil && *in.LogicalResourceId != r.Logical {
			continue
		}
		out.StackResources = append(out.StackResources, types.StackResource{StackId: aws.String(st.ID), StackName: aws.String(st.Name),
			LogicalResourceId: aws.String(r.Logical), PhysicalResourceId: text(r.Physical), ResourceType: aws.String(r.Type),
			ResourceStatus: types.ResourceStatus(r.Status), ResourceStatusReason: text(r.Reason), Timestamp: aws.Time(r.Updated),
			DriftInformation: &types.StackResourceDriftInformation{StackResourceDriftStatus: types.StackResourceDriftStatusNotChecked}})
	}
	return out, nil
}

func (s *Service) stackOfPhysical(ctx context.Context, physical string) (id string, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow(`SELECT r.stack FROM cfn_resources r JOIN cfn_stacks s ON s.id = r.stack AND s.live = 1
			WHERE s.region = ? AND json_extract(r.doc, '$.Physical') = ?`, s.Region, physical).Scan(&id)
	})
	if err != nil {
		return "", invalid("Stack for %s does not exist", physical)
	}
	return id, nil
}

// ListStackResources lists the resources of a stack by logical id.
func (s *Service) ListStackResources(
	ctx context.Context, in *cloudformation.ListStackResourcesInput,
) (*cloudformation.ListStackResourcesOutput, error) {
	st, rows, err := s.resourcesOf(ctx, in.StackName)
	if err != nil {
		return nil, err
	}
	p, err := s.readPage(in.NextToken, "resources", st.ID)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.ListStackResourcesOutput{StackResourceSummaries: []types.StackResourceSummary{}}
	for _, r := range page.Of(p, rows, func(r *resourceRow) string { return r.Logical }) {
		out.StackResourceSummaries = append(out.StackResourceSummaries, types.StackResourceSummary{LogicalResourceId: aws.String(r.Logical),
			PhysicalResourceId: text(r.Physical), ResourceType: aws.String(r.Type), ResourceStatus: types.ResourceStatus(r.Status),
			ResourceStatusReason: text(r.Reason), LastUpdatedTimestamp: aws.Time(r.Updated),
			DriftInformation: &types.StackResourceDriftInformationSummary{StackResourceDriftStatus: types.StackResourceDriftStatusNotChecked}})
	}
	out.NextToken = p.Next()
	return out, nil
}

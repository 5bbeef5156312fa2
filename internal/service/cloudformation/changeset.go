package cloudformation

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
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

// changeSet is a plan that waits to be carried out.
type changeSet struct {
	ID, Name, Description     string
	StackID, StackName        string
	Type                      string // CREATE, UPDATE
	Status, Reason, Execution string
	Created                   time.Time
	Target                    content
	Changes                   []change
	Capabilities              []string
	RoleARN, OnFail           string
}

var changeSetPattern = pattern.Lazy(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)

// noChanges is what clients look for to see that there was nothing to do.
const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

// CreateChangeSet checks a request and lists what it would change. For a new stack it makes an empty one in REVIEW_IN_PROGRESS.
func (s *Service) CreateChangeSet(
	ctx context.Context, in *cloudformation.CreateChangeSetInput,
) (*cloudformation.CreateChangeSetOutput, error) {
	name := aws.ToString(in.ChangeSetName)
	if !changeSetPattern().MatchString(name) {
		return nil, invalid("1 validation error detected: Value '%s' at 'changeSetName' failed to satisfy constraint: Member must satisfy "+
			"regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	st, fresh, err := s.stackForChangeSet(ctx, in)
	if err != nil {
		return nil, err
	}
	base := &st
	if in.ChangeSetType == types.ChangeSetTypeCreate {
		if err := nothingPrevious(in); err != nil {
			return nil, err
		}
		base = nil
	}
	p, err := s.plan(ctx, st.Name, base,
		request{in.TemplateBody, in.TemplateURL, in.UsePreviousTemplate, in.Parameters, in.Tags, in.Capabilities})
	if err != nil {
		return nil, err
	}
	cs := changeSet{ID: arn.New("cloudformation", s.Region, s.Account, "changeSet/"+name+"/"+id.UUID()).String(), Name: name,
		Description: aws.ToString(in.Description), StackID: st.ID, StackName: st.Name, Type: "UPDATE", Status: "CREATE_COMPLETE",
		Execution: "AVAILABLE", Created: s.now(), Target: p.target, Changes: p.changes, Capabilities: capabilityTexts(in.Capabilities),
		RoleARN: aws.ToString(in.RoleARN), OnFail: string(in.OnStackFailure)}
	if base == nil {
		cs.Type = "CREATE"
	} else if p.empty(base) {
		cs.Status, cs.Reason, cs.Execution = "FAILED", noChanges, "UNAVAILABLE"
	}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.freeNameTx(tx, st.ID, name); err != nil {
			return err
		}
		if fresh {
			if _, err := s.stackTx(tx, st.Name); err == nil {
				return alreadyExists(st.Name)
			}
			if err := s.note(tx, &st, "REVIEW_IN_PROGRESS", "User Initiated"); err != nil {
				return err
			}
		}
		return saveChangeSet(tx, &cs)
	})
	return &cloudformation.CreateChangeSetOutput{Id: aws.String(cs.ID), StackId: aws.String(st.ID)}, err
}

// nothingPrevious refuses a change set for a new stack that asks for what an earlier one had.
func nothingPrevious(in *cloudformation.CreateChangeSetInput) error {
	if aws.ToBool(in.UsePreviousTemplate) {
		return invalid("Cannot specify usePreviousTemplate as true for a changeSetType CREATE")
	}
	if slices.ContainsFunc(in.Parameters, func(p types.Parameter) bool { return aws.ToBool(p.UsePreviousValue) }) {
		return invalid("Cannot specify UsePreviousValue on Parameters when ChangeSetType is CREATE")
	}
	return nil
}

// freeNameTx refuses a name that a change set has which can still be executed. One that was executed, or that failed, makes room: on AWS
// the first is deleted soon after its execution, and nobody meets the second, because `aws cloudformation deploy` names its change sets by
// the second and needs several for each. Here it needs a fraction of one.
func (s *Service) freeNameTx(tx *meta.Tx, stackID, name string) error {
	old, err := s.changeSetTx(tx, stackID, name)
	if api.Code(err) == "ChangeSetNotFound" {
		return nil
	}
	if err != nil {
		return err
	}
	if old.Execution == "AVAILABLE" {
		return api.Errorf("AlreadyExistsException", "ChangeSet %s already exists", name)
	}
	_, err = tx.Exec(`DELETE FROM cfn_changesets WHERE id = ?`, old.ID)
	return err
}

// stackForChangeSet finds the stack, or makes a fresh one that is not stored yet.
func (s *Service) stackForChangeSet(ctx context.Context, in *cloudformation.CreateChangeSetInput) (st record, fresh bool, err error) {
	name := aws.ToString(in.StackName)
	st, err = s.stack(ctx, name)
	create := in.ChangeSetType == types.ChangeSetTypeCreate
	switch {
	case in.ChangeSetType == types.ChangeSetTypeImport:
		return st, false, invalid("Penstock does not support change sets of the type IMPORT yet")
	case err != nil && create && api.Code(err) == "ValidationError":
		st, err = s.newStack(name)
		return st, true, err
	case err != nil:
		return st, false, err
	case create && st.Status != "REVIEW_IN_PROGRESS":
		return st, false, invalid("Stack [%s] already exists and cannot be created again with the changeSet [%s].", st.Name,
			aws.ToString(in.ChangeSetName))
	case !create && !updatable(&st):
		return st, false, refuseBusy(&st, "updated")
	}
	return st, false, nil
}

func saveChangeSet(tx *meta.Tx, cs *changeSet) error {
	doc, err := marshal(cs)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO cfn_changesets (id, stack, name, doc) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`,
		cs.ID, cs.StackID, cs.Name, doc)
	return err
}

func (s *Service) changeSetTx(tx *meta.Tx, stackID, name string) (cs changeSet, err error) {
	var doc string
	err = tx.QueryRow(`SELECT c.doc FROM cfn_changesets c JOIN cfn_stacks s ON s.id = c.stack AND s.region = ?1
		WHERE c.id = ?3 OR c.stack = ?2 AND c.name = ?3`, s.Region, stackID, name).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return cs, noChangeSet(name)
	}
	if err != nil {
		return cs, err
	}
	return cs, unmarshal(doc, &cs)
}

// changeSet finds a change set by its ARN, or by its name and its stack.
func (s *Service) changeSet(ctx context.Context, stack, name *string) (cs changeSet, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		cs, err = s.findChangeSet(tx, stack, name)
		return err
	})
	return cs, err
}

func (s *Service) findChangeSet(tx *meta.Tx, stack, name *string) (changeSet, error) {
	stackID := ""
	if !strings.HasPrefix(aws.ToString(name), "arn:") {
		if stack == nil {
			return changeSet{}, invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
		}
		st, err := s.stackTx(tx, *stack)
		if err != nil {
			return changeSet{}, err
		}
		stackID = st.ID
	}
	return s.changeSetTx(tx, stackID, aws.ToString(name))
}

// DescribeChangeSet answers a change set with its changes.
func (s *Service) DescribeChangeSet(
	ctx context.Context, in *cloudformation.DescribeChangeSetInput,
) (*cloudformation.DescribeChangeSetOutput, error) {
	cs, err := s.changeSet(ctx, in.StackName, in.ChangeSetName)
	if err != nil {
		return nil, err
	}
	p, err := s.readPage(in.NextToken, "changes", cs.ID)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.DescribeChangeSetOutput{ChangeSetId: aws.String(cs.ID), ChangeSetName: aws.String(cs.Name),
		StackId: aws.String(cs.StackID), StackName: aws.String(cs.StackName), Description: text(cs.Description),
		Status: types.ChangeSetStatus(cs.Status), StatusReason: text(cs.Reason), ExecutionStatus: types.ExecutionStatus(cs.Execution),
		CreationTime: aws.Time(cs.Created), Parameters: cs.Target.shown(cs.Target.parsed()), Tags: sdkTags(cs.Target.Tags),
		Changes: []types.Change{}, NotificationARNs: []string{}, RollbackConfiguration: &types.RollbackConfiguration{},
		IncludeNestedStacks: aws.Bool(false), OnStackFailure: types.OnStackFailure(cs.OnFail)}
	for _, c := range cs.Capabilities {
		out.Capabilities = append(out.Capabilities, types.Capability(c))
	}
	rest := cs.Changes
	for i, c := range rest {
		if c.Logical == p.After {
			rest = rest[i+1:]
			break
		}
	}
	for _, c := range rest {
		if !p.Take(c.Logical) {
			break
		}
		out.Changes = append(out.Changes, sdkChange(c, aws.ToBool(in.IncludePropertyValues)))
	}
	out.NextToken = p.Next()
	return out, nil
}

// sdkChange writes a change; with detail it names the properties.
func sdkChange(c change, detail bool) types.Change {
	r := &types.ResourceChange{Action: types.ChangeAction(c.Action), LogicalResourceId: aws.String(c.Logical),
		PhysicalResourceId: text(c.Physical), ResourceType: aws.String(c.Type), Scope: []types.ResourceAttribute{},
		Details: []types.ResourceChangeDetail{}}
	if c.Action == "Modify" {
		r.Replacement, r.Scope = types.ReplacementFalse, []types.ResourceAttribute{types.ResourceAttributeProperties}
		recreation := types.RequiresRecreationNever
		if c.Replacement != "" {
			r.Replacement, recreation = types.Replacement(c.Replacement), types.RequiresRecreationConditionally
		}
		if r.Replacement == types.ReplacementTrue {
			recreation = types.RequiresRecreationAlways
		}
		for _, p := range c.Properties {
			d := types.ResourceChangeDetail{ChangeSource: types.ChangeSourceDirectModification, Evaluation: types.EvaluationTypeStatic,
				Target: &types.ResourceTargetDefinition{Attribute: types.ResourceAttributeProperties, Name: aws.String(p),
					RequiresRecreation: recreation}}
			if detail {
				d.Target.Path = aws.String("/Properties/" + p)
			}
			r.Details = append(r.Details, d)
		}
	}
	return types.Change{Type: types.ChangeTypeResource, ResourceChange: r}
}

// ExecuteChangeSet begins what a change set has planned. What the stack has become since then is looked at again while the work is done.
func (s *Service) ExecuteChangeSet(
	ctx context.Context, in *cloudformation.ExecuteChangeSetInput,
) (*cloudformation.ExecuteChangeSetOutput, error) {
	var stack string
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		cs, err := s.findChangeSet(tx, in.StackName, in.ChangeSetName)
		if err != nil {
			return err
		}
		if cs.Execution != "AVAILABLE" {
			return changeSetStatus("ChangeSet [%s] cannot be executed in its current execution status of [%s]", cs.ID, cs.Execution)
		}
		st, err := s.stackTx(tx, cs.StackID)
		if err != nil {
			return err
		}
		if cs.Type == "UPDATE" && !updatable(&st) || cs.Type == "CREATE" && st.Status != "REVIEW_IN_PROGRESS" {
			return refuseBusy(&st, "updated")
		}
		stack = st.ID
		return s.execute(ctx, tx, &st, &cs, in)
	})
	if err != nil {
		return nil, err
	}
	return &cloudformation.ExecuteChangeSetOutput{}, s.linger(ctx, stack)
}

func (s *Service) execute(ctx context.Context, tx *meta.Tx, st *record, cs *changeSet, in *cloudformation.ExecuteChangeSetInput) error {
	st.Op = newOperation(ctx, strings.ToLower(cs.Type), in.ClientRequestToken)
	st.Op.Target = cs.Target
	if cs.OnFail != "" {
		st.Op.OnFail = cs.OnFail
	}
	if aws.ToBool(in.DisableRollback) {
		st.Op.OnFail, st.DisableRollback = "DO_NOTHING", true
	}
	st.ChangeSet, st.Capabilities, st.RoleARN = cs.ID, cs.Capabilities, cs.RoleARN
	status := "CREATE_IN_PROGRESS"
	if cs.Type == "UPDATE" {
		status, st.Updated = "UPDATE_IN_PROGRESS", s.now()
	} else {
		st.Current = cs.Target
	}
	// The other change sets of the stack were made for what it is no longer.
	if _, err := tx.Exec(`DELETE FROM cfn_changesets WHERE stack = ? AND id <> ?`, st.ID, cs.ID); err != nil {
		return err
	}
	cs.Execution = "EXECUTE_COMPLETE"
	if err := saveChangeSet(tx, cs); err != nil {
		return err
	}
	tx.Notify(s.topic())
	return s.note(tx, st, status, "User Initiated")
}

// DeleteChangeSet removes a change set; one that does not exist is fine, as on AWS, but for those of other regions.
func (s *Service) DeleteChangeSet(
	ctx context.Context, in *cloudformation.DeleteChangeSetInput,
) (*cloudformation.DeleteChangeSetOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		cs, err := s.findChangeSet(tx, in.StackName, in.ChangeSetName)
		if api.Code(err) == "ChangeSetNotFound" && !s.elsewhere(aws.ToString(in.ChangeSetName)) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM cfn_changesets WHERE id = ?`, cs.ID)
		return err
	})
	return &cloudformation.DeleteChangeSetOutput{}, err
}

// ListChangeSets lists the change sets of a stack, newest first.
func (s *Service) ListChangeSets(
	ctx context.Context, in *cloudformation.ListChangeSetsInput,
) (*cloudformation.ListChangeSetsOutput, error) {
	st, err := s.stack(ctx, aws.ToString(in.StackName))
	if err != nil {
		return nil, err
	}
	out := &cloudformation.ListChangeSetsOutput{Summaries: []types.ChangeSetSummary{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		out.NextToken, err = s.sequence(tx, `SELECT seq, doc FROM cfn_changesets WHERE stack = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3`,
			in.NextToken, "changesets "+st.ID, func(doc string) error {
				var cs changeSet
				if err := unmarshal(doc, &cs); err != nil {
					return err
				}
				out.Summaries = append(out.Summaries, types.ChangeSetSummary{ChangeSetId: aws.String(cs.ID), ChangeSetName: aws.String(cs.Name),
					StackId: aws.String(st.ID), StackName: aws.String(st.Name), Status: types.ChangeSetStatus(cs.Status), StatusReason: text(cs.Reason),
					ExecutionStatus: types.ExecutionStatus(cs.Execution), CreationTime: aws.Time(cs.Created), Description: text(cs.Description)})
				return nil
			}, st.ID)
		return err
	})
	return out, err
}

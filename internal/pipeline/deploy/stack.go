package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"penstock/internal/clock"
	"penstock/internal/pipeline/compile"
)

// An Action is what Apply did to the stack.
type Action string

// The actions.
const (
	Unchanged Action = "unchanged"
	Created   Action = "created"
	Updated   Action = "updated"
)

// Result is what Apply did.
type Result struct {
	Action    Action
	Resources int
	Machine   string // ARN of the state machine
	Workgroup string
	Took      time.Duration
}

// Apply brings the stack into the state of the plan. A failed stack operation is an error with the reasons that the events give.
func (d *Deployer) Apply(ctx context.Context, plan *compile.Plan) (Result, error) {
	began := d.clock.Now()
	if err := d.assets(ctx, plan.Assets); err != nil {
		return Result{}, err
	}
	stack, err := d.describe(ctx, plan.Stack)
	if err != nil {
		return Result{}, err
	}
	if stack != nil && stack.StackStatus == types.StackStatusRollbackComplete {
		if err := d.discard(ctx, plan.Stack); err != nil {
			return Result{}, err
		}
		stack = nil
	}
	if stack != nil && stack.StackStatus == types.StackStatusUpdateRollbackFailed {
		if err := d.resume(ctx, plan.Stack); err != nil {
			return Result{}, err
		}
	}
	action, err := d.submit(ctx, plan, stack)
	if err != nil {
		return Result{}, fmt.Errorf("stack %s: %w", plan.Stack, err)
	}
	stack, err = d.settle(ctx, plan.Stack)
	if err != nil {
		return Result{}, err
	}
	r := Result{Action: action}.with(stack)
	if action != Unchanged {
		r.Resources, err = d.count(ctx, plan.Stack)
	}
	r.Took = d.clock.Now().Sub(began)
	return r, err
}

// describe returns the stack, or nil when there is none.
func (d *Deployer) describe(ctx context.Context, name string) (*types.Stack, error) {
	out, err := d.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		if code(err) == "ValidationError" && strings.Contains(err.Error(), "does not exist") {
			return nil, nil
		}
		return nil, fmt.Errorf("describe stack %s: %w", name, err)
	}
	if len(out.Stacks) == 0 || out.Stacks[0].StackStatus == types.StackStatusReviewInProgress {
		return nil, nil
	}
	return &out.Stacks[0], nil
}

// submit starts the operation that the stack needs. Somebody else may deploy at the same time: what theirs gives is looked at then.
func (d *Deployer) submit(ctx context.Context, plan *compile.Plan, stack *types.Stack) (Action, error) {
	for {
		if stack != nil && strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS") {
			if _, err := d.settle(ctx, plan.Stack); err != nil {
				return "", err
			}
		}
		action, err := d.start(ctx, plan, stack != nil)
		busy := code(err) == "AlreadyExistsException" || code(err) == "ValidationError" && strings.Contains(err.Error(), "_IN_PROGRESS state")
		if !busy {
			return action, err
		}
		other, describing := d.describe(ctx, plan.Stack)
		if other == nil { // a stack that has a change set only, or one that is being deleted
			return "", errors.Join(describing, err)
		}
		stack = other
	}
}

func (d *Deployer) start(ctx context.Context, plan *compile.Plan, exists bool) (Action, error) {
	body := string(plan.Template)
	capabilities := []types.Capability{types.CapabilityCapabilityIam}
	if !exists {
		_, err := d.stacks.CreateStack(ctx, &cloudformation.CreateStackInput{
			StackName: &plan.Stack, TemplateBody: &body, Capabilities: capabilities,
		})
		return Created, err
	}
	_, err := d.stacks.UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName: &plan.Stack, TemplateBody: &body, Capabilities: capabilities,
	})
	if err != nil && strings.Contains(err.Error(), "No updates are to be performed") {
		return Unchanged, nil
	}
	return Updated, err
}

// settle waits until no operation is in progress.
func (d *Deployer) settle(ctx context.Context, name string) (*types.Stack, error) {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		stack, err := d.describe(ctx, name)
		if err != nil {
			return nil, err
		}
		if stack == nil {
			return nil, fmt.Errorf("the stack %s is gone", name)
		}
		status := string(stack.StackStatus)
		switch {
		case strings.HasSuffix(status, "_IN_PROGRESS"):
		case strings.Contains(status, "ROLLBACK") || strings.HasSuffix(status, "FAILED"):
			return nil, d.reasons(ctx, name, status)
		default:
			return stack, nil
		}
		if err := clock.Sleep(ctx, d.clock, wait); err != nil {
			return nil, err
		}
	}
}

// reasons turns the failed events of the last operation into one error.
func (d *Deployer) reasons(ctx context.Context, name, status string) error {
	out, err := d.stacks.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		return fmt.Errorf("stack %s is %s, and its events cannot be read: %w", name, status, err)
	}
	var lines []string
	for _, e := range out.StackEvents { // newest first
		if aws.ToString(e.ResourceType) == "AWS::CloudFormation::Stack" && strings.HasSuffix(string(e.ResourceStatus), "_IN_PROGRESS") &&
			!strings.Contains(string(e.ResourceStatus), "ROLLBACK") {
			break // where the operation began
		}
		reason := aws.ToString(e.ResourceStatusReason)
		if strings.HasSuffix(string(e.ResourceStatus), "FAILED") && !strings.Contains(reason, "cancelled") {
			lines = append(lines, fmt.Sprintf("  %s (%s): %s", aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceType), reason))
		}
	}
	err = fmt.Errorf("stack %s is %s:\n%s", name, status, strings.Join(lines, "\n"))
	if status == string(types.StackStatusUpdateRollbackFailed) {
		err = fmt.Errorf("%w\nWhat failed could not be brought back either. Put right what is said there and run again, or leave the resources "+
			"as they are with aws cloudformation continue-update-rollback --stack-name %s --resources-to-skip LOGICAL-ID", err, name)
	}
	return err
}

// resume goes on with a rollback that has failed: until it is through, the stack cannot be updated.
func (d *Deployer) resume(ctx context.Context, name string) error {
	if _, err := d.stacks.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: &name}); err != nil {
		return fmt.Errorf("continue the rollback of the stack %s: %w", name, err)
	}
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		stack, err := d.describe(ctx, name)
		switch {
		case err != nil || stack == nil:
			return err
		case stack.StackStatus == types.StackStatusUpdateRollbackFailed:
			return d.reasons(ctx, name, string(stack.StackStatus))
		case !strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS"):
			return nil
		}
		if err := clock.Sleep(ctx, d.clock, wait); err != nil {
			return err
		}
	}
}

// discard removes what a failed creation left: such a stack can only be deleted.
func (d *Deployer) discard(ctx context.Context, name string) error {
	if _, err := d.stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
		return fmt.Errorf("delete the stack %s, whose creation failed: %w", name, err)
	}
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		stack, err := d.describe(ctx, name)
		if err != nil || stack == nil {
			return err
		}
		if stack.StackStatus == types.StackStatusDeleteFailed {
			return d.reasons(ctx, name, string(stack.StackStatus))
		}
		if err := clock.Sleep(ctx, d.clock, wait); err != nil {
			return err
		}
	}
}

func (d *Deployer) count(ctx context.Context, name string) (n int, err error) {
	pages := cloudformation.NewListStackResourcesPaginator(d.stacks, &cloudformation.ListStackResourcesInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("list the resources of %s: %w", name, err)
		}
		n += len(page.StackResourceSummaries)
	}
	return n, nil
}

// ErrNotDeployed is what there is to say of a pipeline without a stack.
var ErrNotDeployed = errors.New("the pipeline is not deployed here yet; \"penstock run\" deploys it")

// Find returns what a deployed stack gives, without changing it.
func (d *Deployer) Find(ctx context.Context, name string) (Result, error) {
	stack, err := d.describe(ctx, name)
	if err != nil {
		return Result{}, err
	}
	if stack == nil {
		return Result{}, ErrNotDeployed
	}
	return Result{Action: Unchanged}.with(stack), nil
}

// with takes the stack's outputs.
func (r Result) with(stack *types.Stack) Result {
	for _, o := range stack.Outputs {
		switch aws.ToString(o.OutputKey) {
		case "Machine":
			r.Machine = aws.ToString(o.OutputValue)
		case "Workgroup":
			r.Workgroup = aws.ToString(o.OutputValue)
		}
	}
	return r
}

// Package cloudformation makes, changes and removes stacks: templates in, resources by the services' own operations, events and outputs
// as AWS gives them. The work of a stack runs in the background; every step of it is in the metadata store before it is taken, so that
// after a crash it goes on where it was. Independent resources are worked on at the same time.
//
// Served are the resource types of package resource, and references to plain parameters of Parameter Store, which are read when an
// operation is asked for, as its caller. Whatever else a template asks for is refused by its name before anything is made: other types and
// properties, references to secrets, transforms, nested stacks, stack sets, stack policies, drift, import.
// API: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/.
package cloudformation

import (
	"context"
	"sync"
	"time"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/cloudformation/resource"
)

// Schema is the service's part of the metadata database. Documents are JSON.
var Schema = meta.Schema{Name: "cloudformation", Migrations: []string{`
CREATE TABLE cfn_stacks (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  id     TEXT NOT NULL UNIQUE,
  name   TEXT NOT NULL,
  live   INTEGER NOT NULL DEFAULT 1,
  busy   INTEGER NOT NULL DEFAULT 0,
  doc    TEXT NOT NULL
);
CREATE UNIQUE INDEX cfn_stacks_name ON cfn_stacks (name) WHERE live = 1;
CREATE TABLE cfn_resources (
  stack   TEXT NOT NULL,
  logical TEXT NOT NULL,
  doc     TEXT NOT NULL,
  PRIMARY KEY (stack, logical)
) WITHOUT ROWID;
CREATE TABLE cfn_events (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  stack TEXT NOT NULL,
  doc   TEXT NOT NULL
);
CREATE INDEX cfn_events_stack ON cfn_events (stack, seq);
CREATE TABLE cfn_exports (
  name  TEXT PRIMARY KEY,
  stack TEXT NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cfn_imports (
  name  TEXT NOT NULL,
  stack TEXT NOT NULL,
  PRIMARY KEY (name, stack)
) WITHOUT ROWID;
CREATE TABLE cfn_changesets (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  id    TEXT NOT NULL UNIQUE,
  stack TEXT NOT NULL,
  name  TEXT NOT NULL,
  doc   TEXT NOT NULL,
  UNIQUE (stack, name)
);
`, `
ALTER TABLE cfn_stacks ADD COLUMN region TEXT NOT NULL DEFAULT 'us-east-1'; -- there was no other before
DROP INDEX cfn_stacks_name;
CREATE UNIQUE INDEX cfn_stacks_name ON cfn_stacks (region, name) WHERE live = 1;
CREATE INDEX cfn_stacks_region ON cfn_stacks (region, seq);
CREATE INDEX cfn_stacks_busy ON cfn_stacks (region, seq) WHERE busy = 1;
CREATE TABLE cfn_exports_2 (
  region TEXT NOT NULL,
  name   TEXT NOT NULL,
  stack  TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (region, name)
) WITHOUT ROWID;
INSERT INTO cfn_exports_2 SELECT 'us-east-1', name, stack, value FROM cfn_exports;
DROP TABLE cfn_exports;
ALTER TABLE cfn_exports_2 RENAME TO cfn_exports;
CREATE TABLE cfn_imports_2 (
  region TEXT NOT NULL,
  name   TEXT NOT NULL,
  stack  TEXT NOT NULL,
  PRIMARY KEY (region, name, stack)
) WITHOUT ROWID;
INSERT INTO cfn_imports_2 SELECT 'us-east-1', name, stack FROM cfn_imports;
DROP TABLE cfn_imports;
ALTER TABLE cfn_imports_2 RENAME TO cfn_imports;
`}}

// A Service answers the operations of one region and works on its stacks. Its kill points are "stack-<phase>" and "resource-<step>".
type Service struct {
	module.Env
	kinds    map[string]*resource.Kind
	patience time.Duration

	mu   sync.Mutex
	work map[string]chan struct{} // by stack id; closed when the work under way ends

	ended chan struct{} // tells Run that work has ended: what the stack got to do meanwhile was not begun
}

// New returns the service. Run does the stacks' work.
func New(env module.Env) *Service {
	return &Service{Env: env, kinds: resource.Kinds(), work: map[string]chan struct{}{}, ended: make(chan struct{}, 1),
		patience: usualPatience}
}

// Module is what the server runs.
func (s *Service) Module() module.Module {
	return module.Module{API: s.API(), Schema: Schema, Run: s.Run}
}

// API lists the operations.
func (s *Service) API() api.Service {
	const unenforced = "roles are not enforced yet; stored and returned"
	content := api.Honours("StackName", "TemplateBody", "TemplateURL", "Parameters[].ParameterKey", "Parameters[].ParameterValue",
		"Capabilities", "Tags[].Key", "Tags[].Value")
	token := api.Honours("ClientRequestToken")
	role := api.Inert("RoleARN", unenforced)
	previous := api.Honours("UsePreviousTemplate", "Parameters[].UsePreviousValue")
	return api.Service{Name: "cloudformation", Access: s.access(), SDK: "CloudFormation", Ops: []api.Op{
		api.Handle(s.CreateStack, content, token, role, api.Honours("Parameters[].UsePreviousValue"),
			api.Honours("DisableRollback", "OnFailure", "EnableTerminationProtection", "TimeoutInMinutes")),
		api.Handle(s.UpdateStack, content, token, role, previous, api.Honours("DisableRollback")),
		api.Handle(s.ContinueUpdateRollback, api.Changes(), api.Honours("StackName", "ResourcesToSkip"), token, role),
		api.Handle(s.DeleteStack, api.Honours("StackName", "RetainResources"), token, role, api.Holds("DeletionMode", "STANDARD")),
		api.Handle(s.UpdateTerminationProtection, api.Honours("StackName", "EnableTerminationProtection")),
		api.Handle(s.DescribeStacks, api.Honours("StackName", "NextToken")),
		api.Handle(s.ListStacks, api.Honours("StackStatusFilter", "NextToken")),
		api.Handle(s.DescribeStackEvents, api.Honours("StackName", "NextToken")),
		api.Handle(s.DescribeStackResource, api.Honours("StackName", "LogicalResourceId")),
		api.Handle(s.DescribeStackResources, api.Honours("StackName", "LogicalResourceId", "PhysicalResourceId")),
		api.Handle(s.ListStackResources, api.Honours("StackName", "NextToken")),
		api.Handle(s.ListExports, api.Honours("NextToken")),
		api.Handle(s.ListImports, api.Honours("ExportName", "NextToken")),
		api.Handle(s.GetTemplate, api.Honours("StackName", "ChangeSetName"),
			api.Inert("TemplateStage", "nothing transforms templates, so both stages are equal")),
		api.Handle(s.GetTemplateSummary, api.Honours("StackName", "TemplateBody", "TemplateURL"), api.Holds("CallAs", "SELF")),
		api.Handle(s.ValidateTemplate, api.Honours("TemplateBody", "TemplateURL")),
		api.Handle(s.CreateChangeSet, content, previous, role, api.Honours("ChangeSetName", "ChangeSetType", "Description", "OnStackFailure"),
			api.Inert("ClientToken", "the name of a change set that can be executed is not given twice"),
			api.Inert("IncludeNestedStacks", "there are no nested stacks")),
		api.Handle(s.DescribeChangeSet, api.Honours("StackName", "ChangeSetName", "NextToken", "IncludePropertyValues")),
		api.Handle(s.ExecuteChangeSet, api.Honours("StackName", "ChangeSetName", "DisableRollback"), token),
		api.Handle(s.DeleteChangeSet, api.Honours("StackName", "ChangeSetName")),
		api.Handle(s.ListChangeSets, api.Honours("StackName", "NextToken")),
	}}
}

// now is the instant as AWS's answers show it, to the millisecond.
func (s *Service) now() time.Time { return s.Clock.Now().Truncate(time.Millisecond) }

// topic is notified when a stack of the region gets something to do.
func (s *Service) topic() string { return "cloudformation/" + s.Region }

// Run works on the stacks of the region that have something to do, those of an earlier start first, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	wake, end := s.Meta.Watch(s.topic())
	defer end()
	var running sync.WaitGroup
	defer running.Wait()
	for {
		var again <-chan time.Time
		busy, err := s.busyStacks(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "look for stacks to work on", "err", err)
			again = s.Clock.After(time.Second)
		}
		for _, id := range busy {
			s.start(ctx, id, &running)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-s.ended:
		case <-again:
		}
	}
}

// start begins a stack's work unless it is under way.
func (s *Service) start(ctx context.Context, id string, running *sync.WaitGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.work[id] != nil {
		return
	}
	done := make(chan struct{})
	s.work[id] = done
	running.Go(func() {
		s.pursue(ctx, id)
		s.mu.Lock()
		delete(s.work, id)
		s.mu.Unlock()
		close(done)
		select {
		case s.ended <- struct{}{}:
		default: // Run looks anyway
		}
	})
}

// usualPatience is how long an operation that begins work waits for its end before it answers. AWS answers at once; but its clients look
// again only after 5 to 30 seconds, and the work here takes milliseconds.
const usualPatience = 2 * time.Second

// linger waits until the stack's work ends, but not longer than the service's patience.
func (s *Service) linger(ctx context.Context, id string) error {
	return meta.After(ctx, func(ctx context.Context) error { s.await(ctx, id); return nil })
}

func (s *Service) await(ctx context.Context, id string) {
	limit := s.Clock.After(s.patience)
	for {
		busy, done := s.state(ctx, id)
		if !busy {
			return
		}
		var soon <-chan time.Time
		if done == nil {
			soon = s.Clock.After(time.Millisecond) // the dispatcher has not taken it up yet
		}
		select {
		case <-ctx.Done():
			return
		case <-limit:
			return
		case <-done:
		case <-soon:
		}
	}
}

func (s *Service) state(ctx context.Context, id string) (busy bool, done chan struct{}) {
	s.mu.Lock()
	done = s.work[id]
	s.mu.Unlock()
	st, err := s.stack(ctx, id)
	return err == nil && st.Op != nil, done
}

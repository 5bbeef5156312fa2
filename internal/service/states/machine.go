package states

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/arn"
	"penstock/internal/asl"
	"penstock/internal/asl/value"
	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/pattern"
)

var rolePattern = pattern.Lazy(`^arn:[^:]+:iam::[0-9]{12}:role/.+$`)

// validName says whether AWS takes a name for a machine or an execution.
func validName(name string) bool {
	return name != "" && utf8.RuneCountInString(name) <= 80 && !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>{}[]?*"#%\^|~`+"`"+`$&,;:/`, r)
	})
}

// parse reads a definition with the resources that Penstock can run.
func (s *Service) parse(definition string) (*asl.Machine, error) {
	m, diags := asl.Parse(definition, s.resourceProblem)
	if m == nil {
		return nil, invalidDefinition(diags)
	}
	return m, nil
}

// unsupportedConfig refuses what is stored nowhere: logging and tracing.
func unsupportedConfig(l *types.LoggingConfiguration, t *types.TracingConfiguration) error {
	if l != nil && l.Level != "" && l.Level != types.LogLevelOff {
		return unsupported("LoggingConfiguration.Level %s", l.Level)
	}
	if t != nil && t.Enabled {
		return unsupported("TracingConfiguration.Enabled")
	}
	return nil
}

// CreateStateMachine makes a machine; the same request again is answered with the machine that is there.
func (s *Service) CreateStateMachine(ctx context.Context, in *sfn.CreateStateMachineInput) (*sfn.CreateStateMachineOutput, error) {
	name, role, def := aws.ToString(in.Name), aws.ToString(in.RoleArn), aws.ToString(in.Definition)
	switch {
	case !validName(name):
		return nil, invalidName(name)
	case !rolePattern().MatchString(role):
		return nil, invalidARN(role)
	case in.Type != "" && in.Type != types.StateMachineTypeStandard:
		return nil, unsupported("state machines of Type %s", in.Type)
	}
	tags := tagMap(in.Tags)
	if err := tag.Check(tags); err != nil {
		return nil, badTag(name, err)
	}
	if err := unsupportedConfig(in.LoggingConfiguration, in.TracingConfiguration); err != nil {
		return nil, err
	}
	if _, err := s.parse(def); err != nil {
		return nil, err
	}
	m := machine{ARN: s.machineARN(name), Name: name, Definition: def, Role: role, Created: s.Clock.Now(), Revision: id.UUID(), Initial: true,
		IncludeData: in.LoggingConfiguration != nil && in.LoggingConfiguration.IncludeExecutionData}
	m.Updated = m.Created
	err := s.update(ctx, func(tx *meta.Tx) error {
		old, err := machineTx(tx, m.ARN)
		switch {
		case err == nil && old.Deleting:
			return machineDeleting(m.ARN)
		case err == nil && old.Definition != def: // another role or other tags are no difference to AWS
			return machineExists(m.ARN)
		case err == nil:
			m = old
			return nil
		case !isNoMachine(err):
			return err
		}
		s.hotMachines.Drop(tx, m.ARN)
		if _, err := tx.Exec(`INSERT INTO states_machine (arn, name, revision, created, deleting, include_data) VALUES (?, ?, ?, ?, 0, ?)`,
			m.ARN, m.Name, m.Revision, m.Created.UnixMilli(), m.IncludeData); err != nil {
			return err
		}
		if err := insertRevision(tx, m); err != nil {
			return err
		}
		return tag.Add(tx, m.ARN, tags)
	})
	if err != nil {
		return nil, err
	}
	return &sfn.CreateStateMachineOutput{StateMachineArn: &m.ARN, CreationDate: &m.Created}, nil
}

func insertRevision(tx *meta.Tx, m machine) error {
	_, err := tx.Exec(`INSERT INTO states_revision (id, machine, definition, role, updated, initial) VALUES (?, ?, ?, ?, ?, ?)`,
		m.Revision, m.ARN, m.Definition, m.Role, m.Updated.UnixMilli(), m.Initial)
	return err
}

// UpdateStateMachine gives a machine a new definition or role; running executions keep theirs. What changes nothing makes no revision.
func (s *Service) UpdateStateMachine(ctx context.Context, in *sfn.UpdateStateMachineInput) (*sfn.UpdateStateMachineOutput, error) {
	if in.Definition == nil && in.RoleArn == nil && in.LoggingConfiguration == nil && in.TracingConfiguration == nil {
		return nil, missingParameter()
	}
	if err := unsupportedConfig(in.LoggingConfiguration, in.TracingConfiguration); err != nil {
		return nil, err
	}
	if in.RoleArn != nil && !rolePattern().MatchString(*in.RoleArn) {
		return nil, invalidARN(*in.RoleArn)
	}
	if in.Definition != nil {
		if _, err := s.parse(*in.Definition); err != nil {
			return nil, err
		}
	}
	machineARN, err := s.checkARN(in.StateMachineArn, "stateMachine:")
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	var m machine
	err = s.update(ctx, func(tx *meta.Tx) error {
		if m, err = machineTx(tx, machineARN); err != nil {
			return err
		}
		if m.Deleting {
			return machineDeleting(machineARN)
		}
		if !m.change(in) {
			return nil
		}
		m.Revision, m.Updated, m.Initial = id.UUID(), now, false
		if err := insertRevision(tx, m); err != nil {
			return err
		}
		s.hotMachines.Drop(tx, machineARN)
		_, err = tx.Exec(`UPDATE states_machine SET revision = ?, include_data = ? WHERE arn = ?`, m.Revision, m.IncludeData, machineARN)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &sfn.UpdateStateMachineOutput{UpdateDate: &now, RevisionId: m.revisionID()}, nil
}

// change puts what the request gives into the machine, and answers whether anything is another than before.
func (m *machine) change(in *sfn.UpdateStateMachineInput) bool {
	old := *m
	if in.Definition != nil && !sameJSON(m.Definition, *in.Definition) {
		m.Definition = *in.Definition
	}
	if in.RoleArn != nil {
		m.Role = *in.RoleArn
	}
	if in.LoggingConfiguration != nil {
		m.IncludeData = in.LoggingConfiguration.IncludeExecutionData
	}
	return *m != old
}

// sameJSON says whether two texts are the same JSON.
func sameJSON(a, b string) bool {
	x, errX := value.Parse(a)
	y, errY := value.Parse(b)
	return errX == nil && errY == nil && value.Equal(x, y)
}

// DescribeStateMachine answers what a machine is.
func (s *Service) DescribeStateMachine(ctx context.Context, in *sfn.DescribeStateMachineInput) (*sfn.DescribeStateMachineOutput, error) {
	machineARN, err := s.checkARN(in.StateMachineArn, "stateMachine:")
	if err != nil {
		return nil, err
	}
	m, err := s.machine(ctx, machineARN)
	if err != nil {
		return nil, err
	}
	out := &sfn.DescribeStateMachineOutput{StateMachineArn: &m.ARN, Name: &m.Name, RoleArn: &m.Role, CreationDate: &m.Created,
		RevisionId: m.revisionID(), Type: types.StateMachineTypeStandard, Status: types.StateMachineStatusActive, Definition: &m.Definition,
		LoggingConfiguration:    &types.LoggingConfiguration{Level: types.LogLevelOff, IncludeExecutionData: m.IncludeData},
		TracingConfiguration:    &types.TracingConfiguration{},
		EncryptionConfiguration: &types.EncryptionConfiguration{Type: types.EncryptionTypeAwsOwnedKey}}
	if m.Deleting {
		out.Status = types.StateMachineStatusDeleting
	}
	if in.IncludedData == types.IncludedDataMetadataOnly {
		out.Definition = nil
		return out, nil
	}
	out.VariableReferences, err = s.variables(m)
	return out, err
}

// variables are the variables that the states of a machine refer to, by state; nil when none does.
func (s *Service) variables(m machine) (map[string][]string, error) {
	def, err := s.parsed(m)
	if err != nil || len(def.Variables) == 0 {
		return nil, err
	}
	return def.Variables, nil
}

// DeleteStateMachine removes a machine; while executions of it run it stays, in the state DELETING.
func (s *Service) DeleteStateMachine(ctx context.Context, in *sfn.DeleteStateMachineInput) (*sfn.DeleteStateMachineOutput, error) {
	machineARN, err := s.checkARN(in.StateMachineArn, "stateMachine:")
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *meta.Tx) error {
		s.hotMachines.Drop(tx, machineARN)
		if _, err := tx.Exec(`UPDATE states_machine SET deleting = 1 WHERE arn = ?`, machineARN); err != nil {
			return err
		}
		return s.dropDeleted(tx, machineARN)
	})
	if err != nil {
		return nil, err
	}
	return &sfn.DeleteStateMachineOutput{}, nil
}

// dropDeleted removes a machine that is being deleted once nothing of it runs.
func (s *Service) dropDeleted(tx *meta.Tx, machineARN string) error {
	res, err := tx.Exec(`DELETE FROM states_machine WHERE arn = ? AND deleting = 1
		AND NOT EXISTS (SELECT 1 FROM states_execution WHERE machine = states_machine.arn AND status = 'RUNNING')`, machineARN)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	s.hotMachines.Drop(tx, machineARN)
	return tag.Drop(tx, machineARN)
}

// checkARN says whether an ARN of this region names a resource of the kind, "stateMachine:" or "execution:".
func (s *Service) checkARN(text *string, kind string) (string, error) {
	a, err := arn.Parse(aws.ToString(text))
	if err != nil || a.Service != "states" {
		return "", invalidARN("Invalid ARN prefix: " + aws.ToString(text))
	}
	if _, ok := a.ResourceAfter(kind); !ok {
		what, _, _ := strings.Cut(a.Resource, ":")
		return "", invalidARN("Resource type not valid in this context: " + what)
	}
	if a.Region != s.Region {
		return "", otherRegion(a.Region)
	}
	return aws.ToString(text), nil
}

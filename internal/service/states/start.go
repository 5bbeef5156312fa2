package states

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"penstock/internal/asl"
	"penstock/internal/asl/value"
	"penstock/internal/id"
	"penstock/internal/meta"
)

// StartExecution records a new execution with its first events; its loop begins once they are durable. The same name with the same
// input is answered with the execution that runs.
func (s *Service) StartExecution(ctx context.Context, in *sfn.StartExecutionInput) (*sfn.StartExecutionOutput, error) {
	machineARN, err := s.checkARN(in.StateMachineArn, "stateMachine:")
	if err != nil {
		return nil, err
	}
	e := execution{Name: aws.ToString(in.Name), Machine: machineARN, Input: "{}", Trace: aws.ToString(in.TraceHeader), Status: asl.Running}
	if in.Input != nil {
		e.Input = *in.Input
	}
	if _, err := value.Parse(e.Input); err != nil {
		return nil, invalidInput(err)
	}
	if len(e.Input) > asl.MaxData {
		return nil, invalidInput(errors.New("the input is larger than 262144 bytes"))
	}
	if in.Name == nil {
		e.Name = id.UUID()
	} else if !validName(e.Name) {
		return nil, invalidName(e.Name)
	}
	m, err := s.machine(ctx, machineARN)
	if err != nil {
		return nil, err
	}
	if m.Deleting {
		return nil, machineDeleting(machineARN)
	}
	e.ARN, e.Revision, e.Started = s.executionARN(m.Name, e.Name), m.Revision, s.now()
	l, err := s.begin(m, e)
	if err != nil {
		return nil, err
	}
	if e, err = s.insert(ctx, l); err != nil {
		return nil, err
	}
	err = meta.After(ctx, func(context.Context) error { s.Kill.At("states.started"); return nil })
	return &sfn.StartExecutionOutput{ExecutionArn: &e.ARN, StartDate: &e.Started}, err
}

func (s *Service) machine(ctx context.Context, machineARN string) (machine, error) {
	return s.hotMachines.Load(ctx, machineARN, func(ctx context.Context) (m machine, err error) {
		err = s.view(ctx, func(tx *meta.Tx) error {
			m, err = machineTx(tx, machineARN)
			return err
		})
		return m, err
	})
}

// maxParsed is how many parsed definitions are kept.
const maxParsed = 256

// parsed is the machine of a revision, which was checked when it was stored. Machines are never changed, so executions share them.
func (s *Service) parsed(m machine) (*asl.Machine, error) {
	s.mu.Lock()
	def := s.machines[m.Revision]
	s.mu.Unlock()
	if def != nil {
		return def, nil
	}
	def, diags := asl.Parse(m.Definition, nil)
	if def == nil {
		return nil, invalidDefinition(diags)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.machines) >= maxParsed {
		clear(s.machines)
	}
	s.machines[m.Revision] = def
	return def, nil
}

// now is the time in the resolution that histories keep.
func (s *Service) now() time.Time { return s.Clock.Now().Truncate(time.Millisecond) }

// begin makes the loop of an execution that starts, up to its first wait.
func (s *Service) begin(m machine, e execution) (*loop, error) {
	def, err := s.parsed(m)
	if err != nil {
		return nil, err
	}
	l := s.newLoop(m, e, def)
	if err := l.x.Start(e.Input, e.Started); err != nil {
		return nil, invalidInput(err)
	}
	l.x.Advance(e.Started)
	return l, nil
}

// insert stores the execution of l with its first events, in its final state if it has ended, or answers the one that is there already.
func (s *Service) insert(ctx context.Context, l *loop) (execution, error) {
	packs, err := encode(l.x.Take())
	if err != nil {
		return execution{}, err
	}
	e := l.ended()
	err = s.update(ctx, func(tx *meta.Tx) error {
		l.e.Seq, e.Seq = 0, 0
		if s.running() >= maxRunning {
			if old, err := s.repeated(tx, e); err != nil || old.Seq != 0 {
				e = old
				return err
			}
			return tooManyRunning()
		}
		res, err := tx.Exec(insertExecution, e.ARN, e.Name, e.Machine, e.Revision, e.Input, e.Trace, string(e.Status),
			e.Started.UnixMilli(), unixMilli(e.Stopped),
			e.Output, e.Error, e.Cause)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err == nil {
				e, err = s.repeated(tx, e)
			}
			return err
		}
		if e.Seq, err = res.LastInsertId(); err != nil {
			return err
		}
		l.e.Seq = e.Seq
		s.hotExecutions.Set(tx, e.ARN, e)
		tx.AfterCommit(func() { s.enlist(l) })
		return insertEvents(tx, e.Seq, packs)
	})
	return e, err
}

const insertExecution = `INSERT INTO states_execution (arn, name, machine, revision, input, trace, status, started,
	stopped, output, error, cause)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (arn) DO NOTHING`

// ended is the row of the execution as the stepper has it.
func (l *loop) ended() execution {
	e := l.e
	if e.Status = l.x.Status; e.Status != asl.Running {
		e.Stopped, e.Output, e.Error, e.Cause = l.x.Now(), l.x.Output, l.x.Failure.Error, l.x.Failure.Cause
	}
	return e
}

// unixMilli is the stored form of a time: 0 for none.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// repeated finds the execution that the same request has started before.
func (s *Service) repeated(tx *meta.Tx, e execution) (execution, error) {
	old, err := scanExecution(tx.QueryRow(selectExecution+` WHERE arn = ?`, e.ARN))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return execution{}, nil
	case err != nil:
		return old, err
	case old.Status == asl.Running && old.Input == e.Input:
		return old, nil
	}
	return execution{}, executionExists(e.ARN)
}

// settle writes the end of an execution, if its history has come to one, and wakes those who wait for it.
func (s *Service) settle(tx *meta.Tx, l *loop) error {
	e := l.ended()
	if e.Status == asl.Running {
		return nil
	}
	if _, err := tx.Exec(`UPDATE states_execution SET status = ?, stopped = ?, output = ?, error = ?, cause = ? WHERE seq = ?`,
		string(e.Status), e.Stopped.UnixMilli(), e.Output, e.Error, e.Cause, e.Seq); err != nil {
		return err
	}
	s.hotExecutions.Set(tx, e.ARN, e)
	tx.Notify(Topic(e.ARN))
	return s.dropDeleted(tx, e.Machine)
}

// eventsTopic fires when the history of an execution has grown.
func eventsTopic(executionARN string) string { return "events/" + executionARN }

// Topic is the watch topic that fires when an execution ends.
func Topic(executionARN string) string { return "execution/" + executionARN }

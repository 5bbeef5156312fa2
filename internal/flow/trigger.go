package flow

import (
	"context"
	"fmt"
	"slices"

	"penstock/internal/meta"
)

// CreateTrigger makes a trigger, active at once if start says so; then runs in the same transaction.
func (f *Flows) CreateTrigger(ctx context.Context, t Trigger, start bool, then func(*meta.Tx) error) error {
	t.State = Created
	return f.update(ctx, func(tx *meta.Tx) error {
		if err := t.check(); err != nil {
			return err
		}
		if start && t.Type == OnDemand {
			return errorf(Invalid, "StartOnCreation is not supported for triggers of type ON_DEMAND")
		}
		var n int
		err := tx.QueryRow(`SELECT count(*) FROM flow_trigger WHERE region = ? AND name = ?`, f.o.Region, t.Name).Scan(&n)
		if err != nil {
			return err
		}
		if n > 0 {
			return errorf(Exists, "Trigger with name: %s already exists.", t.Name)
		}
		if err := f.checkNames(tx, t); err != nil {
			return err
		}
		if start {
			err = f.activate(tx, t)
		} else {
			err = f.putTrigger(tx, t)
		}
		if err != nil {
			return err
		}
		return then(tx)
	})
}

// activate lets a trigger fire from now on.
func (f *Flows) activate(tx *meta.Tx, t Trigger) error {
	t.State = Activated
	t.Generation++
	if err := f.putTrigger(tx, t); err != nil || t.Type != Scheduled {
		return err
	}
	return f.plan(tx, t)
}

// An Update replaces parts of a trigger: a part that is nil stays as it is, but for the description.
type Update struct {
	Description string
	Schedule    *string
	Actions     []Action
	Predicate   bool // that Logical and Conditions are said
	Logical     string
	Conditions  []Condition
}

// UpdateTrigger changes a trigger, which stays as active as it is.
func (f *Flows) UpdateTrigger(ctx context.Context, name string, u Update) (t Trigger, err error) {
	err = f.update(ctx, func(tx *meta.Tx) error {
		if t, err = f.triggerTx(tx, name); err != nil {
			return err
		}
		t.Description = u.Description
		if u.Schedule != nil {
			t.Schedule = *u.Schedule
		}
		if u.Actions != nil {
			t.Actions = u.Actions
		}
		if u.Predicate {
			t.Logical, t.Conditions = u.Logical, u.Conditions
		}
		if err := t.check(); err != nil {
			return err
		}
		if err := f.checkNames(tx, t); err != nil {
			return err
		}
		if t.State == Activated {
			return f.activate(tx, t)
		}
		return f.putTrigger(tx, t)
	})
	return t, err
}

// DeleteTrigger removes a trigger; one that does not exist is no error. then runs in the same transaction.
func (f *Flows) DeleteTrigger(ctx context.Context, name string, then func(*meta.Tx) error) error {
	return f.update(ctx, func(tx *meta.Tx) error {
		if err := f.deleteTrigger(tx, name); err != nil {
			return err
		}
		return then(tx)
	})
}

func (f *Flows) deleteTrigger(tx *meta.Tx, name string) error {
	if err := f.unlink(tx, name); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM flow_trigger WHERE region = ? AND name = ?`, f.o.Region, name)
	return err
}

// StartTrigger fires a trigger of type ON_DEMAND, and lets one of another type fire from now on.
func (f *Flows) StartTrigger(ctx context.Context, name string) error {
	return f.update(ctx, func(tx *meta.Tx) error {
		t, err := f.triggerTx(tx, name)
		switch {
		case err != nil:
			return err
		case t.Type == OnDemand && t.Workflow != "":
			_, err := f.startRun(tx, t.Workflow, nil)
			return err
		case t.Type == OnDemand:
			return f.fireAlone(tx, t)
		case t.State == Activated:
			return wrongState(t)
		}
		return f.activate(tx, t)
	})
}

// StopTrigger keeps a trigger from firing.
func (f *Flows) StopTrigger(ctx context.Context, name string) error {
	return f.update(ctx, func(tx *meta.Tx) error {
		t, err := f.triggerTx(tx, name)
		if err != nil {
			return err
		}
		if t.State != Activated {
			return wrongState(t)
		}
		t.State = Deactivated
		t.Generation++
		return f.putTrigger(tx, t)
	})
}

func wrongState(t Trigger) error {
	return errorf(Invalid, "The operation is not allowed when trigger is in state: %s", t.State)
}

// Trigger gives a trigger.
func (f *Flows) Trigger(ctx context.Context, name string) (t Trigger, err error) {
	err = f.view(ctx, func(tx *meta.Tx) error {
		t, err = f.triggerTx(tx, name)
		return err
	})
	return t, err
}

// A Query selects triggers.
type Query struct {
	After string            // their names follow it
	Limit int               // at most
	Job   string            // that they start, unless no trigger does; "" for all
	Tags  map[string]string // that they have
	ARN   string            // of the trigger with the empty name; tags are kept by it
}

// Triggers gives the selected triggers by name.
func (f *Flows) Triggers(ctx context.Context, q Query) (list []Trigger, err error) {
	err = f.view(ctx, func(tx *meta.Tx) error {
		text, args := `SELECT doc FROM flow_trigger AS t WHERE region = ?1 AND name > ?2`, []any{f.o.Region, q.After}
		if q.Job != "" {
			var any bool
			err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM flow_link WHERE region = ? AND role = ? AND kind = ? AND name = ?)`,
				f.o.Region, starts, string(Job), q.Job).Scan(&any)
			if err != nil {
				return err
			}
			if any {
				args = append(args, starts, string(Job), q.Job)
				text += ` AND EXISTS (SELECT 1 FROM flow_link l WHERE l.region = ?1 AND l.role = ?3 AND l.kind = ?4 AND l.name = ?5
					AND l."trigger" = t.name)`
			}
		}
		for k, v := range q.Tags {
			text += fmt.Sprintf(` AND EXISTS (SELECT 1 FROM tag_row WHERE arn = ?%d || t.name AND key = ?%d AND value = ?%d)`,
				len(args)+1, len(args)+2, len(args)+3)
			args = append(args, q.ARN, k, v)
		}
		list, err = readAll[Trigger](tx, text+fmt.Sprintf(` ORDER BY name LIMIT ?%d`, len(args)+1), append(args, q.Limit)...)
		return err
	})
	return list, err
}

// conditioned reports whether a trigger waits for a job or a crawler.
func (t *Trigger) conditioned(k Kind, name string) bool {
	return slices.ContainsFunc(t.Conditions, func(c Condition) bool { return c.Kind == k && c.Name == name })
}

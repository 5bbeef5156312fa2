package cloudformation

import (
	"context"
	"slices"

	"penstock/internal/meta"
)

// reversed is the graph of deletion: each resource after those that depend on it.
func (j *job) reversed(pickRow func(*resourceRow) bool) map[string][]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	needs := map[string][]string{}
	for logical, r := range j.rows {
		if pickRow(r) {
			needs[logical] = nil
		}
	}
	keys := map[string][]string{} // by logical id: a row that was set aside has that of its successor
	for key := range needs {
		keys[shown(key)] = append(keys[shown(key)], key)
	}
	for logical, r := range j.rows {
		for _, d := range r.Deps {
			for _, key := range keys[d] {
				needs[key] = append(needs[key], logical)
			}
		}
	}
	return needs
}

// dropped reports whether the stack is through with a resource. One that a failed deletion kept from being begun is not.
func (r *resourceRow) dropped() bool {
	return r.Status == "DELETE_COMPLETE" || r.Status == "DELETE_SKIPPED"
}

// drop deletes one resource, unless it is to be kept.
func (j *job) drop(ctx context.Context, r *resourceRow, keep bool) error {
	if r.DoneBy == j.mark() || r.dropped() {
		return nil
	}
	done := func(status string) error {
		r.DoneBy, r.Props, r.Pending, r.Before = j.mark(), nil, nil, nil
		return j.step(ctx, r, status, "")
	}
	if keep {
		return done("DELETE_SKIPPED")
	}
	if !r.Started {
		return done("DELETE_COMPLETE") // it was never made
	}
	if err := j.step(ctx, r, "DELETE_IN_PROGRESS", ""); err != nil {
		return err
	}
	j.Kill.At("resource-deleting")
	props := r.Props
	if props == nil {
		props = r.Pending
	}
	if r.Physical != "" {
		if err := j.kinds[r.Type].Delete(ctx, j.caller, r.Physical, props); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if e := j.step(ctx, r, "DELETE_FAILED", reason(err)); e != nil {
				return e
			}
			return err
		}
	}
	return done("DELETE_COMPLETE")
}

// rollback undoes a failed creation or change.
func (j *job) rollback(ctx context.Context) error {
	op := j.st.Op
	failed := graph(ctx, j.changed(), func(ctx context.Context, logical string) error { return j.restore(ctx, j.row(logical)) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if op.Kind == "update" && len(failed) > 0 {
		return j.stick(ctx, failed)
	}
	if op.Kind == "update" {
		err := j.finish(ctx, func(tx *meta.Tx, st *record) error {
			if st.Status == "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS" {
				return nil // a later start
			}
			return j.note(tx, st, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
		})
		if err != nil {
			return err
		}
	}
	made := j.reversed(func(r *resourceRow) bool { return r.CreatedBy == op.ID })
	lost := unwind(ctx, made, func(ctx context.Context, logical string) error {
		r := j.row(logical)
		return j.drop(ctx, r, r.Policy == "Retain" && r.Props != nil)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return j.finish(ctx, func(tx *meta.Tx, st *record) error {
		if err := forget(tx, st.ID, op, st.Op.Kind == "update"); err != nil {
			return err
		}
		switch {
		case op.Kind == "update":
			st.Stuck = nil
			return j.conclude(tx, st, "UPDATE_ROLLBACK_COMPLETE", "")
		case len(lost) > 0 && op.OnFail == "DELETE":
			return j.conclude(tx, st, "DELETE_FAILED", names(lost, "delete"))
		case len(lost) > 0:
			return j.conclude(tx, st, "ROLLBACK_FAILED", names(lost, "delete"))
		case op.OnFail == "DELETE":
			st.Deleted = j.now()
			return j.conclude(tx, st, "DELETE_COMPLETE", "")
		}
		return j.conclude(tx, st, "ROLLBACK_COMPLETE", "")
	})
}

// stick ends a rollback that could not bring every resource back. What they were before, and what the update has made, is kept for
// ContinueUpdateRollback.
func (j *job) stick(ctx context.Context, failed map[string]error) error {
	return j.finish(ctx, func(tx *meta.Tx, st *record) error {
		st.Stuck = st.Op
		return j.conclude(tx, st, "UPDATE_ROLLBACK_FAILED", names(failed, "update"))
	})
}

// changed is the graph of the resources that the failed operation has changed, or begun to.
func (j *job) changed() map[string][]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	needs := map[string][]string{}
	for logical, r := range j.rows {
		if r.Before != nil && r.CreatedBy != j.st.Op.ID {
			needs[logical] = r.Deps
		}
	}
	return needs
}

// restore brings a resource back to what it was, unless it is to be skipped: then it stays what it is, and counts as brought back.
func (j *job) restore(ctx context.Context, r *resourceRow) error {
	if slices.Contains(j.st.Op.Skip, r.Logical) {
		r.Pending, r.Before = nil, nil
		return j.step(ctx, r, "UPDATE_COMPLETE", "")
	}
	kind := j.kinds[r.Type]
	from := r.Pending // what a failed change was bringing it to
	if from == nil {
		from = r.Props
	}
	if err := j.step(ctx, r, "UPDATE_IN_PROGRESS", ""); err != nil {
		return err
	}
	if err := kind.Update(ctx, j.caller, r.Physical, from, r.Before); err != nil {
		return j.failed(ctx, r, false, err)
	}
	attrs, err := j.attributes(ctx, kind, r.Physical, r.Before)
	if err != nil {
		return j.failed(ctx, r, false, err)
	}
	r.Attrs, r.Props, r.Pending, r.Before = attrs, r.Before, nil, nil
	return j.step(ctx, r, "UPDATE_COMPLETE", "")
}

// forget ends an operation in the rows: nothing is half done any more. An update that was rolled back leaves no trace of what it made.
func forget(tx *meta.Tx, stack string, op *operation, dropMade bool) error {
	rows, err := rowsTx(tx, stack)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if dropMade && r.CreatedBy == op.ID && r.Replaces != "" {
			if err := putBack(tx, stack, op, rows, r); err != nil {
				return err
			}
			continue
		}
		if dropMade && r.CreatedBy == op.ID && r.dropped() {
			if _, err := tx.Exec(`DELETE FROM cfn_resources WHERE stack = ? AND logical = ?`, stack, r.Logical); err != nil {
				return err
			}
			continue
		}
		if r.Before == nil && r.Replaces == "" {
			continue
		}
		r.Before, r.Replaces = nil, ""
		if err := saveRow(tx, stack, r); err != nil {
			return err
		}
	}
	return nil
}

// cleanup removes, after an update, the resources that the template does not have any more.
func (j *job) cleanup(ctx context.Context) error {
	t, err := j.parse(&j.st.Op.Target.Template)
	if err != nil {
		return err
	}
	env, err := j.evaluator(ctx, t, j.st.Op.Target, j.st.ID, j.st.Name, j.row)
	if err != nil {
		return err
	}
	needs, err := wanted(env)
	if err != nil {
		return err
	}
	gone := j.reversed(func(r *resourceRow) bool { _, stays := needs[r.Logical]; return !stays })
	unwind(ctx, gone, func(ctx context.Context, logical string) error {
		r := j.row(logical)
		return j.drop(ctx, r, r.Policy == "Retain" || r.Policy == "RetainExceptOnCreate")
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return j.finish(ctx, func(tx *meta.Tx, st *record) error {
		if err := forget(tx, st.ID, st.Op, false); err != nil {
			return err
		}
		why := ""
		for logical := range gone {
			if !j.row(logical).dropped() {
				why = leftOver
				continue // it stays, and is tried again when the stack is updated or deleted
			}
			if _, err := tx.Exec(`DELETE FROM cfn_resources WHERE stack = ? AND logical = ?`, st.ID, logical); err != nil {
				return err
			}
		}
		return j.conclude(tx, st, "UPDATE_COMPLETE", why)
	})
}

// leftOver is the reason of an update that is complete but for its cleanup.
const leftOver = "Update successful. One or more resources could not be deleted."

// remove deletes the stack's resources and then the stack. A bucket that holds objects is found before anything is deleted.
func (j *job) remove(ctx context.Context) error {
	op := j.st.Op
	keep := func(r *resourceRow) bool {
		return r.Policy == "Retain" || r.Policy == "RetainExceptOnCreate" || slices.Contains(op.Retain, r.Logical)
	}
	held, err := j.held(ctx, func(r *resourceRow) bool { return !keep(r) })
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return j.notRemoved(ctx, held)
	}
	failed := graph(ctx, j.reversed(func(*resourceRow) bool { return true }), func(ctx context.Context, logical string) error {
		r := j.row(logical)
		return j.drop(ctx, r, keep(r))
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(failed) > 0 {
		return j.notRemoved(ctx, failed)
	}
	return j.finish(ctx, func(tx *meta.Tx, st *record) error {
		for _, table := range []string{"cfn_exports", "cfn_imports", "cfn_changesets"} {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE stack = ?`, st.ID); err != nil {
				return err
			}
		}
		st.Deleted = j.now()
		return j.conclude(tx, st, "DELETE_COMPLETE", "")
	})
}

func (j *job) notRemoved(ctx context.Context, failed map[string]error) error {
	return j.finish(ctx, func(tx *meta.Tx, st *record) error {
		return j.conclude(tx, st, "DELETE_FAILED", names(failed, "delete"))
	})
}

// held finds the resources that cannot be deleted and writes so into their rows.
func (j *job) held(ctx context.Context, pickRow func(*resourceRow) bool) (map[string]error, error) {
	held := map[string]error{}
	for logical, r := range j.rows {
		if !pickRow(r) || !r.Started || r.Status == "DELETE_COMPLETE" {
			continue
		}
		why, err := j.holds(ctx, r)
		if err != nil {
			return nil, err
		}
		if why != "" {
			held[logical] = invalid("%s", why)
			if err := j.step(ctx, r, "DELETE_FAILED", why); err != nil {
				return nil, err
			}
		}
	}
	return held, nil
}

// holds reports why a resource cannot be deleted, as far as that can be seen. Where a bucket's policy denies the look, nothing holds the
// bucket: the policy may go with it, and DeleteBucket itself refuses a bucket that has objects.
func (s *Service) holds(ctx context.Context, r *resourceRow) (string, error) {
	kind := s.kinds[r.Type]
	if kind == nil {
		return "", nil
	}
	why, err := kind.Holds(ctx, s.caller(), r.Physical)
	if err != nil {
		return "", ctx.Err()
	}
	return why, nil
}

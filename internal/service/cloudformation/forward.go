package cloudformation

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/service/cloudformation/resource"
	"penstock/internal/service/cloudformation/template"
)

// forward brings every resource to what the target says.
func (j *job) forward(ctx context.Context) error {
	op := j.st.Op
	t, err := j.parse(&op.Target.Template)
	if err != nil {
		return j.fail(ctx, err.Error())
	}
	env, err := j.evaluator(ctx, t, op.Target, j.st.ID, j.st.Name, j.row)
	if err != nil {
		return j.fail(ctx, err.Error())
	}
	needs, err := wanted(env)
	if err != nil {
		return j.fail(ctx, err.Error())
	}
	limited, end := j.limit(ctx)
	defer end()
	todo := needs
	if limited.Err() != nil {
		todo = j.begun(needs)
	}
	failed := graph(limited, todo, func(_ context.Context, logical string) error { return j.apply(ctx, env, logical, needs[logical]) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return j.fail(ctx, "Stack creation time exceeded the specified timeout. ")
	case len(failed) > 0:
		verb := "create"
		if op.Kind == "update" {
			verb = "update"
		}
		return j.fail(ctx, names(failed, verb))
	}
	out, err := outputs(env)
	if err != nil {
		return j.fail(ctx, reason(err))
	}
	return j.succeed(ctx, t, out, needs)
}

// limit is ctx until the time that the creation may take is over. The operation that makes a resource is not cut off by that: what is made
// must be known to be removed. What ends is the wait for it to be ready, and nothing more is begun.
func (j *job) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	limited, end := context.WithCancel(ctx)
	if j.st.Op.Until.IsZero() {
		return limited, end
	}
	left := j.st.Op.Until.Sub(j.Clock.Now())
	if left <= 0 {
		end()
	}
	over := j.Clock.After(left)
	go func() {
		select {
		case <-over:
			end()
		case <-limited.Done():
		}
	}()
	wait := j.caller.Wait
	j.caller.Wait = func(ctx context.Context, tries int) error {
		together, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(limited, stop)()
		if err := wait(together, tries); err != nil && ctx.Err() == nil {
			return errCancelled
		}
		return ctx.Err()
	}
	return limited, end
}

// errCancelled is what a resource fails with that is not ready when the time is over.
//
//lint:ignore ST1005 AWS has it so
var errCancelled = errors.New("Resource creation cancelled")

// begun are the resources that an earlier start was making when it ended: they may be there and are not recorded.
func (j *job) begun(needs map[string][]string) map[string][]string {
	out := map[string][]string{}
	for logical, deps := range needs {
		if r := j.row(logical); r != nil && r.Started && r.Props == nil {
			out[logical] = deps
		}
	}
	return out
}

// succeed records the outputs and ends the operation or goes on to clean up.
func (j *job) succeed(ctx context.Context, t *template.Template, out []outputValue, needs map[string][]string) error {
	imports := j.importNames(ctx, t)
	clash := ""
	err := j.finish(ctx, func(tx *meta.Tx, st *record) error {
		var err error
		if clash, err = j.exportTx(tx, st, out); err != nil || clash != "" {
			return err
		}
		if err := j.importTx(tx, st.ID, imports); err != nil {
			return err
		}
		st.Outputs, st.Current = out, st.Op.Target
		if st.Op.Kind == "create" {
			return j.conclude(tx, st, "CREATE_COMPLETE", "")
		}
		st.Op.Phase = "cleanup"
		return j.note(tx, st, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
	})
	if err == nil && clash != "" {
		return j.fail(ctx, clash)
	}
	return err
}

// fail turns to rollback, or stops where that is not wanted.
func (j *job) fail(ctx context.Context, why string) error {
	return j.finish(ctx, func(tx *meta.Tx, st *record) error {
		create := st.Op.Kind == "create"
		if st.Op.OnFail == "DO_NOTHING" {
			if create {
				return j.conclude(tx, st, "CREATE_FAILED", why)
			}
			return j.conclude(tx, st, "UPDATE_FAILED", why)
		}
		st.Op.Phase = "rollback"
		switch {
		case create && st.Op.OnFail == "DELETE":
			return j.note(tx, st, "DELETE_IN_PROGRESS", why+"Delete requested by user.")
		case create:
			return j.note(tx, st, "ROLLBACK_IN_PROGRESS", why+"Rollback requested by user.")
		}
		return j.note(tx, st, "UPDATE_ROLLBACK_IN_PROGRESS", why)
	})
}

// apply makes or changes one resource.
func (j *job) apply(ctx context.Context, env *template.Env, logical string, deps []string) error {
	r := j.row(logical)
	if r != nil && r.DoneBy == j.mark() {
		return nil
	}
	decl := env.Template.Resources[logical]
	kind := j.kinds[decl.Type]
	props, err := j.properties(env, logical, j.st.Op.Target.Tags)
	if r == nil || r.Props == nil && r.CreatedBy != j.st.Op.ID {
		r = anew(r, logical, decl.Type, j.st.Op.ID)
	}
	r.Deps, r.Policy, r.ReplacePolicy = deps, decl.DeletionPolicy, decl.ReplacePolicy
	if decl.Metadata != nil {
		r.Metadata, _ = marshal(decl.Metadata)
	}
	if err == nil && r.Type != decl.Type {
		err = invalid("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]",
			logical)
	}
	if err != nil {
		return j.failed(ctx, r, r.Props == nil && r.Replaces == "", err)
	}
	if r.Props == nil {
		err = j.create(ctx, kind, r, props)
	} else {
		err = j.change(ctx, kind, r, props)
	}
	return err
}

// failed writes the event of a failure and returns it.
func (j *job) failed(ctx context.Context, r *resourceRow, creating bool, err error) error {
	if ctx.Err() != nil {
		return ctx.Err() // the end of the process is no failure of the resource
	}
	status := "UPDATE_FAILED"
	if creating {
		status = "CREATE_FAILED"
	}
	if e := j.step(ctx, r, status, reason(err)); e != nil {
		return e
	}
	return err
}

// create makes a resource: the name is durable before it is looked for, and that it was absent before it is made. So what is found under
// the name by a later start is the stack's own.
func (j *job) create(ctx context.Context, kind *resource.Kind, r *resourceRow, props resource.Props) error {
	if r.Name == "" {
		r.Name = j.nameFor(kind, r.Logical, props)
	}
	r.Pending = props
	if !r.Started {
		if err := j.begin(ctx, kind, r, props); err != nil {
			return err
		}
	}
	j.Kill.At("resource-started")
	physical, err := kind.Create(ctx, j.caller, r.Name, props)
	r.Physical = physical
	if err != nil {
		return j.failed(ctx, r, r.Replaces == "", err)
	}
	j.Kill.At("resource-created")
	if r.Attrs, err = j.attributes(ctx, kind, physical, props); err != nil {
		return j.failed(ctx, r, r.Replaces == "", err)
	}
	r.Props, r.Pending, r.DoneBy = props, nil, j.mark()
	return j.step(ctx, r, r.verb()+"_COMPLETE", "")
}

func (j *job) begin(ctx context.Context, kind *resource.Kind, r *resourceRow, props resource.Props) error {
	why := ""
	if r.Replaces != "" {
		why = "Requested update requires the creation of a new physical resource; hence creating one."
	}
	if err := j.step(ctx, r, r.verb()+"_IN_PROGRESS", why); err != nil {
		return err
	}
	if kind.Find != nil {
		there, err := kind.Find(ctx, j.caller, r.Name, props)
		if err == nil && there {
			err = j.taken(r)
		}
		if err != nil {
			return j.failed(ctx, r, r.Replaces == "", err)
		}
	}
	r.Started = true
	if kind.Name != "" {
		r.Physical = r.Name
	}
	return j.step(ctx, r, r.verb()+"_IN_PROGRESS", "Resource creation Initiated")
}

func (j *job) attributes(ctx context.Context, kind *resource.Kind, physical string, props resource.Props) (map[string]any, error) {
	if kind.Read == nil {
		return nil, nil
	}
	return kind.Read(ctx, j.caller, physical, props)
}

// nameFor is the name that the properties give, or a made one.
func (j *job) nameFor(kind *resource.Kind, logical string, props resource.Props) string {
	if name := givenName(kind, props); name != "" {
		return name
	}
	return kind.Naming.Make(j.st.Name, logical, id.Upper(12))
}

// givenName is the name that the properties give, or "".
func givenName(kind *resource.Kind, props resource.Props) string {
	for path := range strings.SplitSeq(kind.Name, "|") {
		var v any = props
		for k := range strings.SplitSeq(path, ".") {
			m, _ := v.(map[string]any)
			v = m[k]
		}
		if s, ok := v.(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// change brings an existing resource to new properties, if they differ.
func (j *job) change(ctx context.Context, kind *resource.Kind, r *resourceRow, props resource.Props) error {
	changed, replacing := kind.Spec.Changes(r.Props, props)
	if len(changed) == 0 && r.Before == nil {
		r.DoneBy = j.mark()
		return nil // nothing durable changes; a later start sees the same
	}
	if len(replacing) > 0 {
		return j.replace(ctx, kind, r, props)
	}
	if r.Before == nil {
		r.Before = r.Props
	}
	r.Pending = props
	if err := j.step(ctx, r, "UPDATE_IN_PROGRESS", ""); err != nil {
		return err
	}
	j.Kill.At("resource-updating")
	if err := kind.Update(ctx, j.caller, r.Physical, r.Before, props); err != nil {
		return j.failed(ctx, r, false, err)
	}
	attrs, err := j.attributes(ctx, kind, r.Physical, props)
	if err != nil {
		return j.failed(ctx, r, false, err)
	}
	r.Attrs, r.Props, r.Pending, r.DoneBy = attrs, props, nil, j.mark()
	return j.step(ctx, r, "UPDATE_COMPLETE", "")
}

// importNames are the exports that a template uses, evaluated.
func (j *job) importNames(ctx context.Context, t *template.Template) []string {
	used := map[string]bool{}
	env, err := j.evaluator(ctx, t, j.st.Op.Target, j.st.ID, j.st.Name, j.row)
	if err != nil {
		return nil
	}
	look := env.Import
	env.Import = func(name string) (string, error) {
		used[name] = true
		return look(name)
	}
	needs, _ := wanted(env)
	for logical := range needs {
		j.properties(env, logical, nil)
	}
	outputs(env)
	return slices.Sorted(maps.Keys(used))
}

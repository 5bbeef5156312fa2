package cloudformation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"penstock/internal/api"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/service/cloudformation/resource"
)

// job is one operation under way.
type job struct {
	*Service
	caller *resource.Caller
	st     record

	mu   sync.Mutex // guards rows while resources are worked on at the same time
	rows map[string]*resourceRow
}

// operate does what a stack has to do, phase by phase, until nothing is left.
func (s *Service) operate(ctx context.Context, id string) error {
	for {
		st, err := s.stack(ctx, id)
		if err != nil || st.Op == nil {
			return err
		}
		rows, err := s.rows(ctx, id)
		if err != nil {
			return err
		}
		j := &job{Service: s, caller: s.caller(), st: st, rows: rows}
		ctx := api.WithPrincipal(ctx, st.Op.Caller)
		s.Kill.At("stack-" + st.Op.Kind + "-" + st.Op.Phase)
		switch {
		case st.Op.Kind == "delete":
			err = j.remove(ctx)
		case st.Op.Phase == "forward":
			err = j.forward(ctx)
		case st.Op.Phase == "cleanup":
			err = j.cleanup(ctx)
		default:
			err = j.rollback(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s of stack %s, %s: %w", st.Op.Kind, st.Name, st.Op.Phase, err)
		}
	}
}

func (s *Service) caller() *resource.Caller {
	return &resource.Caller{Invoker: s.Invoker, Account: s.Account, Region: s.Region, Wait: func(ctx context.Context, tries int) error {
		return clock.Sleep(ctx, s.Clock, min(time.Second, 5*time.Millisecond<<min(tries, 10)))
	}}
}

// graph works on nodes at the same time, each after those that it needs. After a failure nothing more is begun; what is under way is
// waited for. The errors come back by node.
func graph(ctx context.Context, needs map[string][]string, work func(context.Context, string) error) map[string]error {
	return walk(ctx, needs, false, work)
}

// unwind is graph for deletions: one that fails holds up those alone that come after it, and not what is begun later by chance.
func unwind(ctx context.Context, needs map[string][]string, work func(context.Context, string) error) map[string]error {
	return walk(ctx, needs, true, work)
}

func walk(ctx context.Context, needs map[string][]string, goOn bool, work func(context.Context, string) error) map[string]error {
	type result struct {
		node string
		err  error
	}
	results := make(chan result)
	waiting, failed, open := map[string]int{}, map[string]error{}, 0
	after := map[string][]string{}
	begin := func(n string) {
		open++
		go func() { results <- result{n, work(ctx, n)} }()
	}
	for n, deps := range needs {
		for _, d := range deps {
			if _, ok := needs[d]; ok {
				waiting[n]++
				after[d] = append(after[d], n)
			}
		}
	}
	for n := range needs {
		if waiting[n] == 0 {
			begin(n)
		}
	}
	for open > 0 {
		r := <-results
		open--
		if r.err != nil {
			failed[r.node] = r.err
			continue
		}
		for _, n := range after[r.node] {
			if waiting[n]--; waiting[n] == 0 && (goOn || len(failed) == 0) && ctx.Err() == nil {
				begin(n)
			}
		}
	}
	return failed
}

// finish ends a phase: it changes the stack in one transaction.
func (j *job) finish(ctx context.Context, change func(tx *meta.Tx, st *record) error) error {
	return j.Meta.Update(ctx, func(tx *meta.Tx) error {
		st, err := j.stackTx(tx, j.st.ID)
		if err != nil {
			return err
		}
		return change(tx, &st)
	})
}

// row is a resource of the stack, or nil.
func (j *job) row(logical string) *resourceRow {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.rows[logical]
}

// step writes a resource's row and, if its status changes, its event. Only the goroutine that works on the resource calls it.
func (j *job) step(ctx context.Context, r *resourceRow, status, why string) error {
	changed := status != r.Status || why != r.Reason
	if changed {
		r.Status, r.Reason, r.Updated = status, why, j.now()
	}
	j.mu.Lock()
	j.rows[r.Logical] = r
	j.mu.Unlock()
	return j.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := saveRow(tx, j.st.ID, r); err != nil || !changed {
			return err
		}
		return addEvent(tx, j.st.ID, event{Logical: r.shown(), Physical: r.Physical, Type: r.Type, Status: status, Reason: why,
			Token: j.st.Op.Token, Properties: eventProperties(r), Time: r.Updated})
	})
}

func eventProperties(r *resourceRow) string {
	p := r.Pending
	if p == nil {
		p = r.Props
	}
	if p == nil {
		return ""
	}
	doc, err := marshal(masked(r.Type, p))
	if err != nil {
		return ""
	}
	return doc
}

// masked hides a password in what is shown.
func masked(kind string, p resource.Props) resource.Props {
	if kind != "AWS::RedshiftServerless::Namespace" || p["AdminUserPassword"] == nil {
		return p
	}
	out := resource.Props{}
	for k, v := range p {
		out[k] = v
	}
	out["AdminUserPassword"] = "****"
	return out
}

// mark is what DoneBy holds when the phase under way is through with a resource.
func (j *job) mark() string { return j.st.Op.ID + "/" + j.st.Op.Phase }

// names lists failed resources for a reason: "The following resource(s) failed to create: [A, B]. ".
func names(failed map[string]error, verb string) string {
	list := slices.Sorted(maps.Keys(failed))
	for i, key := range list {
		list[i] = shown(key)
	}
	return fmt.Sprintf("The following resource(s) failed to %s: [%s]. ", verb, strings.Join(list, ", "))
}

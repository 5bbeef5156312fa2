package cloudformation

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/meta"
	"penstock/internal/module"
)

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}).API()) }

// steady hides the instants of answers: stacks here run on the real clock.
type steady struct{ api.Invoker }

var instant = regexp.MustCompile(`"[0-9-]{10}T[0-9:.]+Z"`)

func (s steady) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	out, err := s.Invoker.Invoke(ctx, service, op, in)
	return hideInstants(out), err
}

func TestHonours(t *testing.T) {
	svc := New(module.Env{}).API()
	// What takes more than a page to see is shown by TestPages.
	paged := map[string]bool{}
	for i := range svc.Ops {
		op := &svc.Ops[i]
		var keep []api.Member
		for _, m := range op.Members {
			if m.Path == "NextToken" {
				paged[op.Name] = true
				continue
			}
			keep = append(keep, m)
		}
		op.Members = keep
	}
	if fmt.Sprint(paged) != fmt.Sprint(pagedOps()) {
		t.Errorf("operations with pages: %v, want %v", paged, pagedOps())
	}
	apitest.Vary(t, "testdata/honours.test", svc, func(t *testing.T) (api.Invoker, context.Context) {
		w := newWorld()
		w.refuse["CreateJob refused"], w.refuse["SetTopicAttributes stuck"] = "no", "no"
		w.files["b/one"] = "Description: one\nResources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: one}}}"
		w.files["b/two"] = "Description: two\nResources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: two}}}"
		d, _ := open(t, t.TempDir(), w, nil)
		return steady{d.inv}, apitest.Context(t)
	})
}

func pagedOps() map[string]bool {
	return map[string]bool{"DescribeStacks": true, "ListStacks": true, "DescribeStackEvents": true, "ListStackResources": true,
		"ListExports": true, "ListImports": true,
		"DescribeChangeSet": true, "ListChangeSets": true}
}

// TestPages puts more than a page of everything into the store and reads it back whole.
func TestPages(t *testing.T) {
	const many = pageSize + 20
	d, _ := open(t, t.TempDir(), newWorld(), nil)
	var st record
	err := d.Meta.Update(t.Context(), func(tx *meta.Tx) error {
		for i := range many {
			st = record{ID: fmt.Sprintf("arn:aws:cloudformation:us-east-1:000000000000:stack/s%03d/x", i), Name: fmt.Sprintf("s%03d", i)}
			if err := d.note(tx, &st, "CREATE_COMPLETE", ""); err != nil {
				return err
			}
		}
		cs := changeSet{ID: "arn:c", Name: "c", StackID: st.ID}
		for i := range many {
			name := fmt.Sprintf("n%03d", i)
			cs.Changes = append(cs.Changes, change{Action: "Add", Logical: name})
			other := changeSet{ID: "arn:" + name, Name: name, StackID: st.ID}
			if err := saveChangeSet(tx, &other); err != nil {
				return err
			}
			if err := saveRow(tx, st.ID, &resourceRow{Logical: name}); err != nil {
				return err
			}
			if err := addEvent(tx, st.ID, event{Logical: name}); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO cfn_exports (region, name, stack, value) VALUES ('us-east-1', ?, 'x', 'v')`, name); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO cfn_imports (region, name, stack) VALUES ('us-east-1', 'e', ?)`, name); err != nil {
				return err
			}
		}
		return saveChangeSet(tx, &cs)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		op, list string
		in       map[string]any
		want     int
	}{
		{"DescribeStacks", "Stacks", map[string]any{}, many}, {"ListStacks", "StackSummaries", map[string]any{}, many},
		{"ListExports", "Exports", map[string]any{}, many},
		{"DescribeStackEvents", "StackEvents", map[string]any{"StackName": st.Name}, many + 1},
		{"ListStackResources", "StackResourceSummaries", map[string]any{"StackName": st.Name}, many},
		{"ListImports", "Imports", map[string]any{"ExportName": "e"}, many}, {"ListChangeSets", "Summaries", map[string]any{"StackName": st.Name},
			many + 1},
		{"DescribeChangeSet", "Changes", map[string]any{"ChangeSetName": "arn:c"}, many},
	} {
		seen, pages := map[string]bool{}, 0
		for token := any(""); token != nil; pages++ {
			out := d.do(c.op, c.in)
			for _, e := range out[c.list].([]any) {
				seen[fmt.Sprint(e)] = true
			}
			token = out["NextToken"]
			c.in["NextToken"] = token
		}
		if len(seen) != c.want || pages != 2 {
			t.Errorf("%s: %d in %d pages, want %d in 2", c.op, len(seen), pages, c.want)
		}
		c.in["NextToken"] = "forged"
		if _, err := d.try(c.op, c.in); err == nil {
			t.Errorf("%s takes a forged token", c.op)
		}
	}
}

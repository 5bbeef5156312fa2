package cloudformation

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"penstock/internal/service/cloudformation/resource"
	"penstock/internal/service/cloudformation/template"
)

// request is what CreateStack, UpdateStack and CreateChangeSet have in common.
type request struct {
	body, url    *string // TemplateBody, TemplateURL
	previous     *bool   // UsePreviousTemplate
	parameters   []types.Parameter
	tags         []types.Tag
	capabilities []types.Capability
}

// A plan is a request that has been checked whole: what a stack will be, and what changes that takes.
type plan struct {
	target  content
	changes []change
	outputs bool // the outputs differ
}

type change struct {
	Action, Logical, Type, Physical string   // Action: Add, Modify, Remove
	Properties                      []string // top-level ones that differ
	Replacement                     string   `json:",omitempty"` // True, Conditional, or "" when it is changed in place
}

// plan checks a request against the stack, which is nil for a new one.
func (s *Service) plan(ctx context.Context, name string, st *record, r request) (*plan, error) {
	body, err := s.body(ctx, st, r)
	if err != nil {
		return nil, err
	}
	t, err := s.parse(body)
	if err != nil {
		return nil, err
	}
	var given []string
	for _, c := range r.capabilities {
		given = append(given, string(c))
	}
	if err := s.checkCapabilities(t, given); err != nil {
		return nil, err
	}
	p := &plan{target: content{Template: *body, Tags: map[string]string{}, Stored: map[string]template.Stored{}}}
	if p.target.Parameters, err = parameters(st, r.parameters); err != nil {
		return nil, err
	}
	for _, tag := range r.tags {
		p.target.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if r.tags == nil && st != nil {
		p.target.Tags = st.Current.Tags
	}
	return p, s.compare(ctx, name, st, t, p)
}

// body is the template of a request, or the stack's.
func (s *Service) body(ctx context.Context, st *record, r request) (*string, error) {
	if st == nil || !aws.ToBool(r.previous) {
		return s.source(ctx, r.body, r.url)
	}
	if r.body != nil || r.url != nil {
		return nil, invalid("You cannot specify both usePreviousTemplate and Template Body.")
	}
	return &st.Current.Template, nil
}

// parameters takes the values of a request; UsePreviousValue means the stack's, also one that its template gave as a default.
func parameters(st *record, in []types.Parameter) (map[string]string, error) {
	var previous map[string]string
	if st != nil {
		previous = st.Current.values(st.Current.parsed())
	}
	out := map[string]string{}
	for _, p := range in {
		key := aws.ToString(p.ParameterKey)
		if !aws.ToBool(p.UsePreviousValue) {
			out[key] = aws.ToString(p.ParameterValue)
			continue
		}
		if aws.ToString(p.ParameterValue) != "" {
			return nil, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true and non empty value for a parameter",
				key)
		}
		v, ok := previous[key]
		if !ok {
			return nil, invalid("Invalid input for parameter key %s. "+
				"Cannot specify usePreviousValue as true for a parameter key not in the previous template", key)
		}
		out[key] = v
	}
	return out, nil
}

// compare evaluates the target as far as that is possible before its resources exist, and finds the changes. What would need a bucket
// with objects to be deleted, or two resources of one name, is refused here.
func (s *Service) compare(ctx context.Context, name string, st *record, t *template.Template, p *plan) error {
	rows, id, tags := map[string]*resourceRow{}, "", p.target.Tags
	var old []outputValue
	if st != nil {
		var err error
		if rows, err = s.rows(ctx, st.ID); err != nil {
			return err
		}
		id, old = st.ID, st.Outputs
	}
	replaced := map[string]bool{} // what refers to these is not known yet
	env, err := s.evaluator(ctx, t, p.target, id, name, func(l string) *resourceRow {
		if replaced[l] {
			return nil
		}
		return rows[l]
	})
	if err != nil {
		return err
	}
	needs, err := wanted(env)
	if err == nil {
		err = unresolved(env, needs)
	}
	if err == nil {
		err = env.Find(propertiesOf(env.Template, needs))
	}
	if err != nil {
		return mapped(err)
	}
	for before := -1; before < len(replaced); {
		before, p.changes = len(replaced), nil
		for _, logical := range slices.Sorted(maps.Keys(needs)) {
			c, err := s.changeOf(ctx, env, logical, rows[logical], tags)
			if err != nil {
				return err
			}
			if c.Action != "" {
				p.changes = append(p.changes, c)
			}
			if c.Replacement != "" {
				replaced[logical] = true
			}
		}
	}
	for _, logical := range slices.Sorted(maps.Keys(rows)) {
		if _, stays := needs[logical]; stays || rows[logical].Props == nil {
			continue
		}
		c, err := s.removal(ctx, rows[logical])
		if err != nil {
			return err
		}
		p.changes = append(p.changes, c)
	}
	p.outputs = outputsDiffer(env, old)
	return nil
}

func (s *Service) changeOf(
	ctx context.Context, env *template.Env, logical string, r *resourceRow, tags map[string]string,
) (c change, err error) {
	decl := env.Template.Resources[logical]
	props, err := s.properties(env, logical, tags)
	if err != nil {
		if e := mapped(err); e != err {
			return c, e
		}
		return c, invalid("Template error: %s (%s): %s", logical, decl.Type, err)
	}
	kind, known := s.kinds[decl.Type], resource.Props(nil)
	if r != nil && r.Type == decl.Type {
		known = r.Props
	}
	if kind.Refuse != nil {
		if err := kind.Refuse(known, props); err != nil {
			return c, invalid("%s (%s): %s", logical, decl.Type, err)
		}
	}
	if r == nil || r.Props == nil {
		return change{Action: "Add", Logical: logical, Type: decl.Type}, nil
	}
	if r.Type != decl.Type {
		return c, invalid("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]",
			logical)
	}
	changed, replacing := kind.Spec.Changes(r.Props, props)
	if len(changed) == 0 {
		return c, nil
	}
	c = change{Action: "Modify", Logical: logical, Type: r.Type, Physical: r.Physical, Properties: changed}
	if len(replacing) > 0 {
		c.Replacement, err = s.replaceable(ctx, kind, r, props, decl)
	}
	return c, err
}

// removal refuses to take a bucket with objects out of a stack, unless it is to be kept.
func (s *Service) removal(ctx context.Context, r *resourceRow) (change, error) {
	c := change{Action: "Remove", Logical: r.shown(), Type: r.Type, Physical: r.Physical}
	if r.Policy != "Delete" || r.Status == "DELETE_FAILED" {
		return c, nil
	}
	why, err := s.holds(ctx, r)
	if err != nil {
		return c, err
	}
	if why != "" {
		return c, invalid("%s (%s) cannot be removed: %s", r.Logical, r.Type, why)
	}
	return c, nil
}

func outputsDiffer(env *template.Env, old []outputValue) bool {
	out, err := outputs(env)
	if err != nil {
		return true // something in it is not known yet
	}
	a, err1 := marshal(out)
	b, err2 := marshal(append([]outputValue{}, old...))
	return err1 != nil || err2 != nil || a != b
}

// empty reports whether there is nothing to do.
func (p *plan) empty(st *record) bool {
	return len(p.changes) == 0 && !p.outputs && maps.Equal(p.target.Tags, st.Current.Tags) &&
		maps.Equal(p.target.resolved(p.target.parsed()), st.Current.resolved(st.Current.parsed()))
}

// parsed is the template; an empty one for a stack that nothing has been carried out for.
func (c *content) parsed() *template.Template {
	t, err := template.Parse(c.Template)
	if err != nil {
		return &template.Template{}
	}
	return t
}

// values are the parameters with the defaults of those that were not given. t is the parsed template.
func (c *content) values(t *template.Template) map[string]string {
	out := map[string]string{}
	for key, p := range t.Parameters {
		if v, ok := c.Parameters[key]; ok {
			out[key] = v
		} else if p.Default != nil {
			out[key] = *p.Default
		}
	}
	return out
}

// resolved are the texts in Parameter Store that parameters stand for, by the parameters' keys.
func (c *content) resolved(t *template.Template) map[string]string {
	out, values := map[string]string{}, c.values(t)
	for key, p := range t.Parameters {
		if stored, ok := c.Stored[values[key]]; ok && p.Stored() {
			out[key] = p.Shown(stored.Value)
		}
	}
	return out
}

// shown are the parameters as DescribeStacks shows them: with defaults, secrets hidden.
func (c *content) shown(t *template.Template) []types.Parameter {
	out, values, resolved := []types.Parameter{}, c.values(t), c.resolved(t)
	for _, key := range slices.Sorted(maps.Keys(t.Parameters)) {
		v := values[key]
		if t.Parameters[key].NoEcho {
			v = "****"
		}
		shown := types.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(v)}
		if text, ok := resolved[key]; ok && v == values[key] {
			shown.ResolvedValue = aws.String(text)
		} else if ok {
			shown.ResolvedValue = aws.String(v)
		}
		out = append(out, shown)
	}
	return out
}

// refuseBusy is the answer to an operation that the stack's state does not allow.
func refuseBusy(st *record, verb string) error {
	return invalid("Stack:%s is in %s state and can not be %s.", st.ID, st.Status, verb)
}

// updatable reports whether the stack can be updated now.
func updatable(st *record) bool {
	return st.Op == nil && (strings.HasSuffix(st.Status, "_COMPLETE") && st.Status != "ROLLBACK_COMPLETE" && st.Status != "DELETE_COMPLETE" ||
		st.Status == "UPDATE_FAILED" || st.Status == "CREATE_FAILED" && st.DisableRollback)
}

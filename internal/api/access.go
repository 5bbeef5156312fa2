package api

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// An Access says what a service's operations ask of IAM. Source of actions, resources and condition keys: AWS's service authorization
// reference; a test of the server holds every grant against it.
type Access struct {
	Prefix string // of actions: "s3"
	// ARN is what resources begin with: "arn:aws:glue:{region}:{account}:".
	ARN string
	// Resolve, when set, gives the whole name of a resource that a call names in short: a role's with its path, a stack's with its id. It
	// returns what it does not know as it is.
	Resolve func(ctx context.Context, arn string) string
	Grants  []Grant
}

// A Grant is one thing that operations ask. An operation that stands in several asks each.
type Grant struct {
	// Ops names operations, separated by spaces.
	Ops string
	// Action is empty when it is the operation's name; one of another service has its prefix ("iam:PassRole").
	Action string
	// If and Unless are paths of members, separated by spaces: the grant is asked when one of them is set, or none. False is not set.
	If, Unless string
	// On are resources, each below the Access' ARN unless it begins with "{" or "arn:". {region} and {account} are the server's and the
	// caller's; {Path} is a member's value, and one resource for each of several values; {Path|arn} is one that may be an ARN, which is
	// then the whole resource. A resource whose member is not set is left out; without any the resource is "*".
	On []string
	// From computes resources that On cannot say; see From. When it returns none the grant is not asked.
	From func(ctx context.Context, at Place, in any) []string
	// Keys are condition keys with their values in the form of On. A key that ends in "/" is that of tags: its value is a member that is a
	// list or a map of tags, or a text of them, and the key of their names comes with it.
	Keys Keys
}

// Keys are condition keys and their values.
type Keys map[string]string

// A Place is where a call's resources lie.
type Place struct{ Region, Account string }

// From makes a Grant's From of a function over the operation's input.
func From[I any](fn func(ctx context.Context, at Place, in *I) []string) func(context.Context, Place, any) []string {
	return func(ctx context.Context, at Place, in any) []string {
		if v, ok := in.(*I); ok {
			return fn(ctx, at, v)
		}
		return nil
	}
}

// A Request is what one call asks of IAM: an operation that touches several things makes several.
type Request struct {
	Principal  Principal
	Action     string   // "s3:GetObject"
	Resources  []string // ARNs, or "*"
	Conditions map[string][]string
}

// granted are the grants of one operation, bound to its input.
type granted struct {
	grants []boundGrant
	err    error
}

type boundGrant struct {
	action     string
	cond, less [][]step // of If and Unless; nil: none
	on         []pattern
	from       func(context.Context, Place, any) []string
	keys       []boundKey
}

type boundKey struct {
	name string
	tags []step // of a key that ends in "/"
	text pattern
}

// bindAccess finds the grants of an operation. An operation without any, and a path that its input has not, are errors.
func bindAccess(a Access, op Op) granted {
	var g granted
	for _, gr := range a.Grants {
		if !slices.Contains(strings.Fields(gr.Ops), op.Name) {
			continue
		}
		b, err := gr.bind(a, op)
		if err != nil {
			return granted{err: fmt.Errorf("the access of %s: %w", op.Name, err)}
		}
		g.grants = append(g.grants, b)
	}
	if len(g.grants) == 0 {
		g.err = fmt.Errorf("%s does not say what it asks of IAM", op.Name)
	}
	return g
}

// AccessOf returns an error when an operation does not say what it asks of IAM, or names members that its input has not.
func (s Service) AccessOf(op Op) error { return bindAccess(s.Access, op).err }

func (gr Grant) bind(a Access, op Op) (b boundGrant, err error) {
	b.from, b.action = gr.From, gr.Action
	if b.action == "" {
		b.action = op.Name
	}
	if !strings.Contains(b.action, ":") {
		b.action = a.Prefix + ":" + b.action
	}
	if b.cond, err = bindPaths(op.In, gr.If); err != nil {
		return b, err
	}
	if b.less, err = bindPaths(op.In, gr.Unless); err != nil {
		return b, err
	}
	for _, text := range gr.On {
		if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "arn:") {
			text = a.ARN + text
		}
		p, err := bindPattern(op.In, text)
		if err != nil {
			return b, err
		}
		b.on = append(b.on, p)
	}
	for name, text := range gr.Keys {
		k := boundKey{name: name}
		if strings.HasSuffix(name, "/") {
			k.tags, err = bindPath(op.In, strings.Trim(text, "{}"))
		} else {
			k.text, err = bindPattern(op.In, text)
		}
		if err != nil {
			return b, err
		}
		b.keys = append(b.keys, k)
	}
	return b, nil
}

func bindPaths(t reflect.Type, paths string) (out [][]step, err error) {
	for _, p := range strings.Fields(paths) {
		path, err := bindPath(t, p)
		if err != nil {
			return nil, err
		}
		out = append(out, path)
	}
	return out, nil
}

// isSet reports whether a call sets one of the members: false and "" ask for nothing, as everywhere.
func isSet(v reflect.Value, paths [][]step) bool {
	return slices.ContainsFunc(paths, func(path []step) bool {
		return slices.ContainsFunc(reach(v, path), func(m reflect.Value) bool {
			return (m.Kind() != reflect.Bool || m.Bool()) && (m.Kind() != reflect.String || m.Len() > 0)
		})
	})
}

// Asks returns what a call asks of IAM. in is a pointer to the operation's input.
func (t *Table) Asks(ctx context.Context, p Principal, service, op string, in any) ([]Request, error) {
	s, o, err := t.find(service, op)
	if err != nil {
		return nil, err
	}
	return t.asks(ctx, p, s, o, in)
}

func (t *Table) asks(ctx context.Context, p Principal, s *tableService, o *tableOp, in any) ([]Request, error) {
	o.accessOnce.Do(func() { o.access = bindAccess(s.Access, o.Op) })
	if o.access.err != nil {
		return nil, o.access.err
	}
	at, v := Place{Region: t.Region, Account: p.Account}, reflect.ValueOf(in).Elem()
	var out []Request
	for _, g := range o.access.grants {
		if g.cond != nil && !isSet(v, g.cond) || isSet(v, g.less) {
			continue
		}
		r := Request{Principal: p, Action: g.action, Conditions: g.conditions(at, v)}
		for _, pt := range g.on {
			r.Resources = append(r.Resources, pt.expand(at, v)...)
		}
		if g.from != nil {
			if r.Resources = append(r.Resources, g.from(ctx, at, in)...); len(r.Resources) == 0 {
				continue
			}
		}
		if s.Access.Resolve != nil {
			for i, arn := range r.Resources {
				r.Resources[i] = s.Access.Resolve(ctx, arn)
			}
		}
		if len(r.Resources) == 0 {
			r.Resources = []string{"*"}
		}
		out = append(out, r)
	}
	return out, nil
}

// A Guard decides the calls of a service by what its resources themselves say of their callers: policies that they have, access lists. It
// is asked before the handler of every call, and of a stranger's call also before the input is read: what it refuses then is not read at
// all. The context that it returns is the handler's.
type Guard func(ctx context.Context, c Call) (context.Context, error)

// A Call is one that a Guard decides.
type Call struct {
	Principal Principal
	Op        string
	// First is the first part of the path, of a stranger's call whose input is not read: then In is nil. It is nil also where Allows asks.
	First string
	// Served says that there is such an operation.
	Served bool
	In     any // a pointer to the operation's input
	// Asks returns what the call asks of IAM.
	Asks func() ([]Request, error)
}

// Allows asks the guard of a service whether a caller may do something that is no call of an operation. An Invoker that is no Table allows
// all, as a Table does for a service without a guard.
func Allows(ctx context.Context, inv Invoker, service string, r Request) error {
	t, ok := inv.(*Table)
	if !ok {
		return nil
	}
	s, ok := t.services[service]
	if !ok || s.Guard == nil {
		return nil
	}
	_, err := s.Guard(ctx, Call{Principal: r.Principal, Served: true, Asks: func() ([]Request, error) { return []Request{r}, nil }})
	return err
}

// authorize asks the server, and then the service's guard, whether the caller may do what the call asks. Strangers may do what a guard
// allows.
func (t *Table) authorize(ctx context.Context, p Principal, s *tableService, o *tableOp, in any) (context.Context, error) {
	if t.Authorize != nil {
		requests, err := t.asks(ctx, p, s, o, in)
		if err != nil {
			return ctx, err
		}
		for _, r := range requests {
			if err := t.Authorize(ctx, r); err != nil {
				return ctx, err
			}
		}
	}
	switch {
	case s.Guard != nil:
		asks := func() ([]Request, error) { return t.asks(ctx, p, s, o, in) }
		return s.Guard(ctx, Call{Principal: p, Op: o.Name, Served: true, In: in, Asks: asks})
	case p.Anonymous:
		return ctx, &Error{Code: "AccessDenied", Status: 403, Message: "Access Denied"}
	}
	return ctx, nil
}

func (g boundGrant) conditions(at Place, v reflect.Value) map[string][]string {
	out := map[string][]string{}
	for _, k := range g.keys {
		if k.tags == nil {
			if vs := k.text.expand(at, v); len(vs) > 0 {
				out[k.name] = vs
			}
			continue
		}
		names := "aws:TagKeys"
		if base := strings.TrimSuffix(k.name, "/"); base != "aws:RequestTag" {
			names = base + "Keys"
		}
		for _, tag := range tags(v, k.tags) {
			out[k.name+tag[0]] = append(out[k.name+tag[0]], tag[1])
			out[names] = append(out[names], tag[0])
		}
	}
	return out
}

// tags reads a list of structures with Key and Value, a map, or a text in the form of a query.
func tags(v reflect.Value, path []step) (out [][2]string) {
	for _, m := range reach(v, path) {
		switch m.Kind() {
		case reflect.Slice:
			for i := range m.Len() {
				key, _ := text(m.Index(i).FieldByName("Key"))
				value, _ := text(m.Index(i).FieldByName("Value"))
				out = append(out, [2]string{key, value})
			}
		case reflect.Map:
			for _, k := range m.MapKeys() {
				value, _ := text(m.MapIndex(k))
				out = append(out, [2]string{k.String(), value})
			}
		case reflect.String:
			query, err := url.ParseQuery(m.String())
			if err != nil {
				continue // the handler refuses the text
			}
			for k := range query {
				out = append(out, [2]string{k, query.Get(k)})
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return out
}

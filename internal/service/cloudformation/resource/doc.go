// Package resource holds the resource types that a stack may declare, one file each. A type says which properties it takes, how it is
// named, and how it is made, changed and removed, which it does only through the services' own operations. It knows nothing of stacks,
// templates and their order. A property that a type does not list is refused by its name before anything is made; a change of
// one that says replace makes the resource anew, as AWS does.
//
// Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html.
package resource

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/api"
)

// Props are a resource's properties after evaluation, in the types that its specification gives them.
type Props = map[string]any

// A Caller carries out an operation of a service: members in, members out.
type Caller struct {
	Invoker         api.Invoker
	Account, Region string
	// Wait lets a little time pass between two looks at a resource that is being made; it fails when ctx ends.
	Wait func(ctx context.Context, tries int) error
}

// Do invokes an operation.
func (c *Caller) Do(ctx context.Context, service, op string, in map[string]any) (map[string]any, error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("encode the input of %s: %w", op, err)
	}
	out, err := c.Invoker.Invoke(ctx, service, op, json.RawMessage(raw))
	if err != nil {
		return nil, err
	}
	text, ok := out.(json.RawMessage)
	if !ok {
		return nil, fmt.Errorf("%s answered %T", op, out)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("decode the answer of %s: %w", op, err)
	}
	return doc, nil
}

// A Kind is a resource type.
type Kind struct {
	Type string
	Spec *Spec
	// Name is the property that names the resource, or several of which one does, with | between them; without it a
	// name is made of the stack's, the logical id and chance.
	Name string
	// Naming is the form of such a name.
	Naming Naming
	// Attributes are what Fn::GetAtt may ask for. A trailing "*" stands for any rest.
	Attributes []string
	// Capability says which acknowledgement the resource needs from who makes the stack: "", CAPABILITY_IAM or CAPABILITY_NAMED_IAM.
	Capability func(Props) string
	// Find reports whether the resource is there already: what was not made by the stack is never taken over.
	Find func(context.Context, *Caller, string, Props) (bool, error)
	// Create makes the resource called name and returns its physical id. Made again after it was cut off, it brings the rest.
	Create func(ctx context.Context, c *Caller, name string, p Props) (id string, err error)
	// Update changes it in place.
	Update func(ctx context.Context, c *Caller, id string, old, p Props) error
	// Refuse, if set, names what the service could not make or change, before anything is done. old is nil for what is new.
	Refuse func(old, p Props) error
	// Delete removes it; one that is gone is fine.
	Delete func(ctx context.Context, c *Caller, id string, p Props) error
	// Read gives the attributes.
	Read func(ctx context.Context, c *Caller, id string, p Props) (map[string]any, error)
}

// Naming is the form of a made name.
type Naming struct {
	Lower bool
	Max   int    // characters; 0 is 64
	Head  string // in place of the stack's name
}

// Make makes a name in the manner of CloudFormation: the stack's, the logical id, and twelve random characters.
func (n Naming) Make(stack, logical, random string) string {
	longest := n.Max
	if longest == 0 {
		longest = 64
	}
	head := cmp.Or(n.Head, stack) + "-" + logical
	if len(head) > longest-len(random)-1 {
		head = head[:longest-len(random)-1]
	}
	name := head + "-" + random
	if n.Lower {
		name = strings.ToLower(name)
	}
	return name
}

// HasAttribute reports whether Fn::GetAtt may ask for the attribute.
func (k *Kind) HasAttribute(name string) bool {
	return slices.ContainsFunc(k.Attributes, func(a string) bool {
		if prefix, ok := strings.CutSuffix(a, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return a == name
	})
}

// Kinds is the table of all types.
func Kinds() map[string]*Kind {
	out := map[string]*Kind{}
	for _, k := range []*Kind{bucket(), bucketPolicy(), database(), table(), partition(), classifier(), crawler(), job(), trigger(),
		workflow(), ruleset(), role(), namespace(), workgroup(),
		connection(), topic(), subscription(), alarm(), stateMachine(), logGroup(), parameter()} {
		out[k.Type] = k
	}
	return out
}

// Types lists the names of all types, sorted.
func Types() []string { return slices.Sorted(maps.Keys(Kinds())) }

// is reports whether err has one of the codes.
func is(err error, codes ...string) bool { return err != nil && slices.Contains(codes, api.Code(err)) }

// gone makes "is not there" a success.
func gone(err error, codes ...string) error {
	if is(err, codes...) {
		return nil
	}
	return err
}

// found turns an answer of a reading operation into whether the thing is there.
func found(err error, absent ...string) (bool, error) {
	if is(err, absent...) {
		return false, nil
	}
	return err == nil, err
}

// pick copies the members that are present.
func pick(p Props, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, ok := p[n]; ok {
			out[n] = v
		}
	}
	return out
}

// with adds to m and returns it.
func with(m map[string]any, pairs ...any) map[string]any {
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// text reads a member as text; "" when it is absent.
func text(p Props, path ...string) string {
	var v any = p
	for _, k := range path {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	s, _ := v.(string)
	return s
}

func object(p Props, name string) map[string]any {
	m, _ := p[name].(map[string]any)
	return m
}

func list(p Props, name string) []any {
	l, _ := p[name].([]any)
	return l
}

// same compares two values by their JSON text.
func same(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// encode writes a JSON property as text; text stays as it is.
func encode(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

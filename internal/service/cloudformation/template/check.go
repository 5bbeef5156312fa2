package template

import (
	"maps"
	"slices"
	"strings"
)

// pseudo are the parameters that every template has.
var pseudo = []string{"AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId",
	"AWS::StackName", "AWS::URLSuffix"}

// check finds references to what is not declared, and circles.
func (t *Template) check() error {
	for _, name := range slices.Sorted(maps.Keys(t.Conditions)) {
		if err := t.checkCondition(t.Conditions[name], map[string]bool{name: true}); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[name]
		if _, twice := t.Parameters[name]; twice {
			return errorf("Template format error: %s is the name of a parameter and of a resource", name)
		}
		if err := t.checkNames("the Resources block", r.Condition, r.Properties); err != nil {
			return err
		}
		for _, d := range r.DependsOn {
			if _, ok := t.Resources[d]; !ok {
				return errorf("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", d)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
		o := t.Outputs[name]
		if err := t.checkNames("the Outputs block", o.Condition, []any{o.Value, o.Export}); err != nil {
			return err
		}
	}
	if err := t.checkDynamic(); err != nil {
		return err
	}
	_, err := t.Order()
	return err
}

// checkNames checks a condition's name and all that v refers to.
func (t *Template) checkNames(where, condition string, v any) error {
	if _, ok := t.Conditions[condition]; condition != "" && !ok {
		return errorf("Template format error: Unresolved condition %s in %s of the template", condition, where)
	}
	var unresolved []string
	err := visit(v, func(c *Call) error {
		if c.Name == "Fn::If" {
			if n := c.Arg.([]any)[0].(string); t.Conditions[n] == nil {
				return errorf("Template error: unresolved condition dependency %s in Fn::If (line %d)", n, c.Line)
			}
		}
		if strings.HasPrefix(c.Name, "Fn::") && slices.Contains([]string{"Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"}, c.Name) {
			return errorf("Template error: line %d: %s can be used in Conditions only", c.Line, c.Name)
		}
		return nil
	}, func(name string, attr bool) error {
		if _, ok := t.Resources[name]; ok {
			return nil
		}
		_, isParam := t.Parameters[name]
		if attr {
			return errorf("Template error: instance of Fn::GetAtt references undefined resource %s", name)
		}
		if !isParam && !slices.Contains(pseudo, name) {
			unresolved = append(unresolved, name)
		}
		return nil
	})
	if err == nil && unresolved != nil {
		err = errorf("Template format error: Unresolved resource dependencies [%s] in %s of the template", strings.Join(unresolved, ", "), where)
	}
	return err
}

func (t *Template) checkCondition(v any, path map[string]bool) error {
	if name, ok := conditionName(v); ok {
		if path[name] {
			return errorf("Template error: circular dependency of conditions at %s", name)
		}
		next, ok := t.Conditions[name]
		if !ok {
			return errorf("Template error: unresolved condition dependency %s", name)
		}
		path = maps.Clone(path)
		path[name] = true
		return t.checkCondition(next, path)
	}
	c, ok := v.(*Call)
	if !ok {
		return errorf("Template error: every condition must be Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")
	}
	switch c.Name {
	case "Fn::And", "Fn::Or", "Fn::Not":
		for _, e := range c.Arg.([]any) {
			if err := t.checkCondition(e, path); err != nil {
				return err
			}
		}
		return nil
	case "Fn::Equals":
		return visit(c.Arg, nil, func(name string, attr bool) error {
			if _, ok := t.Parameters[name]; attr || !ok && !slices.Contains(pseudo, name) {
				return errorf("Template format error: Unresolved dependencies [%s]. Cannot reference resources in the Conditions block of the template",
					name)
			}
			return nil
		})
	}
	return errorf("Template error: line %d: %s cannot stand as a condition", c.Line, c.Name)
}

// conditionName recognises {"Condition": "Name"}.
func conditionName(v any) (string, bool) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return "", false
	}
	s, ok := m["Condition"].(string)
	return s, ok
}

// visit calls onCall for every function below v and onRef for every name that is referred to.
func visit(v any, onCall func(*Call) error, onRef func(name string, attr bool) error) error {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			if err := visit(e, onCall, onRef); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if err := visit(x[k], onCall, onRef); err != nil {
				return err
			}
		}
	case *Call:
		if onCall != nil {
			if err := onCall(x); err != nil {
				return err
			}
		}
		return visitCall(x, onCall, onRef)
	}
	return nil
}

func visitCall(c *Call, onCall func(*Call) error, onRef func(name string, attr bool) error) error {
	switch c.Name {
	case "Ref":
		return onRef(c.Arg.(string), false)
	case "Fn::GetAtt":
		return onRef(c.Arg.([]any)[0].(string), true)
	case "Fn::Sub":
		text, vars := subParts(c)
		for _, part := range text {
			if _, own := vars[part.name]; part.name == "" || own {
				continue
			}
			name, _, attr := strings.Cut(part.name, ".")
			if err := onRef(name, attr); err != nil {
				return err
			}
		}
		return visit(vars, onCall, onRef)
	}
	return visit(c.Arg, onCall, onRef)
}

// An Attribute is what Fn::GetAtt, or Fn::Sub with a point, asks of a resource.
type Attribute struct{ Resource, Name string }

// Attributes lists all attributes that v asks for.
func Attributes(v any) (out []Attribute) {
	visit(v, func(c *Call) error {
		if c.Name == "Fn::GetAtt" {
			list := c.Arg.([]any)
			out = append(out, Attribute{list[0].(string), list[1].(string)})
		}
		if c.Name == "Fn::Sub" {
			parts, vars := subParts(c)
			for _, p := range parts {
				resource, attr, ok := strings.Cut(p.name, ".")
				if _, own := vars[p.name]; ok && !own {
					out = append(out, Attribute{resource, attr})
				}
			}
		}
		return nil
	}, func(string, bool) error { return nil })
	return out
}

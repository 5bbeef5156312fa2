package dqdl

import (
	"fmt"
	"regexp"
)

// Evaluable reports why a rule cannot be evaluated here, or nil. A ruleset with such a rule is refused when it is created.
func Evaluable(r Rule) error {
	if r.Op != "" {
		for _, part := range r.Parts {
			if err := Evaluable(part); err != nil {
				return err
			}
		}
		return nil
	}
	s := specs[r.Type]
	switch {
	case !s.evaluable:
		return fmt.Errorf("the rule type %s cannot be evaluated yet: %s", r.Type, r.Text)
	case len(r.tags) > 0:
		return fmt.Errorf("\"with %s\" cannot be evaluated yet: %s", r.tags[0], r.Text)
	case r.Type == "CustomSql" && r.Condition == nil && r.Threshold != nil:
		return fmt.Errorf("a CustomSql rule with a threshold cannot be evaluated yet: %s", r.Text)
	case r.Type == "CustomSql" && r.Condition == nil:
		return fmt.Errorf("a CustomSql rule without a condition (= 0) cannot be evaluated yet: %s", r.Text)
	}
	for _, c := range []*Condition{r.Condition, r.Threshold} {
		if c == nil {
			continue
		}
		if err := c.evaluable(r, c == r.Threshold || r.Type != "ColumnValues"); err != nil {
			return err
		}
	}
	return nil
}

// evaluable checks the operands; numeric conditions judge a measured number.
func (c *Condition) evaluable(r Rule, numeric bool) error {
	if numeric && c.Op == "matches" {
		return fmt.Errorf("a number cannot match a pattern: %s", r.Text)
	}
	for _, o := range c.Operands {
		switch {
		case o.Kind == Dynamic || o.Kind == Duration || o.Kind == Size:
			return fmt.Errorf("the dynamic value %s cannot be evaluated yet: %s", o.Text, r.Text)
		case numeric && o.Kind != Number:
			return fmt.Errorf("%q is not a number: %s", o.Text, r.Text)
		case o.Kind == Keyword && c.Op != "=" && c.Op != "!=" && c.Op != "in":
			return fmt.Errorf("%s can only be compared with =, != and in: %s", o.Text, r.Text)
		case c.Op == "matches" && o.Kind != String:
			return fmt.Errorf("matches takes a pattern in quotes: %s", r.Text)
		}
		if c.Op == "matches" {
			if _, err := regexp.Compile(o.Text); err != nil {
				return fmt.Errorf("the pattern %q cannot be used: %w", o.Text, err)
			}
		}
	}
	return nil
}

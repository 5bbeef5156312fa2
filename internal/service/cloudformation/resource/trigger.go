package resource

import "context"

// trigger is AWS::Glue::Trigger.
func trigger() *Kind {
	input := func(p Props, names ...string) map[string]any {
		in := pick(p, append(names, "Description", "Schedule", "Predicate")...)
		var actions []any
		for _, v := range list(p, "Actions") {
			a, _ := v.(map[string]any)
			a = pick(a, "JobName", "CrawlerName", "Arguments", "Timeout", "NotificationProperty")
			if a["Arguments"] != nil {
				a["Arguments"] = tagMap(a["Arguments"]) // any scalars in a template, texts in the operation
			}
			actions = append(actions, a)
		}
		in["Actions"] = actions
		return in
	}
	name := func(id string) map[string]any { return map[string]any{"Name": id} }
	return &Kind{
		Type: "AWS::Glue::Trigger", Name: "Name", Naming: Naming{Max: 255},
		Spec: spec(`
			Name text replace
			Type text required replace
			WorkflowName text replace
			Description text
			Schedule text
			StartOnCreation bool
			Predicate.Logical text
			Predicate.Conditions[].LogicalOperator text
			Predicate.Conditions[].JobName text
			Predicate.Conditions[].State text
			Predicate.Conditions[].CrawlerName text
			Predicate.Conditions[].CrawlState text
			Actions[].JobName text
			Actions[].CrawlerName text
			Actions[].Arguments json
			Actions[].Timeout int
			Actions[].NotificationProperty.NotifyDelayAfter int
			Tags json`),
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetTrigger", name(id))
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := with(input(p, "Type", "WorkflowName", "StartOnCreation"), "Name", id)
			if t := tagMap(p["Tags"]); len(t) > 0 {
				in["Tags"] = t
			}
			_, err := c.Do(ctx, "glue", "CreateTrigger", in)
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			if _, err := c.Do(ctx, "glue", "UpdateTrigger", with(name(id), "TriggerUpdate", input(p))); err != nil {
				return err
			}
			return retag(ctx, c, "glue", glueTarget(c, "trigger", id), false, "TagsToRemove", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteTrigger", name(id))
			return gone(err, "EntityNotFoundException")
		},
	}
}

// workflow is AWS::Glue::Workflow.
func workflow() *Kind {
	name := func(id string) map[string]any { return map[string]any{"Name": id} }
	input := func(id string, p Props) map[string]any {
		in := with(pick(p, "Description", "MaxConcurrentRuns"), "Name", id)
		if v, ok := p["DefaultRunProperties"]; ok {
			in["DefaultRunProperties"] = tagMap(v) // any scalars in a template, texts in the operation
		}
		return in
	}
	return &Kind{
		Type: "AWS::Glue::Workflow", Name: "Name", Naming: Naming{Max: 255},
		Spec: spec(`
			Name text replace
			Description text
			DefaultRunProperties json
			MaxConcurrentRuns int
			Tags json`),
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetWorkflow", name(id))
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := input(id, p)
			if t := tagMap(p["Tags"]); len(t) > 0 {
				in["Tags"] = t
			}
			_, err := c.Do(ctx, "glue", "CreateWorkflow", in)
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			in := cleared(input(id, p), old, p, "Description")
			if old["DefaultRunProperties"] != nil && p["DefaultRunProperties"] == nil {
				in["DefaultRunProperties"] = map[string]any{}
			}
			if _, err := c.Do(ctx, "glue", "UpdateWorkflow", in); err != nil {
				return err
			}
			return retag(ctx, c, "glue", glueTarget(c, "workflow", id), false, "TagsToRemove", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteWorkflow", name(id))
			return gone(err, "EntityNotFoundException")
		},
	}
}

// cleared empties the texts that a change takes away: the operation leaves what it is not given.
func cleared(in map[string]any, old, p Props, names ...string) map[string]any {
	for _, n := range names {
		if old[n] != nil && p[n] == nil {
			in[n] = ""
		}
	}
	return in
}

package resource

import (
	"context"
	"encoding/json"
	"strings"
)

// job is AWS::Glue::Job.
func job() *Kind {
	members := []string{"Role", "Command", "Description", "LogUri", "ExecutionProperty", "DefaultArguments", "NonOverridableArguments",
		"Connections", "MaxRetries", "Timeout", "MaxCapacity", "WorkerType", "NumberOfWorkers", "GlueVersion", "ExecutionClass", "JobMode",
		"NotificationProperty", "SecurityConfiguration", "JobRunQueuingEnabled", "AllocatedCapacity", "MaintenanceWindow"}
	input := func(p Props) map[string]any {
		in := pick(p, members...)
		for _, k := range []string{"DefaultArguments", "NonOverridableArguments"} {
			if in[k] != nil {
				in[k] = tagMap(in[k]) // any scalars in a template, texts in the operation
			}
		}
		if n, ok := in["MaxRetries"].(json.Number); ok {
			in["MaxRetries"] = json.Number(strings.TrimSuffix(n.String(), ".0"))
		}
		return in
	}
	return &Kind{
		Type: "AWS::Glue::Job", Name: "Name", Naming: Naming{Max: 255},
		Spec: spec(`
			Name text replace
			Role text required
			Description text
			LogUri text
			Command.Name text
			Command.ScriptLocation text
			Command.PythonVersion text
			Command.Runtime text
			DefaultArguments json
			NonOverridableArguments json
			ExecutionProperty.MaxConcurrentRuns int
			Connections.Connections[] text
			MaxRetries number
			Timeout int
			AllocatedCapacity int
			MaxCapacity number
			MaintenanceWindow text
			WorkerType text
			NumberOfWorkers int
			GlueVersion text
			ExecutionClass text
			JobMode text
			JobRunQueuingEnabled bool
			NotificationProperty.NotifyDelayAfter int
			SecurityConfiguration text
			Tags json`),
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetJob", map[string]any{"JobName": id})
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := with(input(p), "Name", id)
			if t := tagMap(p["Tags"]); len(t) > 0 {
				in["Tags"] = t
			}
			_, err := c.Do(ctx, "glue", "CreateJob", in)
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			if _, err := c.Do(ctx, "glue", "UpdateJob", map[string]any{"JobName": id, "JobUpdate": input(p)}); err != nil {
				return err
			}
			return retag(ctx, c, "glue", glueTarget(c, "job", id), false, "TagsToRemove", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteJob", map[string]any{"JobName": id})
			return gone(err, "EntityNotFoundException")
		},
	}
}

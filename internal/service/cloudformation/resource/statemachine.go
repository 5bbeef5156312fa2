package resource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"penstock/internal/api"
	"penstock/internal/pattern"
)

// stateMachine is AWS::StepFunctions::StateMachine.
func stateMachine() *Kind {
	arn := func(c *Caller, name string) string {
		return "arn:aws:states:" + c.Region + ":" + c.Account + ":stateMachine:" + name
	}
	return &Kind{
		Type: "AWS::StepFunctions::StateMachine", Name: "StateMachineName", Naming: Naming{Max: 80},
		Spec: spec(`
			StateMachineName text replace
			StateMachineType text replace
			RoleArn text required
			DefinitionString text
			Definition json
			DefinitionS3Location.Bucket text required
			DefinitionS3Location.Key text required
			DefinitionS3Location.Version text
			DefinitionSubstitutions map
			LoggingConfiguration.Level text
			LoggingConfiguration.IncludeExecutionData bool
			TracingConfiguration.Enabled bool
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Arn", "Name", "StateMachineRevisionId"},
		Find: func(ctx context.Context, c *Caller, name string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "states", "DescribeStateMachine", map[string]any{"StateMachineArn": arn(c, name)})
			return found(err, "StateMachineDoesNotExist")
		},
		Create: func(ctx context.Context, c *Caller, name string, p Props) (string, error) {
			def, err := definition(ctx, c, p)
			if err != nil {
				return arn(c, name), err
			}
			in := with(pick(p, "RoleArn", "LoggingConfiguration", "TracingConfiguration", "Tags"), "Name", name, "Definition", def)
			if t := text(p, "StateMachineType"); t != "" {
				in["Type"] = t
			}
			_, err = c.Do(ctx, "states", "CreateStateMachine", in)
			return arn(c, name), gone(err, "StateMachineAlreadyExists")
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			def, err := definition(ctx, c, p)
			if err != nil {
				return err
			}
			in := with(pick(p, "RoleArn", "LoggingConfiguration", "TracingConfiguration"), "StateMachineArn", id, "Definition", def)
			if _, err := c.Do(ctx, "states", "UpdateStateMachine", in); err != nil {
				return err
			}
			return retag(ctx, c, "states", map[string]any{"ResourceArn": id}, true, "TagKeys", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "states", "DeleteStateMachine", map[string]any{"StateMachineArn": id})
			return gone(err, "StateMachineDoesNotExist")
		},
		Read: func(ctx context.Context, c *Caller, id string, _ Props) (map[string]any, error) {
			out, err := c.Do(ctx, "states", "DescribeStateMachine", map[string]any{"StateMachineArn": id})
			return map[string]any{"Arn": id, "Name": id[strings.LastIndexByte(id, ':')+1:], "StateMachineRevisionId": text(out, "RevisionId")}, err
		},
	}
}

var substitution = pattern.Lazy(`\$\{([A-Za-z0-9_,.-]+)\}`)

// definition is the machine's text with its substitutions made. A value is escaped so that it stays the text that it is inside the JSON.
func definition(ctx context.Context, c *Caller, p Props) (string, error) {
	def, err := definitionText(ctx, c, p)
	if err != nil {
		return "", err
	}
	values := object(p, "DefinitionSubstitutions")
	return substitution().ReplaceAllStringFunc(def, func(m string) string {
		v, ok := values[m[2:len(m)-1]].(string)
		if !ok {
			return m
		}
		quoted, err := json.Marshal(v)
		if err != nil {
			return m
		}
		return string(quoted[1 : len(quoted)-1])
	}), nil
}

// elsewhere is the region to which S3 redirects, "" for any other answer.
func elsewhere(err error) string {
	var e *api.Error
	if is(err, "PermanentRedirect") && errors.As(err, &e) {
		return e.Header["x-amz-bucket-region"]
	}
	return ""
}

// definitionText is the text as one of the three properties gives it.
func definitionText(ctx context.Context, c *Caller, p Props) (string, error) {
	given := 0
	for _, name := range []string{"Definition", "DefinitionString", "DefinitionS3Location"} {
		if p[name] != nil {
			given++
		}
	}
	switch {
	case given != 1:
		return "", fmt.Errorf("exactly one of Definition, DefinitionString and DefinitionS3Location must be given")
	case p["DefinitionS3Location"] != nil:
		at := object(p, "DefinitionS3Location")
		in := pick(at, "Bucket", "Key")
		if v := text(at, "Version"); v != "" {
			in["VersionId"] = v
		}
		out, err := c.Do(ctx, "s3", "GetObject", in)
		if to := elsewhere(err); to != "" {
			return "", &api.Error{Code: "PermanentRedirect", Op: "GetObject", Status: 301, Message: fmt.Sprintf("The bucket is in this region: %s. "+
				"Please use this region to retry the request (Service: Amazon S3; Status Code: 301; Error Code: PermanentRedirect)", to)}
		}
		if err != nil {
			return "", fmt.Errorf("read the definition s3://%s/%s: %w", text(at, "Bucket"), text(at, "Key"), err)
		}
		return text(out, "Body"), nil
	case p["DefinitionString"] != nil:
		return text(p, "DefinitionString"), nil
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p["Definition"]); err != nil {
		return "", fmt.Errorf("encode Definition: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

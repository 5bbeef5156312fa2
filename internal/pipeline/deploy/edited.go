package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"penstock/internal/pipeline/compile"
)

// Former is how a stack stands before a plan is applied.
type Former struct {
	Exists bool
	Same   bool     // the plan changes nothing
	Edited []string // transforms that are there already and whose SQL, or script with its arguments, differs
}

// Former compares a plan with what is deployed.
func (d *Deployer) Former(ctx context.Context, plan *compile.Plan) (f Former, err error) {
	stack, err := d.describe(ctx, plan.Stack)
	if stack == nil || err != nil {
		return f, err
	}
	f.Exists = true
	out, err := d.stacks.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &plan.Stack})
	if err != nil {
		return f, fmt.Errorf("read the template of the stack %s: %w", plan.Stack, err)
	}
	body := []byte(aws.ToString(out.TemplateBody))
	if f.Same = string(body) == string(plan.Template); f.Same {
		return f, nil
	}
	was, err := transforms(body)
	if err != nil {
		return f, nil // a template that is not ours
	}
	is, err := transforms(plan.Template)
	if err != nil {
		return f, err
	}
	for name, sql := range is {
		if before, ok := was[name]; ok && !reflect.DeepEqual(before, sql) {
			f.Edited = append(f.Edited, name)
		}
	}
	slices.Sort(f.Edited)
	return f, nil
}

// transforms gives the places of the SQL of a template's transforms, whose names contain its hash; of a script also its arguments.
func transforms(template []byte) (map[string]any, error) {
	var t struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Name             any
				Command          map[string]any
				DefaultArguments map[string]any
			}
		}
	}
	if err := json.Unmarshal(template, &t); err != nil {
		return nil, fmt.Errorf("read a template: %w", err)
	}
	all := map[string]any{}
	for _, r := range t.Resources {
		job, _ := r.Properties.Name.(string)
		_, step := r.Properties.DefaultArguments["--penstock-step"]
		if _, name, ok := strings.Cut(job, "-"); ok && r.Type == "AWS::Glue::Job" && !step { // compile's name of a script's job
			all[strings.ReplaceAll(name, "-", "_")] = []any{r.Properties.Command["ScriptLocation"], r.Properties.DefaultArguments}
		}
		if name, ok := r.Properties.DefaultArguments["--penstock-target"].(string); ok {
			all[name] = r.Properties.DefaultArguments["--penstock-sql"]
		}
	}
	return all, nil
}

package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"penstock/internal/pipeline/compile"
)

// edited compares the SQL of the transforms with that of the deployed stack, and names those that are there already and differ.
func (d *Deployer) edited(ctx context.Context, plan *compile.Plan) ([]string, error) {
	out, err := d.stacks.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &plan.Stack})
	if err != nil {
		return nil, fmt.Errorf("read the template of the stack %s: %w", plan.Stack, err)
	}
	was, err := transforms([]byte(aws.ToString(out.TemplateBody)))
	if err != nil {
		return nil, nil // a template that is not ours
	}
	is, err := transforms(plan.Template)
	if err != nil {
		return nil, err
	}
	var names []string
	for name, sql := range is {
		if before, ok := was[name]; ok && !reflect.DeepEqual(before, sql) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// transforms gives the places of the SQL of a template's transforms, whose names contain its hash.
func transforms(template []byte) (map[string]any, error) {
	var t struct {
		Resources map[string]struct {
			Properties struct{ DefaultArguments map[string]any }
		}
	}
	if err := json.Unmarshal(template, &t); err != nil {
		return nil, fmt.Errorf("read a template: %w", err)
	}
	all := map[string]any{}
	for _, r := range t.Resources {
		if name, ok := r.Properties.DefaultArguments["--penstock-target"].(string); ok {
			all[name] = r.Properties.DefaultArguments["--penstock-sql"]
		}
	}
	return all, nil
}

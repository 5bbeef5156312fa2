package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/service/cloudformation/resource"
	"penstock/internal/service/cloudformation/template"
)

// parse reads a template and checks that all that it asks for is served. Everything that is not is named in one error.
func (s *Service) parse(body *string) (*template.Template, error) {
	if body == nil || *body == "" {
		return nil, invalid("Either Template URL or Template Body must be specified.")
	}
	t, err := template.Parse(*body)
	if err != nil {
		return nil, mapped(err)
	}
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(t.Resources)) {
		problems = append(problems, s.resourceProblems(t, name)...)
	}
	for _, key := range slices.Sorted(maps.Keys(t.Outputs)) {
		problems = append(problems, s.attributeProblems(t, []any{t.Outputs[key].Value, t.Outputs[key].Export})...)
	}
	if problems != nil {
		return nil, invalid("Template error: %s", strings.Join(problems, "; "))
	}
	return t, nil
}

func (s *Service) resourceProblems(t *template.Template, name string) (out []string) {
	r := t.Resources[name]
	kind := s.kinds[r.Type]
	if kind == nil {
		return []string{fmt.Sprintf("Penstock does not support the resource type %s (of %s) yet; supported are %s", r.Type, name,
			strings.Join(resource.Types(), ", "))}
	}
	for _, p := range kind.Spec.Problems(asMap(r.Properties), opaque) {
		out = append(out, fmt.Sprintf("%s (%s): %s", name, r.Type, p))
	}
	return append(out, s.attributeProblems(t, r.Properties)...)
}

// attributeProblems names what Fn::GetAtt and Fn::Sub ask for and no type has.
func (s *Service) attributeProblems(t *template.Template, v any) (out []string) {
	for _, a := range template.Attributes(v) {
		r, ok := t.Resources[a.Resource]
		kind := s.kinds[r.Type]
		if ok && kind != nil && !kind.HasAttribute(a.Name) {
			out = append(out, fmt.Sprintf("resource %s does not support attribute type %s in Fn::GetAtt", a.Resource, a.Name))
		}
	}
	return out
}

// capabilities are what the template's resources need to be acknowledged, and why.
func (s *Service) capabilities(t *template.Template) (needed, why string) {
	var types []string
	for _, name := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[name]
		kind := s.kinds[r.Type]
		if kind == nil || kind.Capability == nil {
			continue
		}
		if c := kind.Capability(r.Properties); c == "CAPABILITY_NAMED_IAM" || needed == "" {
			needed = c
		}
		if !slices.Contains(types, r.Type) {
			types = append(types, r.Type)
		}
	}
	if needed == "" {
		return "", ""
	}
	return needed, "The following resource(s) require capabilities: [" + strings.Join(types, ", ") + "]"
}

func (s *Service) checkCapabilities(t *template.Template, given []string) error {
	needed, _ := s.capabilities(t)
	if needed == "" || slices.Contains(given, needed) || needed == "CAPABILITY_IAM" && slices.Contains(given, "CAPABILITY_NAMED_IAM") {
		return nil
	}
	return insufficient(needed)
}

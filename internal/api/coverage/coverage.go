// Package coverage writes docs/coverage.md: what each operation of each service honours, what it accepts without effect and why, and
// which operations of the AWS service are not served. It reads the services' own tables, so that the page cannot say more than is done.
package coverage

import (
	"fmt"
	"sort"
	"strings"

	"penstock/internal/api"
	"penstock/internal/api/shapes"
)

const head = `# Coverage

Generated from the services' own tables by a test (run it with -update); do not edit.

A request that sets a member which is neither honoured nor inert is refused by the member's name before the operation runs; an
operation that is not listed is refused by its name. A path without parts below it covers all that lies below. A member that asks for
nothing is not refused: false, 0, "", an empty list or map, and the values that are listed here as holding anyway; where 0 or "" asks for
something, it is listed as never neutral.

`

// Text writes the page for the services, in order of their names. resources are CloudFormation's types that a stack may hold.
func Text(services []api.Service, resources []string) (string, error) {
	var b strings.Builder
	b.WriteString(head)
	services = append([]api.Service(nil), services...)
	sort.Slice(services, func(i, j int) bool { return services[i].Name < services[j].Name })
	set := shapes.NewSet()
	b.WriteString("| service | protocols | operations | of |\n| --- | --- | ---: | ---: |\n")
	for _, s := range services {
		t, err := set.Service(s.Name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %d | %d |\n", s.Name, s.Name, strings.Join(protocols(t), ", "), len(s.Ops)-len(own(s)), len(t.Ops))
	}
	for _, s := range services {
		t, err := set.Service(s.Name)
		if err != nil {
			return "", err
		}
		service(&b, s, t)
	}
	if len(resources) > 0 {
		b.WriteString("\n## Resource types of CloudFormation\n\n")
		for _, r := range resources {
			b.WriteString("- " + r + "\n")
		}
	}
	return b.String(), nil
}

func protocols(t *shapes.Service) []string {
	if len(t.Protocols) > 0 {
		return t.Protocols
	}
	return []string{t.Protocol}
}

func service(b *strings.Builder, s api.Service, t *shapes.Service) {
	fmt.Fprintf(b, "\n## %s\n\n| operation | honoured | inert |\n| --- | --- | --- |\n", s.Name)
	ops := append([]api.Op(nil), s.Ops...)
	sort.Slice(ops, func(i, j int) bool { return ops[i].Name < ops[j].Name })
	served := map[string]bool{}
	for _, op := range ops {
		served[op.Name] = true
		var honoured, inert []string
		for _, m := range op.Members {
			if m.Inert == "" {
				honoured = append(honoured, "`"+m.Path+"`")
			} else {
				inert = append(inert, "`"+m.Path+"`: "+m.Inert)
			}
		}
		for _, n := range op.Neutral {
			switch {
			case n.Values == nil:
				inert = append(inert, "`"+n.Path+"`: never neutral")
			default:
				inert = append(inert, "`"+n.Path+"` = `"+strings.Join(n.Values, "`, `")+"`: holds anyway")
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", op.Name, cell(strings.Join(honoured, ", ")), cell(strings.Join(inert, "; ")))
	}
	if names := own(s); len(names) > 0 {
		fmt.Fprintf(b, "\nOf Penstock's own, for its programs: %s.\n", strings.Join(names, ", "))
	}
	var missing []string
	for name := range t.Ops {
		if !served[name] {
			missing = append(missing, name)
		}
	}
	sort.Strings(missing)
	if len(missing) > 0 {
		fmt.Fprintf(b, "\nNot served: %s.\n", strings.Join(missing, ", "))
	}
}

// own lists the operations that AWS's service has not.
func own(s api.Service) (names []string) {
	for _, op := range s.Ops {
		if op.Own {
			names = append(names, op.Name)
		}
	}
	sort.Strings(names)
	return names
}

// cell keeps text from ending a table's cell.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }

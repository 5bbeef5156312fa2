package template

import (
	"maps"
	"slices"
	"strings"
)

// Dependencies are the resources that a resource refers to or depends on, sorted.
func (t *Template) Dependencies(name string) []string {
	r := t.Resources[name]
	set := map[string]bool{}
	for _, d := range r.DependsOn {
		set[d] = true
	}
	visit(r.Properties, nil, func(ref string, _ bool) error {
		if _, ok := t.Resources[ref]; ok {
			set[ref] = true
		}
		return nil
	})
	return slices.Sorted(maps.Keys(set))
}

// Order lists the resources so that each comes after those that it depends on, or names a circle.
func (t *Template) Order() ([]string, error) {
	var order []string
	done := map[string]bool{}
	var path []string
	var place func(string) error
	place = func(name string) error {
		if done[name] {
			return nil
		}
		if i := slices.Index(path, name); i >= 0 {
			circle := slices.Sorted(slices.Values(path[i:]))
			return errorf("Circular dependency between resources: [%s]", strings.Join(circle, ", "))
		}
		path = append(path, name)
		for _, d := range t.Dependencies(name) {
			if err := place(d); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		done[name] = true
		order = append(order, name)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(t.Resources)) {
		if err := place(name); err != nil {
			return nil, err
		}
	}
	return order, nil
}

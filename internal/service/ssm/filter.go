package ssm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"penstock/internal/api"
)

// A filter is one of ParameterFilters: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html.
type filter struct {
	key, option string
	values      []string
}

type filters []filter

func (fs filters) hash() string { return fmt.Sprintf("%q", fs) }

// filtersOf checks filters; keys are those that the operation knows.
func filtersOf(in []types.ParameterStringFilter, keys ...string) (out filters, err error) {
	for _, x := range in {
		f := filter{aws.ToString(x.Key), aws.ToString(x.Option), x.Values}
		known := slices.Contains(keys, f.key) || strings.HasPrefix(f.key, "tag:") && slices.Contains(keys, "tag:")
		twice := slices.ContainsFunc(out, func(g filter) bool { return g.key == f.key })
		switch {
		case !known:
			return nil, api.Errorf("InvalidFilterKey",
				"The following filter key is not valid: %s. Valid filter keys include: [%s].", f.key, strings.Join(keys, ", "))
		case twice:
			return nil, api.Errorf("InvalidFilterKey",
				"The following filter is duplicated in the request: %s. A request can contain only one occurrence of a specific filter.", f.key)
		case len(f.values) == 0 && !strings.HasPrefix(f.key, "tag:"):
			return nil, api.Errorf("InvalidFilterValue", "The following filter values are missing : null for filter key %s.", f.key)
		}
		if f.option, err = optionOf(f); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// optionOf is how a filter compares.
func optionOf(f filter) (string, error) {
	valid := []string{"Equals", "BeginsWith"}
	switch {
	case f.key == "Path":
		valid = []string{"OneLevel", "Recursive"}
	case f.key == "Name":
		valid = append(valid, "Contains")
	case f.key == "Label", strings.HasPrefix(f.key, "tag:"):
		valid = valid[:1]
	}
	if f.option == "" {
		return valid[0], nil
	}
	if !slices.Contains(valid, f.option) {
		return "", api.Errorf("InvalidFilterOption",
			"The following filter option is not valid: %s. Valid options include: [%s].", f.option, strings.Join(valid, ", "))
	}
	return f.option, nil
}

// matches reports whether a parameter passes a filter that is no tag's.
func (f filter) matches(p parameter) bool {
	switch f.key {
	case "Name":
		return f.any(p.Name) || f.any(keyOf(p.Name)) || f.any("/"+keyOf(p.Name))
	case "Type":
		return f.any(string(p.Type))
	case "Tier":
		return f.any(string(types.ParameterTierStandard))
	case "DataType":
		return f.any(dataType)
	case "Label":
		return slices.ContainsFunc(f.values, func(l string) bool { return p.Labels[l] != 0 })
	case "Path":
		return slices.ContainsFunc(f.values, func(path string) bool {
			rest, below := strings.CutPrefix("/"+strings.TrimPrefix(p.Name, "/"), strings.TrimSuffix(path, "/")+"/")
			return below && (f.option == "Recursive" || !strings.Contains(rest, "/"))
		})
	}
	return false // KeyId: no parameter has a key
}

func (f filter) any(have string) bool {
	return slices.ContainsFunc(f.values, func(want string) bool {
		switch f.option {
		case "BeginsWith":
			return strings.HasPrefix(have, want)
		case "Contains":
			return strings.Contains(have, want)
		}
		return have == want
	})
}

// labelled is the version that a filter by label chooses, 0 when there is none.
func (fs filters) labelled(p parameter) int64 {
	for _, f := range fs {
		for _, l := range f.values {
			if n := p.Labels[l]; f.key == "Label" && n != 0 {
				return n
			}
		}
	}
	return 0
}

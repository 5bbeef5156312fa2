package ssm

import (
	"strconv"
	"strings"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/pattern"
)

// Requirements of names: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html.
const (
	maxName   = 1011 // characters, without the ARN before it
	maxLevels = 15
)

var (
	plainName = pattern.Lazy(`^[a-zA-Z0-9_.-]+$`)
	pathName  = pattern.Lazy(`^(/[a-zA-Z0-9_.-]+)+$`)
)

// checkName refuses a name that no new parameter may have.
func checkName(name string) error {
	const path = `If formed as a path, it can consist of sub-paths divided by slash symbol; ` +
		`each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`
	first := strings.ToLower(strings.TrimPrefix(name, "/"))
	switch rooted := strings.HasPrefix(name, "/"); {
	case len(name) > maxName:
		return invalid("Parameter name: can't be longer than %d characters.", maxName)
	case rooted && strings.HasPrefix(first, "aws"):
		return &api.Error{Code: "AccessDeniedException", Status: 400, Message: "No access to reserved parameter name: " + name + "."}
	case rooted && strings.HasPrefix(first, "ssm"), rooted && !pathName().MatchString(name):
		return invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). %s`, path)
	case strings.HasPrefix(first, "aws"), strings.HasPrefix(first, "ssm"):
		return invalid(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`)
	case !rooted && strings.Contains(name, "/"):
		return invalid("Parameter name must be a fully qualified name.")
	case !rooted && !plainName().MatchString(name):
		return invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). %s`, path)
	case strings.Count(name, "/") > maxLevels:
		return api.Errorf("HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of %d levels.", maxLevels)
	}
	return nil
}

// keyOf is what a parameter is stored under: its name, without the slash of one that has no other. The two forms have the same ARN, and
// are one parameter.
func keyOf(name string) string {
	if strings.LastIndexByte(name, '/') == 0 {
		return name[1:]
	}
	return name
}

// A selector is what a caller names: a parameter, and one of its versions by number or label.
type selector struct {
	key, shown string // as stored; as given
	version    int64
	label      string
	suffix     string // ":3", ":prod", as answers repeat it
}

// selectorOf takes a name, or an ARN of this account and region, apart.
func (s *Service) selectorOf(text string) (selector, error) {
	sel, rest := selector{shown: text}, text
	if strings.HasPrefix(text, "arn:") {
		a, err := arn.Parse(text)
		if err != nil || a.Service != "ssm" || a.Account != s.Account || a.Region != s.Region || !strings.HasPrefix(a.Resource, "parameter/") {
			return sel, notFound(text)
		}
		rest = strings.TrimPrefix(a.Resource, "parameter")
	}
	name, part, found := strings.Cut(rest, ":")
	if strings.Contains(part, ":") || found && part == "" {
		return sel, notFound(text)
	}
	sel.key = keyOf(name)
	if found {
		sel.suffix = ":" + part
		if n, err := strconv.ParseInt(part, 10, 64); err == nil {
			sel.version = n
		} else {
			sel.label = part
		}
	}
	return sel, nil
}

func (s *Service) arn(key string) string {
	return arn.New("ssm", s.Region, s.Account, "parameter/"+strings.TrimPrefix(key, "/")).String()
}

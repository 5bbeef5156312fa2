package answer

import (
	"regexp"
	"strings"

	"penstock/internal/api"
)

// NameMatcher compiles the Expression of GetTables, which must match the whole name. An expression of names, "*" and "|" alone is read
// as Hive reads it ("sales*|*_raw"), since awswrangler sends those and AWS takes them; anything else is a regular expression.
func NameMatcher(expression string) (func(string) bool, error) {
	if expression == "" {
		return nil, nil
	}
	if isHivePattern(expression) {
		expression = strings.ReplaceAll(expression, "*", ".*")
	}
	re, err := regexp.Compile("^(?i:" + expression + ")$")
	if err != nil {
		return nil, api.Errorf(Invalid, "Expression %q is not a regular expression: %v", expression, err)
	}
	return re.MatchString, nil
}

func isHivePattern(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-*|", r))
	}) < 0
}

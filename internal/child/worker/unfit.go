package worker

import (
	"strings"

	"penstock/internal/dqdl"
)

// unfit describes the values in a column that the rule asks of which do not fit the column's type: the rule sees NULL there, and must not
// hold because of that.
func (j *judged) unfit(rule dqdl.Rule) (list []string) {
	for _, single := range flat(rule) {
		_, col, ok := dqdl.Violation(single, primary)
		if !ok {
			continue
		}
		for _, bad := range j.bad {
			if name := bad.Column + "."; len(name) > len(col) && strings.EqualFold(name[:len(col)+1], col+".") && len(list) < examples {
				list = append(list, "  "+bad.Message(j.parts))
			}
		}
	}
	return list
}

// without turns a verdict on the other values into one on all.
func without(res dqdl.RuleResult, unfit []string) dqdl.RuleResult {
	if len(unfit) > 0 && res.Result == dqdl.Pass {
		res.Result, res.Message = dqdl.Fail, "a value does not fit its column's type"
	}
	return res
}

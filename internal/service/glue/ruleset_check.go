package glue

import (
	"penstock/internal/api"
	"penstock/internal/dqdl"
	"penstock/internal/service/glue/answer"
)

// checkRuleset returns how many rules a ruleset has. A ruleset with anything that cannot be evaluated here is refused: storing it would
// be a promise that is not kept.
func checkRuleset(text string) (int, error) {
	set, err := dqdl.Parse(text)
	if err != nil {
		return 0, api.Errorf(answer.Invalid, "Ruleset is not valid: %v", err)
	}
	for _, r := range set.Rules {
		if err := dqdl.Evaluable(r); err != nil {
			return 0, api.Errorf(answer.Invalid, "Penstock cannot keep this ruleset: line %d, column %d: %v", r.Line, r.Col, err)
		}
	}
	if len(set.Analyzers) > 0 {
		a := set.Analyzers[0]
		return 0, api.Errorf(answer.Invalid, "Penstock cannot keep this ruleset: line %d, column %d: analyzers cannot be evaluated yet: %s",
			a.Line, a.Col, a.Text)
	}
	for _, name := range []string{"DataSources"} {
		if set.Sections[name] != "" {
			return 0, api.Errorf(answer.Invalid, "Penstock cannot keep this ruleset: the section %s cannot be evaluated yet", name)
		}
	}
	return len(set.Rules), nil
}

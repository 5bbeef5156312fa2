package glue

import "penstock/internal/api"

// checkRuleset returns how many rules a ruleset has. Until the rule language lands every ruleset is refused: storing one that nothing
// can evaluate would be a promise that is not kept.
func checkRuleset(string) (int, error) {
	return 0, api.Errorf(codeInvalid, "Penstock cannot evaluate data quality rules yet")
}

package print

import (
	"regexp"
	"strings"
)

var macroCall = regexp.MustCompile(`[A-Za-z_.]+\(`)

// Prelude gives the statements that make the schema penstock_fn and the macros that printed text calls. Run them once for each database
// instance, before user statements; running them again changes nothing.
func Prelude() []string {
	out := []string{"CREATE SCHEMA IF NOT EXISTS penstock_fn"}
	bodies := strings.Split(strings.TrimSpace(macros), "\n\n")
	own := map[string]bool{}
	for _, m := range bodies {
		own[macroCall.FindString(m)] = true
	}
	for _, m := range bodies {
		text := macroCall.ReplaceAllStringFunc(strings.Join(strings.Fields(m), " "), func(call string) string {
			if own[call] {
				return "penstock_fn." + call
			}
			return call
		})
		out = append(out, "CREATE OR REPLACE MACRO "+text)
	}
	return out
}

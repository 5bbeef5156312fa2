package print

import (
	"regexp"
	"strings"
)

var macroCall = regexp.MustCompile(`[A-Za-z_.][A-Za-z0-9_.]*\(`)

// Prelude gives the statements that make the schema penstock_fn and the macros that printed text calls. Run them once for each database
// instance, before user statements; running them again changes nothing.
func Prelude() []string {
	bodies := strings.Split(strings.TrimSpace(macros), "\n\n")
	own := map[string]string{}
	var names []string
	for _, m := range bodies {
		name := macroCall.FindString(m)
		own[name] = m
		names = append(names, name)
	}
	out := []string{"CREATE SCHEMA IF NOT EXISTS penstock_fn"}
	done := map[string]bool{}
	var add func(name string)
	add = func(name string) { // a macro stands behind those that it calls
		if done[name] {
			return
		}
		done[name] = true
		text := macroCall.ReplaceAllStringFunc(strings.Join(strings.Fields(own[name]), " "), func(call string) string {
			if _, ok := own[call]; !ok {
				return call
			}
			add(call)
			return "penstock_fn." + call
		})
		out = append(out, "CREATE OR REPLACE MACRO "+text)
	}
	for _, name := range names {
		add(name)
	}
	return out
}

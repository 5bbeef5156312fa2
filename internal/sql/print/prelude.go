package print

import (
	"regexp"
	"strings"
	"sync"
)

var macroCall = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z_.][A-Za-z0-9_.]*\(`) })

// Prelude returns the statements that make the schema penstock_fn and the macros that printed text calls. Run them once for each database
// instance, before user statements; running them again changes nothing.
func Prelude() []string {
	own, names := bodies()
	return definitions(own, names)
}

// Macros is the part of Prelude that a printed text needs: each macro costs half a millisecond to make. It is empty where none is named.
func Macros(text string) []string {
	own, _ := bodies()
	var names []string
	for _, call := range macroCall().FindAllString(text, -1) {
		name := strings.TrimPrefix(call, "penstock_fn.")
		if _, ok := own[name]; ok && name != call {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil
	}
	return definitions(own, names)
}

// bodies are the macros by name, and their names in order.
func bodies() (own map[string]string, names []string) {
	own = map[string]string{}
	for _, m := range strings.Split(strings.TrimSpace(macros), "\n\n") {
		name := macroCall().FindString(m)
		own[name] = m
		names = append(names, name)
	}
	return own, names
}

// definitions makes macros; one stands behind those that it calls.
func definitions(own map[string]string, names []string) []string {
	out := []string{"CREATE SCHEMA IF NOT EXISTS penstock_fn"}
	done := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if done[name] {
			return
		}
		done[name] = true
		text := macroCall().ReplaceAllStringFunc(strings.Join(strings.Fields(own[name]), " "), func(call string) string {
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

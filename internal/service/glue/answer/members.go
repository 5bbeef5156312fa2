package answer

import (
	"strings"

	"penstock/internal/api"
)

const stored = "stored and returned"

// NothingShared says that there are no catalogs of others, so that "all" are the caller's own.
func NothingShared(o *api.Op) { api.Holds("ResourceShareType", "ALL")(o) }

// Under prefixes paths with the member that holds them.
func Under(prefix string, paths ...string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = prefix + "." + p
	}
	return out
}

// Inert lists members that are stored and returned.
func Inert(paths ...string) api.Option {
	return func(o *api.Op) {
		for _, p := range paths {
			api.Inert(p, stored)(o)
		}
	}
}

// Words splits a list of member names.
func Words(s string) []string { return strings.Fields(s) }

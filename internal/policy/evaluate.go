package policy

import (
	"maps"
	"slices"
	"strings"

	"penstock/internal/arn"
)

// A Request is what a policy decides on.
type Request struct {
	Principal Principal
	Action    string              // "s3:GetObject"
	Resource  string              // its ARN
	Keys      map[string][]string // values of the condition keys; names in any case
}

// A Principal is who asks. The zero value is a stranger, who signed nothing.
type Principal struct {
	Account     string // twelve digits
	ARN         string // of the user, of the role's session, or of the account's root
	Role        string // the ARN of the role whose session asks
	CanonicalID string // S3's name of the account
	Service     string // "sns.amazonaws.com" where an AWS service asks for itself
	Federated   string // the identity provider of a session
}

// A Decision is what a document says of a request.
type Decision int

// Neither says that no statement speaks of the request, Allow that one allows it, Deny that one denies it. Delegated is an Allow that
// names no more than the principal's account: it lets the account allow the request to whom it wants, and is enough by itself only for
// the account's root (and is Allow then).
const (
	Neither Decision = iota
	Delegated
	Allow
	Deny
)

// String returns the decision in small letters, for messages and tests.
func (d Decision) String() string {
	return [...]string{"neither", "delegated", "allow", "deny"}[d]
}

// Evaluate decides a request. A Deny that matches wins over every Allow.
func (d *Document) Evaluate(r Request) Decision {
	decision := Neither
	for i := range d.statements {
		s := &d.statements[i]
		found := s.decides(&r, d.version == Version2012)
		if found == Neither {
			continue
		}
		if s.deny {
			return Deny
		}
		decision = max(decision, found)
	}
	return decision
}

// decides is Neither where the statement does not speak of the request, else Delegated or Allow, by how it names the principal.
func (s *statement) decides(r *Request, variables bool) Decision {
	as := Allow
	if s.principal != nil {
		as = s.principal.names(&r.Principal)
	}
	action := slices.ContainsFunc(s.actions.list, func(p string) bool { return matchName(p, r.Action, true) })
	if as == Neither || action == s.actions.not {
		return Neither
	}
	resource := slices.ContainsFunc(s.resources.list, func(p string) bool {
		g, ok := compile(p, true, variables, r)
		return ok && g.matches([]rune(r.Resource))
	})
	if s.resources.list != nil && resource == s.resources.not { // a role's trust policy has none
		return Neither
	}
	for i := range s.conds {
		if !s.conds[i].holds(r, variables) {
			return Neither
		}
	}
	return as
}

// Asks reports whether a statement asks for the value of a condition key that begins with prefix, in small letters: by a condition, or by a
// variable. What is costly to know a caller need not look up else.
func (d *Document) Asks(prefix string) bool {
	begins := func(text string) bool { return strings.HasPrefix(strings.ToLower(text), prefix) }
	variable := func(text string) bool { return strings.Contains(strings.ToLower(text), "${"+prefix) }
	for _, s := range d.statements {
		if slices.ContainsFunc(s.resources.list, variable) {
			return true
		}
		for _, c := range s.conds {
			if begins(c.key) || slices.ContainsFunc(c.values, variable) {
				return true
			}
		}
	}
	return false
}

// OpenToStrangers reports whether an Allow could be for a stranger: one for everyone, or for all but some.
func (d *Document) OpenToStrangers() bool {
	return slices.ContainsFunc(d.statements, func(s statement) bool {
		return !s.deny && (s.principal == nil || s.principal.everyone || s.principal.not)
	})
}

// Identities are the ARNs of the users and roles that the document names as principals.
func (d *Document) Identities() []string {
	var out []string
	for _, s := range d.statements {
		if s.principal == nil {
			continue
		}
		for _, name := range s.principal.aws {
			if a, err := arn.Parse(name); err == nil && a.Service == "iam" && a.Resource != "root" {
				out = append(out, name)
			}
		}
	}
	return out
}

// names says how the element names a principal. NotPrincipal spares only whom it names wholly: the user or the session, the role of it,
// and the account too, as AWS asks for.
func (p *principals) names(who *Principal) Decision {
	account := who.Account != "" && slices.ContainsFunc(p.aws, func(s string) bool { return isAccount(s, who.Account) }) ||
		who.CanonicalID != "" && slices.Contains(p.canonical, who.CanonicalID)
	has := func(list []string, name string) bool { return name != "" && slices.Contains(list, name) }
	if p.not {
		spared := p.everyone || has(p.service, who.Service) || has(p.federated, who.Federated) ||
			account && (isRoot(who) || has(p.aws, who.ARN) && (who.Role == "" || has(p.aws, who.Role)))
		if spared {
			return Neither
		}
		return Allow
	}
	switch {
	case p.everyone, has(p.aws, who.ARN), has(p.aws, who.Role), has(p.service, who.Service), has(p.federated, who.Federated),
		account && isRoot(who):
		return Allow
	case account:
		return Delegated
	}
	return Neither
}

func isRoot(who *Principal) bool { return who.ARN == rootOf(who.Account) }

func rootOf(account string) string { return "arn:aws:iam::" + account + ":root" }

// isAccount reports whether a principal is the account as a whole: its number or its root's ARN.
func isAccount(s, account string) bool { return s == account || s == rootOf(account) }

// values are those of a condition key, nil where the request has none. Tags whose keys differ in case alone are one key to a condition,
// which has the values of all.
func (r *Request) values(key string) []string {
	if v, ok := r.Keys[key]; ok && !strings.Contains(key, "/") {
		return v
	}
	var all []string
	for _, k := range slices.Sorted(maps.Keys(r.Keys)) {
		if strings.EqualFold(k, key) {
			all = append(all, r.Keys[k]...)
		}
	}
	return all
}

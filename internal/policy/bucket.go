package policy

import (
	"slices"
	"strings"

	"penstock/internal/arn"
	"penstock/internal/pattern"
)

// What S3 answers to a policy that can be read and is not one of a bucket.
const (
	errPrincipal    = Malformed("Invalid principal in policy")
	errNotPrincipal = Malformed("Allow with NotPrincipal is not allowed.")
	errAction       = Malformed("Policy has invalid action")
	errResource     = Malformed("Policy has invalid resource")
	errKey          = Malformed("Policy has an invalid condition key")
	errAddress      = Malformed("Invalid IP address in Conditions")
	errNoKey        = Malformed("Conditions do not apply to combination of actions and resources in statement")
	errNoResource   = Malformed("Action does not apply to any resource(s) in statement")
)

// CheckBucket checks a document as S3 checks a bucket's policy. Its error is a Malformed, which S3 answers as MalformedPolicy. Whether the
// users and roles exist that it names is not asked here, though S3 refuses those that do not as errPrincipal.
func (d *Document) CheckBucket(bucket string) error {
	for i := range d.statements {
		if err := d.statements[i].checkBucket(bucket); err != nil {
			return err
		}
	}
	return nil
}

func (s *statement) checkBucket(bucket string) error {
	switch {
	case s.principal == nil:
		return Malformed("Missing required field Principal")
	case s.resources.list == nil:
		return Malformed("Missing required field Resource")
	case s.principal.not && !s.deny:
		return errNotPrincipal
	case !s.principal.valid():
		return errPrincipal
	}
	var actions [][]action // that each word stands for
	for _, word := range s.actions.list {
		actions = append(actions, named(word))
		if actions[len(actions)-1] == nil {
			return errAction
		}
	}
	for _, resource := range s.resources.list {
		if !ofBucket(resource, bucket) {
			return errResource
		}
	}
	for _, c := range s.conds {
		if err := c.check(); err != nil {
			return err
		}
	}
	if s.actions.not {
		return nil // what is left is much and applies to all
	}
	if err := checkKeys(s.conds, actions); err != nil {
		return err
	}
	return s.resources.checkKinds(actions)
}

var (
	account   = pattern.Lazy(`^[0-9]{12}$`)
	canonical = pattern.Lazy(`^[0-9a-f]{64}$`)
	service   = pattern.Lazy(`^[a-z0-9.-]+\.amazonaws\.com$`)
	identity  = pattern.Lazy(`^(root|(user|role)/[\w+=,.@/-]+)$`)
	session   = pattern.Lazy(`^(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+)$`)
)

func (p *principals) valid() bool {
	bad := func(ok func(string) bool) func(string) bool { return func(s string) bool { return !ok(s) } }
	return !slices.ContainsFunc(p.aws, bad(validAWS)) && !slices.ContainsFunc(p.service, bad(service().MatchString)) &&
		!slices.ContainsFunc(p.canonical, bad(canonical().MatchString)) && !slices.Contains(p.federated, "")
}

// validAWS takes an account, or a user, role or session by its whole ARN: a wildcard stands in none. CloudFront's origin access identities
// are users of no account.
func validAWS(s string) bool {
	if account().MatchString(s) {
		return true
	}
	a, err := arn.Parse(s)
	if err != nil || a.Partition != "aws" || a.Region != "" {
		return false
	}
	switch {
	case a.Account == "cloudfront":
		return a.Service == "iam" && strings.HasPrefix(a.Resource, "user/") && identity().MatchString(a.Resource)
	case !account().MatchString(a.Account):
		return false
	case a.Service == "iam":
		return identity().MatchString(a.Resource)
	}
	return a.Service == "sts" && session().MatchString(a.Resource)
}

// ofBucket reports whether a resource is the bucket, objects in it, or both by a * behind the bucket's name.
func ofBucket(resource, bucket string) bool {
	path, ok := strings.CutPrefix(resource, "arn:aws:s3:::"+bucket)
	first, _, _ := strings.Cut(path, "/")
	return ok && strings.Trim(first, "*") == ""
}

// check takes a key that S3 knows with values that its operator can read. A client's address is one under any operator.
func (c *condition) check() error {
	if known, _ := keyActions(c.key); !known {
		return errKey
	}
	for _, v := range c.values {
		if strings.EqualFold(c.key, "aws:SourceIp") || c.name == "IpAddress" {
			if _, ok := network(v); !ok {
				return errAddress
			}
		} else if !readable(c.name, v) {
			return errSyntax
		}
	}
	return nil
}

// checkKeys refuses a key that one of the actions does not have. An action with wildcards has it when one does that it stands for.
func checkKeys(conds []condition, actions [][]action) error {
	done := map[string]bool{} // tags are many keys, and all the same one here
	for _, c := range conds {
		key, _, _ := strings.Cut(strings.ToLower(c.key), "/")
		_, on := keyActions(c.key)
		if done[key] || on == nil {
			continue
		}
		done[key] = true
		for _, each := range actions {
			if !slices.ContainsFunc(each, func(a action) bool { return on[a.name] }) {
				return errNoKey
			}
		}
	}
	return nil
}

// checkKinds refuses an action that is about objects where only the bucket is named, and the other way round.
func (w *words) checkKinds(actions [][]action) error {
	var buckets, objects bool
	for _, r := range w.list {
		object := strings.Contains(r, "/")
		objects = objects || object || strings.HasSuffix(r, "*")
		buckets = buckets || !object
	}
	applies := func(a action) bool { return a.on == onObject && objects || a.on == onBucket && buckets }
	for _, each := range actions {
		if !w.not && !slices.ContainsFunc(each, applies) {
			return errNoResource
		}
	}
	return nil
}

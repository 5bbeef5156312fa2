package policy

import (
	"slices"
	"strings"

	"penstock/internal/arn"
)

// Public reports whether S3 counts a bucket's policy as public: it is until every Allow in it is for fixed principals, or for fixed
// values of a key that says whence a request comes. Fixed is what has no wildcard and no variable. See "The meaning of public" in
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
func (d *Document) Public() bool {
	return slices.ContainsFunc(d.statements, func(s statement) bool { return !s.deny && !s.narrow() })
}

// narrow reports whether an Allow is for some only.
func (s *statement) narrow() bool {
	p := s.principal
	if p != nil && !p.everyone && !p.not && len(p.federated) == 0 {
		return true
	}
	return slices.ContainsFunc(s.conds, func(c condition) bool { return c.narrows() })
}

var narrowing = []string{
	"aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:principalorgid", "aws:userid",
	"s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
}

// narrows reports whether a condition is false unless its key has one of the fixed values.
func (c *condition) narrows() bool {
	if c.negated || c.ifExists || c.quantifier == "ForAllValues" {
		return false
	}
	key := strings.ToLower(c.key)
	wide := func(v string) bool { return !fixed(key, v) }
	switch {
	case c.name == "IpAddress" && key == "aws:sourceip":
		return !slices.ContainsFunc(c.values, broad)
	case strings.HasPrefix(c.name, "String"), strings.HasPrefix(c.name, "Arn"):
		return slices.Contains(narrowing, key) && !slices.ContainsFunc(c.values, wide)
	}
	return false
}

// fixed reports whether a value has neither wildcard nor variable; an access point's name may have one where the account has none.
func fixed(key, value string) bool {
	if key == "s3:dataaccesspointarn" {
		a, err := arn.Parse(value)
		return err == nil && a.Account != "" && !strings.ContainsAny(a.Partition+a.Service+a.Region+a.Account, "*?$")
	}
	return !strings.ContainsAny(value, "*?") && !strings.Contains(value, "${")
}

// broad reports whether a block of addresses is public by its size alone: wider than /8, or than /32 of IPv6.
func broad(cidr string) bool {
	p, ok := network(cidr)
	if !ok {
		return true
	}
	if p.Addr().Is4() {
		return p.Bits() < 8
	}
	return p.Bits() < 32
}

// Package arn holds Amazon Resource Names: parse, build, compare. It knows no service's resource syntax.
// Format: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
package arn

import (
	"cmp"
	"fmt"
	"strings"
)

// An ARN is arn:partition:service:region:account:resource.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// Parse reads the text form; the resource may itself contain colons.
func Parse(s string) (ARN, error) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return ARN{}, fmt.Errorf("%q is not an ARN (arn:partition:service:region:account:resource)", s)
	}
	return ARN{p[1], p[2], p[3], p[4], p[5]}, nil
}

// New builds an ARN of the partition "aws".
func New(service, region, account, resource string) ARN {
	return ARN{"aws", service, region, account, resource}
}

// Bounds are the texts between which all ARNs of a service in a region lie, for queries: from is below them, to above.
func Bounds(service, region string) (from, to string) {
	from = "arn:aws:" + service + ":" + region + ":"
	return from, from[:len(from)-1] + ";" // ; follows :
}

// In is the ARN as its reader at home in a region and an account means it: what it leaves out is theirs.
func (a ARN) In(region, account string) ARN {
	a.Region, a.Account = cmp.Or(a.Region, region), cmp.Or(a.Account, account)
	return a
}

// String is the text form.
func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}

// ResourceAfter returns what follows prefix in the resource, for example the name after "stateMachine:".
func (a ARN) ResourceAfter(prefix string) (string, bool) {
	return strings.CutPrefix(a.Resource, prefix)
}

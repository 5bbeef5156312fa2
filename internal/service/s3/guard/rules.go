package guard

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object/settings"
	"penstock/internal/policy"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/setting"
)

// MaxPolicy is the most bytes of a bucket's policy, without white space.
const MaxPolicy = 20 << 10

// rules are what a bucket's settings say of access, read once for each change of them.
type rules struct {
	doc        *policy.Document // nil: the bucket has no policy
	restricted bool             // the policy is public, and the block leaves it to the account
	ownership  types.ObjectOwnership
	lists      bool // access lists are looked at for strangers
	grants     []types.Grant
	err        error // of reading them
}

func (g *Guard) rules(ctx context.Context, bucket string) (*rules, error) {
	all, err := g.Objects.Settings(ctx, bucket)
	if err != nil {
		return nil, err
	}
	r := all.Derive(g.read).(*rules)
	return r, r.err
}

// read reads a bucket's settings. What cannot be read lets nobody in.
func (g *Guard) read(all *settings.Docs) any {
	r, err := &rules{}, error(nil)
	if text := all.Get(setting.Policy).Text; text != "" {
		if r.doc, err = policy.Parse([]byte(text), MaxPolicy); err != nil {
			return &rules{err: fmt.Errorf("the policy of a bucket: %w", err)}
		}
	}
	block, err := setting.BlockOf(all.Get(setting.Block))
	if err == nil {
		r.ownership, err = setting.OwnershipOf(all.Get(setting.Ownership))
	}
	if err == nil {
		r.grants, err = setting.GrantsOf(all.Get(setting.ACL), g.Owner)
	}
	if err != nil {
		return &rules{err: err}
	}
	r.restricted = r.doc != nil && aws.ToBool(block.RestrictPublicBuckets) && r.doc.Public()
	r.lists = r.ownership != types.ObjectOwnershipBucketOwnerEnforced && !aws.ToBool(block.IgnorePublicAcls)
	return r
}

// open reports whether there may be something in the bucket for strangers.
func (r *rules) open() bool {
	return r.lists || r.doc != nil && !r.restricted && r.doc.OpenToStrangers()
}

// grants reports whether a list gives everyone one of the rights.
func everyone(list []types.Grant, rights ...types.Permission) bool {
	return slices.ContainsFunc(list, func(g types.Grant) bool {
		return acl.Everyone(g) && (g.Permission == types.PermissionFullControl || slices.Contains(rights, g.Permission))
	})
}

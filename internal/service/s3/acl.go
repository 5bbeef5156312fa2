package s3

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object/settings"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
)

// admit is the check of a new list against the bucket's ownership and block.
func admit(grants []types.Grant) settings.Check {
	return func(other func(name string) (settings.Doc, error)) error {
		doc, err := other(setting.Ownership)
		if err != nil {
			return err
		}
		o, err := setting.OwnershipOf(doc)
		if err != nil {
			return err
		}
		if o == types.ObjectOwnershipBucketOwnerEnforced {
			return aclsOff()
		}
		if doc, err = other(setting.Block); err != nil {
			return err
		}
		block, err := setting.BlockOf(doc)
		if err != nil {
			return err
		}
		return acl.Allowed(grants, block)
	}
}

func aclsOff() error {
	return fault.New(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
}

// ownersListOnly refuses to switch access lists off while the bucket's gives rights to others than its owner.
func (s *Service) ownersListOnly(other func(name string) (settings.Doc, error)) error {
	doc, err := other(setting.ACL)
	if err != nil {
		return err
	}
	grants, err := setting.GrantsOf(doc, *s.owner().ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(grants, func(g types.Grant) bool { return g.Grantee.Type != types.TypeCanonicalUser }) {
		return aclWithOwnership()
	}
	return nil
}

func aclWithOwnership() error {
	return fault.New(400, "InvalidBucketAclWithObjectOwnership",
		"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
}

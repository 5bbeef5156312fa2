package s3

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/fault"
)

// admit is the check of a new list against the bucket's ownership and block.
func admit(grants []types.Grant) object.SettingCheck {
	return func(other func(name string) (object.Setting, error)) error {
		doc, err := other(ownershipSetting)
		if err != nil {
			return err
		}
		o, err := ownershipOf(doc)
		if err != nil {
			return err
		}
		if o == types.ObjectOwnershipBucketOwnerEnforced {
			return aclsOff()
		}
		if doc, err = other(blockSetting); err != nil {
			return err
		}
		block, err := blockOf(doc)
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
func (s *Service) ownersListOnly(other func(name string) (object.Setting, error)) error {
	doc, err := other(aclSetting)
	if err != nil {
		return err
	}
	grants, err := s.stored(doc)
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

// stored reads a bucket's list; one that was never set gives all rights to the owner.
func (s *Service) stored(doc object.Setting) ([]types.Grant, error) {
	if doc.Text == "" {
		return []types.Grant{acl.Owner(*s.owner().ID)}, nil
	}
	var grants []types.Grant
	return grants, readSetting(doc, aclSetting, &grants)
}

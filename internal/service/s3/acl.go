package s3

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
)

// The groups of access lists: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html.
const (
	groupEverybody = "http://acs.amazonaws.com/groups/global/AllUsers"
	groupAccounts  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	groupLogs      = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

// maxGrants is the most grants of one access list.
const maxGrants = 100

// An aclRequest is an access list as a request gives it, in one of three ways: by a word, by headers, or as a document.
type aclRequest struct {
	word                                 string
	full, read, readACP, write, writeACP *string
	document                             *types.AccessControlPolicy
}

func (r aclRequest) headers() bool {
	return r.full != nil || r.read != nil || r.readACP != nil || r.write != nil || r.writeACP != nil
}

// given reports whether the request says anything of an access list.
func (r aclRequest) given() bool { return r.word != "" || r.headers() || r.document != nil }

// harmless reports whether the list leaves all rights to the owner: what is accepted where access lists are off.
func (r aclRequest) harmless() bool {
	return !r.headers() && r.document == nil && (r.word == "" || r.word == "private" || r.word == "bucket-owner-full-control")
}

// grants reads the list. The one account owns all, so that a grant to the bucket's owner is one to the object's.
func (s *Service) grants(r aclRequest) ([]types.Grant, error) {
	switch {
	case r.word != "" && r.headers():
		return nil, fail(400, "InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed")
	case r.document != nil && (r.word != "" || r.headers()):
		return nil, fail(400, "UnexpectedContent", "This request does not support content")
	case r.word != "":
		return s.cannedGrants(r.word)
	case r.document != nil:
		return s.documentGrants(r.document)
	}
	return s.headerGrants(r)
}

func (s *Service) ownerGrant() types.Grant {
	return types.Grant{Grantee: &types.Grantee{ID: s.owner().ID, Type: types.TypeCanonicalUser}, Permission: types.PermissionFullControl}
}

func groupGrant(uri string, p types.Permission) types.Grant {
	return types.Grant{Grantee: &types.Grantee{URI: aws.String(uri), Type: types.TypeGroup}, Permission: p}
}

// cannedGrants is what a word stands for: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl.
func (s *Service) cannedGrants(word string) ([]types.Grant, error) {
	g := []types.Grant{s.ownerGrant()}
	switch word {
	case "private", "bucket-owner-read", "bucket-owner-full-control":
		return g, nil
	case "public-read":
		return append(g, groupGrant(groupEverybody, types.PermissionRead)), nil
	case "public-read-write":
		return append(g, groupGrant(groupEverybody, types.PermissionRead), groupGrant(groupEverybody, types.PermissionWrite)), nil
	case "authenticated-read":
		return append(g, groupGrant(groupAccounts, types.PermissionRead)), nil
	case "log-delivery-write":
		return append(g, groupGrant(groupLogs, types.PermissionWrite), groupGrant(groupLogs, types.PermissionReadAcp)), nil
	case "aws-exec-read":
		return nil, fail(501, "NotImplemented", "Penstock does not support the ACL aws-exec-read yet")
	}
	return nil, invalid("x-amz-acl", word, "")
}

// documentGrants checks the grants of a document.
func (s *Service) documentGrants(d *types.AccessControlPolicy) ([]types.Grant, error) {
	if d.Owner == nil || aws.ToString(d.Owner.ID) == "" || len(d.Grants) > maxGrants {
		return nil, malformedACL()
	}
	if aws.ToString(d.Owner.ID) != *s.owner().ID {
		return nil, invalid("CanonicalUser/ID", *d.Owner.ID, "Invalid id")
	}
	out := []types.Grant{}
	for _, g := range d.Grants {
		if !slices.Contains(g.Permission.Values(), g.Permission) || g.Grantee == nil {
			return nil, malformedACL()
		}
		e, err := s.grantee(g.Grantee, "CanonicalUser/ID", "Group/URI")
		if err != nil {
			return nil, err
		}
		out = append(out, types.Grant{Grantee: e, Permission: g.Permission})
	}
	return out, nil
}

func noACL() error {
	return fail(400, "MissingSecurityHeader", "Your request was missing a required header", "MissingHeaderName", "x-amz-acl")
}

func malformedACL() error {
	return fail(400, "MalformedACLError", "The XML you provided was not well-formed or did not validate against our published schema")
}

// grantee checks who is given a right: the account, or a group. There are no other accounts, and none has an e-mail address. idName and
// uriName are what errors call the members.
func (s *Service) grantee(g *types.Grantee, idName, uriName string) (*types.Grantee, error) {
	id, uri := aws.ToString(g.ID), aws.ToString(g.URI)
	switch {
	case g.Type == types.TypeCanonicalUser && id == *s.owner().ID:
		return &types.Grantee{Type: g.Type, ID: g.ID}, nil
	case g.Type == types.TypeCanonicalUser && id != "":
		return nil, invalid(idName, id, "Invalid id")
	case g.Type == types.TypeGroup && slices.Contains([]string{groupEverybody, groupAccounts, groupLogs}, uri):
		return &types.Grantee{Type: g.Type, URI: g.URI}, nil
	case g.Type == types.TypeGroup && uri != "":
		return nil, invalid(uriName, uri, "Invalid group uri")
	case g.Type == types.TypeAmazonCustomerByEmail && aws.ToString(g.EmailAddress) != "":
		return nil, fail(400, "UnresolvableGrantByEmailAddress", "The e-mail address you provided does not match any account on record.")
	}
	return nil, malformedACL()
}

// headerGrants reads headers of the form `id="..", uri=".."`.
func (s *Service) headerGrants(r aclRequest) ([]types.Grant, error) {
	out := []types.Grant{}
	for _, h := range []struct {
		name string
		text *string
		p    types.Permission
	}{{"x-amz-grant-read", r.read, types.PermissionRead}, {"x-amz-grant-write", r.write, types.PermissionWrite},
		{"x-amz-grant-read-acp", r.readACP, types.PermissionReadAcp}, {"x-amz-grant-write-acp", r.writeACP, types.PermissionWriteAcp},
		{"x-amz-grant-full-control", r.full, types.PermissionFullControl}} {
		if h.text == nil {
			continue
		}
		for _, part := range strings.Split(*h.text, ",") {
			g, err := s.headerGrantee(h.name, strings.TrimSpace(part))
			if err != nil {
				return nil, err
			}
			out = append(out, types.Grant{Grantee: g, Permission: h.p})
		}
	}
	return out, nil
}

func (s *Service) headerGrantee(header, part string) (*types.Grantee, error) {
	kind, value, ok := strings.Cut(part, "=")
	value = strings.Trim(value, `"`)
	switch {
	case ok && kind == "id":
		return s.grantee(&types.Grantee{Type: types.TypeCanonicalUser, ID: &value}, "id", "uri")
	case ok && kind == "uri":
		return s.grantee(&types.Grantee{Type: types.TypeGroup, URI: &value}, "id", "uri")
	case ok && kind == "emailAddress":
		return s.grantee(&types.Grantee{Type: types.TypeAmazonCustomerByEmail, EmailAddress: &value}, "id", "uri")
	}
	return nil, invalid(header, part, "Argument format not recognized")
}

// public reports whether a list gives rights to people outside of the account.
func public(grants []types.Grant) bool {
	return slices.ContainsFunc(grants, func(g types.Grant) bool {
		uri := aws.ToString(g.Grantee.URI)
		return uri == groupEverybody || uri == groupAccounts
	})
}

// allowed refuses a public list where the bucket blocks them, and by name where it does not: nobody is answered without a signature.
// Everyone who signs is the account, so that a right of all who sign is one that is there already.
func allowed(grants []types.Grant, block types.PublicAccessBlockConfiguration) error {
	if !public(grants) {
		return nil
	}
	if aws.ToBool(block.BlockPublicAcls) {
		return fail(403, "AccessDenied", "Access Denied")
	}
	if slices.ContainsFunc(grants, func(g types.Grant) bool { return aws.ToString(g.Grantee.URI) == groupEverybody }) {
		return fail(501, "NotImplemented", "Penstock does not support ACLs with grants to everyone yet: each request must be signed")
	}
	return nil
}

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
		return allowed(grants, block)
	}
}

func aclsOff() error {
	return fail(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
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
	return fail(400, "InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
}

// stored reads a bucket's list; one that was never set gives all rights to the owner.
func (s *Service) stored(doc object.Setting) ([]types.Grant, error) {
	if doc.Text == "" {
		return []types.Grant{s.ownerGrant()}, nil
	}
	var grants []types.Grant
	return grants, readSetting(doc, aclSetting, &grants)
}

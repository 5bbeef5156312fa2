// Package acl is access lists: what a request gives, by a word, by headers or as a document, as the grants that are kept. It knows no store
// and nothing of ownership. Behaviour: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html.
package acl

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/service/s3/fault"
)

// The groups of access lists: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html.
const (
	groupEverybody = "http://acs.amazonaws.com/groups/global/AllUsers"
	groupAccounts  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	groupLogs      = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

// maxGrants is the most grants of one access list.
const maxGrants = 100

// A Request is an access list as a request gives it, in one of three ways: by a word, by headers, or as a document.
type Request struct {
	Word                                 string
	Full, Read, ReadACP, Write, WriteACP *string
	Document                             *types.AccessControlPolicy
}

func (r Request) headers() bool {
	return r.Full != nil || r.Read != nil || r.ReadACP != nil || r.Write != nil || r.WriteACP != nil
}

// Given reports whether the request says anything of an access list.
func (r Request) Given() bool { return r.Word != "" || r.headers() || r.Document != nil }

// Harmless reports whether the list leaves all rights to the owner: what is accepted where access lists are off.
func (r Request) Harmless() bool {
	return !r.headers() && r.Document == nil && (r.Word == "" || r.Word == "private" || r.Word == "bucket-owner-full-control")
}

// Grants reads the list. The one account, whose canonical id is owner, owns all, so that a grant to the bucket's owner is one to the
// object's.
func (r Request) Grants(owner string) ([]types.Grant, error) {
	switch {
	case r.Word != "" && r.headers():
		return nil, fault.New(400, "InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed")
	case r.Document != nil && (r.Word != "" || r.headers()):
		return nil, fault.New(400, "UnexpectedContent", "This request does not support content")
	case r.Word != "":
		return Canned(owner, r.Word)
	case r.Document != nil:
		return documentGrants(owner, r.Document)
	}
	return r.headerGrants(owner)
}

// Owner is the grant that an owner has when nothing else is said.
func Owner(owner string) types.Grant {
	return types.Grant{Grantee: &types.Grantee{ID: aws.String(owner), Type: types.TypeCanonicalUser}, Permission: types.PermissionFullControl}
}

func groupGrant(uri string, p types.Permission) types.Grant {
	return types.Grant{Grantee: &types.Grantee{URI: aws.String(uri), Type: types.TypeGroup}, Permission: p}
}

// Canned is what a word stands for: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl.
func Canned(owner, word string) ([]types.Grant, error) {
	g := []types.Grant{Owner(owner)}
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
		return nil, fault.New(501, "NotImplemented", "Penstock does not support the ACL aws-exec-read yet")
	}
	return nil, fault.Argument("x-amz-acl", word, "")
}

// documentGrants checks the grants of a document.
func documentGrants(owner string, d *types.AccessControlPolicy) ([]types.Grant, error) {
	if d.Owner == nil || aws.ToString(d.Owner.ID) == "" || len(d.Grants) > maxGrants {
		return nil, malformedACL()
	}
	if aws.ToString(d.Owner.ID) != owner {
		return nil, fault.Argument("CanonicalUser/ID", *d.Owner.ID, "Invalid id")
	}
	out := []types.Grant{}
	for _, g := range d.Grants {
		if !slices.Contains(g.Permission.Values(), g.Permission) || g.Grantee == nil {
			return nil, malformedACL()
		}
		e, err := grantee(owner, g.Grantee, "CanonicalUser/ID", "Group/URI")
		if err != nil {
			return nil, err
		}
		out = append(out, types.Grant{Grantee: e, Permission: g.Permission})
	}
	return out, nil
}

// None is the refusal of a request that names no list.
func None() error {
	return fault.New(400, "MissingSecurityHeader", "Your request was missing a required header", "MissingHeaderName", "x-amz-acl")
}

func malformedACL() error {
	return fault.New(400, "MalformedACLError", "The XML you provided was not well-formed or did not validate against our published schema")
}

// grantee checks who is given a right: the account, or a group. There are no other accounts, and none has an e-mail address. idName and
// uriName are what errors call the members.
func grantee(owner string, g *types.Grantee, idName, uriName string) (*types.Grantee, error) {
	id, uri := aws.ToString(g.ID), aws.ToString(g.URI)
	switch {
	case g.Type == types.TypeCanonicalUser && id == owner:
		return &types.Grantee{Type: g.Type, ID: g.ID}, nil
	case g.Type == types.TypeCanonicalUser && id != "":
		return nil, fault.Argument(idName, id, "Invalid id")
	case g.Type == types.TypeGroup && slices.Contains([]string{groupEverybody, groupAccounts, groupLogs}, uri):
		return &types.Grantee{Type: g.Type, URI: g.URI}, nil
	case g.Type == types.TypeGroup && uri != "":
		return nil, fault.Argument(uriName, uri, "Invalid group uri")
	case g.Type == types.TypeAmazonCustomerByEmail && aws.ToString(g.EmailAddress) != "":
		return nil, fault.New(400, "UnresolvableGrantByEmailAddress", "The e-mail address you provided does not match any account on record.")
	}
	return nil, malformedACL()
}

// headerGrants reads headers of the form `id="..", uri=".."`.
func (r Request) headerGrants(owner string) ([]types.Grant, error) {
	out := []types.Grant{}
	for _, h := range []struct {
		name string
		text *string
		p    types.Permission
	}{{"x-amz-grant-read", r.Read, types.PermissionRead}, {"x-amz-grant-write", r.Write, types.PermissionWrite},
		{"x-amz-grant-read-acp", r.ReadACP, types.PermissionReadAcp}, {"x-amz-grant-write-acp", r.WriteACP, types.PermissionWriteAcp},
		{"x-amz-grant-full-control", r.Full, types.PermissionFullControl}} {
		if h.text == nil {
			continue
		}
		for _, part := range strings.Split(*h.text, ",") {
			g, err := headerGrantee(owner, h.name, strings.TrimSpace(part))
			if err != nil {
				return nil, err
			}
			out = append(out, types.Grant{Grantee: g, Permission: h.p})
		}
	}
	return out, nil
}

func headerGrantee(owner, header, part string) (*types.Grantee, error) {
	kind, value, ok := strings.Cut(part, "=")
	value = strings.Trim(value, `"`)
	switch {
	case ok && kind == "id":
		return grantee(owner, &types.Grantee{Type: types.TypeCanonicalUser, ID: &value}, "id", "uri")
	case ok && kind == "uri":
		return grantee(owner, &types.Grantee{Type: types.TypeGroup, URI: &value}, "id", "uri")
	case ok && kind == "emailAddress":
		return grantee(owner, &types.Grantee{Type: types.TypeAmazonCustomerByEmail, EmailAddress: &value}, "id", "uri")
	}
	return nil, fault.Argument(header, part, "Argument format not recognized")
}

// Public reports whether a list gives rights to people outside of the account.
func Public(grants []types.Grant) bool {
	return slices.ContainsFunc(grants, func(g types.Grant) bool {
		uri := aws.ToString(g.Grantee.URI)
		return uri == groupEverybody || uri == groupAccounts
	})
}

// Allowed refuses a public list where the bucket blocks them. Everyone who signs is the account, so that a right of all who sign is one
// that is there already.
func Allowed(grants []types.Grant, block types.PublicAccessBlockConfiguration) error {
	if Public(grants) && aws.ToBool(block.BlockPublicAcls) {
		return fault.New(403, "AccessDenied", "Access Denied")
	}
	return nil
}

// Everyone reports whether a grant is for all people, signed or not.
func Everyone(g types.Grant) bool {
	return g.Grantee != nil && aws.ToString(g.Grantee.URI) == groupEverybody
}

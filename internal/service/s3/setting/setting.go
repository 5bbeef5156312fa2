// Package setting is what a bucket can be set to, as package object keeps it: the names of the documents, how they are written, and what a
// bucket without one has. It decides nothing by them.
package setting

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object/settings"
	"penstock/internal/service/s3/acl"
)

// The names of a bucket's settings (settings.Doc). Each holds a document of the SDK's type in JSON,
// but ownership, acceleration and location, a word, and the policy, which is the text that was put.
const (
	Accelerate = "accelerate"
	ACL        = "acl"
	Block      = "block"
	CORS       = "cors"
	Encryption = "encryption"
	Location   = "location"
	Ownership  = "ownership"
	Policy     = "policy"
)

// Read reads a document into v (nil: not at all); one that is not there leaves v as it is.
func Read(doc settings.Doc, name string, v any) error {
	if doc.Text == "" || v == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(doc.Text), v); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}

// Text writes a document; nil is one that is removed.
func Text(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// BlockOf reads a bucket's public access block: a new bucket has all of it, one whose block was removed has none.
func BlockOf(doc settings.Doc) (types.PublicAccessBlockConfiguration, error) {
	if !doc.Set {
		t := aws.Bool(true)
		return types.PublicAccessBlockConfiguration{BlockPublicAcls: t, IgnorePublicAcls: t, BlockPublicPolicy: t, RestrictPublicBuckets: t}, nil
	}
	var c types.PublicAccessBlockConfiguration
	return c, Read(doc, Block, &c)
}

// OwnershipOf reads a bucket's ownership: a new bucket's access lists are off, one whose controls were removed is as if each object's
// writer owned it.
func OwnershipOf(doc settings.Doc) (types.ObjectOwnership, error) {
	if !doc.Set {
		return types.ObjectOwnershipBucketOwnerEnforced, nil
	}
	o := types.ObjectOwnershipObjectWriter
	return o, Read(doc, Ownership, &o)
}

// GrantsOf reads an access list; one that was never set gives all rights to the owner, who is named by his canonical id.
func GrantsOf(doc settings.Doc, owner string) ([]types.Grant, error) {
	if doc.Text == "" {
		return []types.Grant{acl.Owner(owner)}, nil
	}
	var grants []types.Grant
	return grants, Read(doc, ACL, &grants)
}

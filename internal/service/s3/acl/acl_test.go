package acl

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
)

const me = "0123456789abcdef"

// written is grants as "who:right".
func written(grants []types.Grant) string {
	var out []string
	for _, g := range grants {
		who := aws.ToString(g.Grantee.ID)
		if uri := aws.ToString(g.Grantee.URI); uri != "" {
			who = uri[strings.LastIndex(uri, "/")+1:]
		}
		out = append(out, strings.Replace(who, me, "me", 1)+":"+string(g.Permission))
	}
	return strings.Join(out, " ")
}

// TestGrants reads lists in each of their forms. The texts are those that S3 gave to LocalStack's authors, who record them (2026).
func TestGrants(t *testing.T) {
	const logs = "http://acs.amazonaws.com/groups/s3/LogDelivery"
	text := func(s string) *string { return &s }
	document := func(owner string, g types.Grant) *types.AccessControlPolicy {
		return &types.AccessControlPolicy{Owner: &types.Owner{ID: &owner}, Grants: []types.Grant{g}}
	}
	user := func(id string, p types.Permission) types.Grant {
		return types.Grant{Grantee: &types.Grantee{Type: types.TypeCanonicalUser, ID: &id}, Permission: p}
	}
	const malformed = "MalformedACLError: The XML you provided was not well-formed or did not validate against our published schema"
	for _, c := range []struct {
		r    Request
		want string
	}{
		{Request{Word: "private"}, "me:FULL_CONTROL"},
		{Request{Word: "public-read-write"}, "me:FULL_CONTROL AllUsers:READ AllUsers:WRITE"},
		{Request{Word: "log-delivery-write"}, "me:FULL_CONTROL LogDelivery:WRITE LogDelivery:READ_ACP"},
		{Request{Word: "fake-acl"}, "InvalidArgument: "},
		{Request{Read: text(`uri="` + logs + `", id="` + me + `"`), Full: text("id=" + me)}, "LogDelivery:READ me:READ me:FULL_CONTROL"},
		{Request{Write: text(`uri="http://acs.amazonaws.com/groups/s3/FakeGroup"`)}, "InvalidArgument: Invalid group uri (uri)"},
		{Request{Write: text(`fakekey="1234"`)}, "InvalidArgument: Argument format not recognized (x-amz-grant-write)"},
		{Request{Write: text(`id="wrong-id"`)}, "InvalidArgument: Invalid id (id)"},
		{Request{Word: "private", Read: text("id=" + me)}, "InvalidRequest: Specifying both Canned ACLs and Header Grants is not allowed"},
		{Request{Word: "private", Document: document(me, user(me, "READ"))}, "UnexpectedContent: This request does not support content"},
		{Request{Document: document(me, user(me, "READ"))}, "me:READ"},
		{Request{Document: document("", user(me, "READ"))}, malformed},
		{Request{Document: document("other", user(me, "READ"))}, "InvalidArgument: Invalid id (CanonicalUser/ID)"},
		{Request{Document: document(me, user("other", "READ"))}, "InvalidArgument: Invalid id (CanonicalUser/ID)"},
		{Request{Document: document(me, user(me, "LOOK"))}, malformed},
		{Request{Document: document(me, types.Grant{Permission: "READ"})}, malformed},
	} {
		grants, err := c.r.Grants(me)
		got := written(grants)
		var e *api.Error
		if errors.As(err, &e) {
			if got = e.Code + ": " + e.Message; e.Fields["ArgumentName"] != "" && e.Message != "" {
				got += " (" + e.Fields["ArgumentName"] + ")"
			}
		}
		if got != c.want {
			t.Errorf("%+v: got %s, want %s", c.r, got, c.want)
		}
	}
}

// TestAllowed holds lists against a block: a right of everybody is refused with it as on S3.
func TestAllowed(t *testing.T) {
	on := types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}
	for _, c := range []struct {
		word           string
		block          types.PublicAccessBlockConfiguration
		public, denied bool
		code           string
	}{
		{"private", on, false, false, ""}, {"authenticated-read", on, true, true, "AccessDenied"},
		{"authenticated-read", types.PublicAccessBlockConfiguration{}, true, false, ""},
		{"public-read", types.PublicAccessBlockConfiguration{}, true, false, ""},
		{"public-read", on, true, true, "AccessDenied"},
	} {
		grants, err := Canned(me, c.word)
		if err != nil {
			t.Fatal(err)
		}
		if err = Allowed(grants, c.block); api.Code(err) != c.code || (err != nil) != c.denied || Public(grants) != c.public {
			t.Errorf("%s: %v, public %v", c.word, err, Public(grants))
		}
	}
}

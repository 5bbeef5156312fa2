package guard

import (
	"slices"
	"strings"
	"testing"

	"penstock/internal/policy"
	"penstock/internal/service/s3/access"
)

// unasked are condition keys that an action has on AWS, or one action, and that no request has here, with the reason.
var unasked = map[string]string{
	"s3:object-lock-event-hold PutObjectRetention":       "its event hold is refused but for OFF",
	"s3:x-amz-grant-write PutObject":                     "a bucket's right, which uploads cannot give",
	"s3:x-amz-storage-class PutObjectAcl":                "no member of the operation",
	"s3:x-amz-storage-class PutObjectVersionAcl":         "no member of the operation",
	"s3:object-lock-event-hold-duration-days":            "event holds are refused",
	"s3:x-amz-object-annotation-directive":               "annotations are refused",
	"s3:x-amz-server-side-encryption-aws-kms-key-id":     "keys of KMS are refused",
	"s3:x-amz-server-side-encryption-customer-algorithm": "keys of the client are refused",
	"s3:isreplicationpauserequest":                       "replication is refused",
}

// lookedUp are filled by the guard itself.
var lookedUp = []string{"s3:existingobjecttag/", "s3:object-lock-remaining-retention-days"}

// TestEveryConditionKeyIsFilled holds what the operations fill against what S3 has with their actions. The reference names headers of an
// upload with BypassGovernanceRetention too, which no operation asks for together with them.
func TestEveryConditionKeyIsFilled(t *testing.T) {
	filled, seen := map[string][]string{}, 0
	for _, g := range access.Of().Grants {
		action := g.Action
		names := []string{action}
		if action == "" {
			names = strings.Fields(g.Ops)
		}
		for _, name := range names {
			filled[name] = append(filled[name], "")
			for key := range g.Keys {
				filled[name] = append(filled[name], strings.ToLower(key))
			}
		}
	}
	for action, have := range filled {
		if action == "BypassGovernanceRetention" {
			continue
		}
		for _, key := range policy.KeysOf(action) {
			seen++
			base := strings.TrimSuffix(key, "keys")
			ok := slices.Contains(have, key) || slices.Contains(have, base+"/") || slices.Contains(lookedUp, key) ||
				unasked[key] != "" || unasked[key+" "+action] != ""
			if !ok {
				t.Errorf("nobody fills %s of %s", key, action)
			}
			if key == "s3:existingobjecttag/" && !slices.Contains(tagged, "s3:"+action) {
				t.Errorf("the tags of the object are not looked up for %s", action)
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d keys of actions", seen)
	}
}

// absent are condition keys of all requests that none has here: what they tell of is not there, or Unfilled refuses them.
const absent = `aws:calledvia aws:calledviafirst aws:calledvialast aws:tokenissuetime
	aws:ec2instancesourceprivateipv4 aws:ec2instancesourcevpc aws:federatedprovider aws:multifactorauthage aws:principalorgid
	aws:principalorgpaths aws:principalservicename aws:principalservicenameslist aws:requesttag/ aws:resourceorgid aws:resourceorgpaths
	aws:resourcetag/ aws:sourceaccount aws:sourcearn aws:sourceidentity aws:sourceorgid aws:sourceorgpaths aws:sourceowner aws:sourcevpc
	aws:sourcevpcarn aws:sourcevpce aws:tagkeys aws:username aws:vpcsourceip aws:vpceaccount aws:vpceorgid aws:vpceorgpaths
	ec2:sourceinstancearn lambda:sourcefunctionarn s3:accessgrantsinstancearn s3:accesspointnetworkorigin s3:accesspointtag/
	s3:dataaccesspointaccount s3:dataaccesspointarn`

// common are those that the guard fills.
const common = `aws:currenttime aws:epochtime aws:multifactorauthpresent aws:principalaccount aws:principalarn aws:principalisawsservice
	aws:principaltag/ aws:principaltype aws:referer aws:requestedregion aws:resourceaccount aws:securetransport aws:sourceip aws:useragent
	aws:userid aws:viaawsservice s3:authtype s3:resourceaccount s3:signatureage s3:signatureversion s3:tlsversion s3:x-amz-content-sha256`

// TestEveryCommonKeyIsDealtWith finds keys that a policy may ask of any request and that are in neither list; TestPolicy of package s3 has
// the values.
func TestEveryCommonKeyIsDealtWith(t *testing.T) {
	known := append(strings.Fields(absent), strings.Fields(common)...)
	for _, key := range policy.EveryKey() {
		if !slices.Contains(known, key) {
			t.Errorf("%s is neither filled nor known to be absent", key)
		}
	}
	for _, key := range known {
		if !slices.Contains(policy.EveryKey(), key) {
			t.Errorf("S3 does not know %s", key)
		}
	}
}

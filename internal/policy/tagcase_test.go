package policy_test

import (
	"testing"

	"penstock/internal/policy"
)

// TestTagsThatDifferInCase: whoever adds a tag whose key differs in case alone does not get around a Deny.
func TestTagsThatDifferInCase(t *testing.T) {
	d, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject",
		"Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/CLASS":"secret"}}}]}`), 20480)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 { // a map's order is another each time
		r := policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Keys: map[string][]string{
			"s3:ExistingObjectTag/Class": {"secret"}, "s3:ExistingObjectTag/class": {"public"}}}
		if got := d.Evaluate(r); got != policy.Deny {
			t.Fatalf("decision %v", got)
		}
	}
}

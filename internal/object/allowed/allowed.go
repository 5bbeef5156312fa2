// Package allowed asks what S3's guard says of reads and writes that jobs and crawlers make below S3's operations, on the store itself.
package allowed

import (
	"context"
	"path"

	"penstock/internal/api"
	"penstock/internal/object"
)

// Session is who a service acts as under a role, which is named or given by its ARN.
func Session(account, role, session string) api.Principal {
	return api.Principal{ARN: "arn:aws:sts::" + account + ":assumed-role/" + path.Base(role) + "/" + session, Account: account}
}

// List asks whether who lists a prefix of a bucket may.
func List(ctx context.Context, inv api.Invoker, who api.Principal, bucket, prefix string) error {
	return api.Allows(ctx, inv, "s3", api.Request{Principal: who, Action: "s3:ListBucket", Resources: []string{"arn:aws:s3:::" + bucket},
		Conditions: map[string][]string{"s3:prefix": {prefix}}})
}

// Read asks whether who reads objects may read each.
func Read(ctx context.Context, inv api.Invoker, who api.Principal, bucket string, found []object.Resolved) error {
	keys := make([]string, len(found))
	for i, f := range found {
		keys[i] = f.Key
	}
	return each(ctx, inv, who, "s3:GetObject", bucket, keys)
}

// Write asks whether who puts objects may put each.
func Write(ctx context.Context, inv api.Invoker, who api.Principal, bucket string, keys ...string) error {
	return each(ctx, inv, who, "s3:PutObject", bucket, keys)
}

func each(ctx context.Context, inv api.Invoker, who api.Principal, action, bucket string, keys []string) error {
	r := api.Request{Principal: who, Action: action, Resources: make([]string, len(keys))}
	for i, key := range keys {
		r.Resources[i] = "arn:aws:s3:::" + bucket + "/" + key
	}
	return api.Allows(ctx, inv, "s3", r)
}

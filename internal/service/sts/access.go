package sts

import (
	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for AWS Security Token Service".
func access() api.Access {
	return api.Access{Prefix: "sts", ARN: "arn:aws:sts::{account}:", Grants: []api.Grant{
		{Ops: "GetCallerIdentity"},
		{Ops: "AssumeRole", On: []string{"{RoleArn}"},
			Keys: api.Keys{"sts:RoleSessionName": "{RoleSessionName}", "sts:ExternalId": "{ExternalId}"}},
	}}
}

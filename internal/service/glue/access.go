package glue

import (
	"penstock/internal/api"
)

// access says what the operations ask of IAM: what touches a table asks for its database and its catalog too. Source: "Actions,
// resources, and condition keys for AWS Glue".
func access() api.Access {
	role := func(ops, member string) api.Grant {
		return api.Grant{Ops: ops, Action: "iam:PassRole", If: member, On: []string{"arn:aws:iam::{account}:role/{" + member + "|arn}"},
			Keys: api.Keys{"iam:PassedToService": "glue.amazonaws.com"}}
	}
	tagged := func(member string) api.Keys { return api.Keys{"aws:RequestTag/": "{" + member + "}"} }
	return api.Access{Prefix: "glue", ARN: "arn:aws:glue:{region}:{account}:", Grants: []api.Grant{
		{Ops: "CreateDatabase", On: words("catalog database/{DatabaseInput.Name}"), Keys: tagged("Tags")},
		{Ops: "GetDatabase UpdateDatabase", On: words("catalog database/{Name}")},
		{Ops: "GetDatabases", On: words("catalog database/*")},
		{Ops: "DeleteDatabase", On: words("catalog database/{Name} table/{Name}/* userDefinedFunction/{Name}/*")},

		{Ops: "CreateTable UpdateTable", On: words("catalog database/{DatabaseName} table/{DatabaseName}/{TableInput.Name}")},
		{Ops: "GetTable DeleteTable", On: words("catalog database/{DatabaseName} table/{DatabaseName}/{Name}")},
		{Ops: "GetTables", On: words("catalog database/{DatabaseName} table/{DatabaseName}/*")},
		{Ops: "SearchTables", On: words("catalog database/* table/*/*")},
		{Ops: "BatchDeleteTable", On: words("catalog database/{DatabaseName} table/{DatabaseName}/{TablesToDelete}")},
		{Ops: "GetTableVersion GetTableVersions GetPartitionIndexes DeleteTableVersion BatchDeleteTableVersion CreatePartition " +
			"GetPartition GetPartitions " +
			"UpdatePartition DeletePartition BatchCreatePartition BatchGetPartition BatchUpdatePartition BatchDeletePartition",
			On: words("catalog database/{DatabaseName} table/{DatabaseName}/{TableName}")},

		{Ops: "CreateCrawler", Keys: tagged("Tags")},
		role("CreateCrawler UpdateCrawler", "Role"),
		{Ops: "GetCrawlers ListCrawlers GetCrawlerMetrics"},
		{Ops: "GetCrawler UpdateCrawler DeleteCrawler StartCrawler StopCrawler", On: words("crawler/{Name}")},
		{Ops: "ListCrawls", On: words("crawler/{CrawlerName}")},

		{Ops: "CreateJob", On: words("job/{Name}"), Keys: tagged("Tags")},
		role("CreateJob", "Role"),
		role("UpdateJob", "JobUpdate.Role"),
		{Ops: "GetJobs ListJobs"},
		{Ops: "GetJob UpdateJob DeleteJob StartJobRun GetJobRun GetJobRuns BatchStopJobRun", On: words("job/{JobName}")},
		{Ops: "GetJobBookmark ResetJobBookmark"},
		{Ops: "PenstockCommitJobBookmark", Action: "GetJobBookmark"}, // AWS's service saves it for who may read it

		{Ops: "CreateConnection", On: words("catalog"), Keys: tagged("Tags")},
		{Ops: "GetConnection UpdateConnection", On: words("catalog connection/{Name}")},
		{Ops: "GetConnections", On: words("catalog connection/*")},
		{Ops: "DeleteConnection", On: words("catalog connection/{ConnectionName}")},
		{Ops: "BatchDeleteConnection", On: words("catalog connection/{ConnectionNameList}")},

		{Ops: "CreateDataQualityRuleset", Keys: tagged("Tags")},
		{Ops: "ListDataQualityRulesets", On: words("dataQualityRuleset/*")},
		{Ops: "GetDataQualityRuleset UpdateDataQualityRuleset DeleteDataQualityRuleset", On: words("dataQualityRuleset/{Name}")},

		{Ops: "GetTags", On: words("{ResourceArn}")},
		{Ops: "TagResource", On: words("{ResourceArn}"), Keys: tagged("TagsToAdd")},
		{Ops: "UntagResource", On: words("{ResourceArn}"), Keys: api.Keys{"aws:TagKeys": "{TagsToRemove}"}},
	}}
}

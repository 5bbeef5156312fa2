package glue

import (
	"penstock/internal/api"
	"penstock/internal/service/glue/answer"
)

// access says what the operations ask of IAM: what touches a table asks for its database and its catalog too. Source: "Actions,
// resources, and condition keys for AWS Glue".
func access() api.Access {
	role := func(ops, member string) api.Grant {
		return api.Grant{Ops: ops, Action: "iam:PassRole", If: member, On: []string{"arn:aws:iam::{account}:role/{" + member + "|arn}"},
			Keys: api.Keys{"iam:PassedToService": "glue.amazonaws.com"}}
	}
	return api.Access{Prefix: "glue", ARN: "arn:aws:glue:{region}:{account}:", Grants: append(catalogGrants(), []api.Grant{
		{Ops: "CreateCrawler", Keys: tagged("Tags")},
		role("CreateCrawler UpdateCrawler", "Role"),
		{Ops: "GetCrawlers ListCrawlers GetCrawlerMetrics"},
		{Ops: "BatchGetCrawlers", On: answer.Words("crawler/{CrawlerNames}")},
		{Ops: "UpdateCrawlerSchedule StartCrawlerSchedule StopCrawlerSchedule"},
		{Ops: "GetCrawler UpdateCrawler DeleteCrawler StartCrawler StopCrawler", On: answer.Words("crawler/{Name}")},
		{Ops: "ListCrawls", On: answer.Words("crawler/{CrawlerName}")},
		{Ops: "CreateClassifier GetClassifier GetClassifiers UpdateClassifier DeleteClassifier"},

		{Ops: "CreateJob", On: answer.Words("job/{Name}"), Keys: tagged("Tags")},
		role("CreateJob", "Role"),
		role("UpdateJob", "JobUpdate.Role"),
		{Ops: "GetJobs ListJobs"},
		{Ops: "GetJob UpdateJob DeleteJob StartJobRun GetJobRun GetJobRuns BatchStopJobRun", On: answer.Words("job/{JobName}")},
		{Ops: "GetJobBookmark ResetJobBookmark"},
		{Ops: "PenstockCommitJobBookmark", Action: "GetJobBookmark"}, // AWS's service saves it for who may read it

		{Ops: "CreateConnection", On: answer.Words("catalog"), Keys: tagged("Tags")},
		{Ops: "GetConnection UpdateConnection", On: answer.Words("catalog connection/{Name}")},
		{Ops: "GetConnections", On: answer.Words("catalog connection/*")},
		{Ops: "DeleteConnection", On: answer.Words("catalog connection/{ConnectionName}")},
		{Ops: "TestConnection", On: answer.Words("connection/{ConnectionName}")},
		{Ops: "BatchDeleteConnection", On: answer.Words("catalog connection/{ConnectionNameList}")},

		{Ops: "CreateDataQualityRuleset", Keys: tagged("Tags")},
		{Ops: "ListDataQualityRulesets", On: answer.Words("dataQualityRuleset/*")},
		{Ops: "GetDataQualityRuleset UpdateDataQualityRuleset DeleteDataQualityRuleset", On: answer.Words("dataQualityRuleset/{Name}")},

		{Ops: "CreateTrigger", On: answer.Words("trigger/{Name}"), Keys: tagged("Tags")},
		{Ops: "GetTriggers ListTriggers"},
		{Ops: "GetTrigger UpdateTrigger DeleteTrigger StartTrigger StopTrigger", On: answer.Words("trigger/{Name}")},
		{Ops: "BatchGetTriggers", On: answer.Words("trigger/{TriggerNames}")},

		{Ops: "CreateWorkflow", On: answer.Words("workflow/{Name}"), Keys: tagged("Tags")},
		{Ops: "ListWorkflows"},
		{Ops: "GetWorkflow UpdateWorkflow DeleteWorkflow StartWorkflowRun StopWorkflowRun ResumeWorkflowRun GetWorkflowRun GetWorkflowRuns " +
			"GetWorkflowRunProperties PutWorkflowRunProperties", On: answer.Words("workflow/{Name}")},
		{Ops: "BatchGetWorkflows", On: answer.Words("workflow/{Names}")},

		{Ops: "GetTags", On: answer.Words("{ResourceArn}")},
		{Ops: "TagResource", On: answer.Words("{ResourceArn}"), Keys: tagged("TagsToAdd")},
		{Ops: "UntagResource", On: answer.Words("{ResourceArn}"), Keys: api.Keys{"aws:TagKeys": "{TagsToRemove}"}},
	}...)}
}

func tagged(member string) api.Keys { return api.Keys{"aws:RequestTag/": "{" + member + "}"} }

// catalogGrants are those of databases, what they hold, and the catalog's settings.
func catalogGrants() []api.Grant {
	return []api.Grant{
		{Ops: "CreateDatabase", On: answer.Words("catalog database/{DatabaseInput.Name}"), Keys: tagged("Tags")},
		{Ops: "GetDatabase UpdateDatabase", On: answer.Words("catalog database/{Name}")},
		{Ops: "GetDatabases", On: answer.Words("catalog database/*")},
		{Ops: "DeleteDatabase", On: answer.Words("catalog database/{Name} table/{Name}/* userDefinedFunction/{Name}/*")},

		{Ops: "CreateTable UpdateTable", On: answer.Words("catalog database/{DatabaseName} table/{DatabaseName}/{TableInput.Name}")},
		{Ops: "GetTable DeleteTable", On: answer.Words("catalog database/{DatabaseName} table/{DatabaseName}/{Name}")},
		{Ops: "GetTables", On: answer.Words("catalog database/{DatabaseName} table/{DatabaseName}/*")},
		{Ops: "SearchTables", On: answer.Words("catalog database/* table/*/*")},
		{Ops: "BatchDeleteTable", On: answer.Words("catalog database/{DatabaseName} table/{DatabaseName}/{TablesToDelete}")},
		{Ops: "GetTableVersion GetTableVersions GetPartitionIndexes CreatePartitionIndex DeletePartitionIndex DeleteTableVersion " +
			"UpdateColumnStatisticsForTable UpdateColumnStatisticsForPartition GetColumnStatisticsForTable GetColumnStatisticsForPartition " +
			"DeleteColumnStatisticsForTable DeleteColumnStatisticsForPartition BatchDeleteTableVersion CreatePartition " +
			"GetPartition GetPartitions " +
			"UpdatePartition DeletePartition BatchCreatePartition BatchGetPartition BatchUpdatePartition BatchDeletePartition",
			On: answer.Words("catalog database/{DatabaseName} table/{DatabaseName}/{TableName}")},

		{Ops: "CreateUserDefinedFunction", On: answer.Words("catalog database/{DatabaseName}")},
		{Ops: "GetUserDefinedFunction UpdateUserDefinedFunction DeleteUserDefinedFunction",
			On: answer.Words("catalog database/{DatabaseName} userDefinedFunction/{DatabaseName}/{FunctionName}")},
		{Ops: "GetUserDefinedFunctions", On: answer.Words("catalog database/{DatabaseName} userDefinedFunction/{DatabaseName}/*")},

		{Ops: "GetSecurityConfiguration GetSecurityConfigurations"},
		{Ops: "GetDataCatalogEncryptionSettings GetResourcePolicies GetResourcePolicy", On: answer.Words("catalog")},
	}
}

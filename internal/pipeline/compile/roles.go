package compile

import (
	"slices"

	"penstock/internal/pipeline"
)

// The roles of a pipeline: each service may do what its part of the pipeline needs, and no more.

func (c *compiler) roles(r object) {
	r["GlueRole"] = c.role("glue.amazonaws.com", c.glueStatements())
	r["MachineRole"] = c.role("states.amazonaws.com", c.machineStatements())
	if given(c.spec) != "" {
		return // its namespace has a role already, which must be able to read the curated bucket
	}
	r["WarehouseRole"] = c.role("redshift.amazonaws.com", list{
		allow(list{"s3:GetObject"}, list{sub("${CuratedBucket.Arn}/*")}),
		allow(list{"s3:GetBucketLocation", "s3:ListBucket"}, list{att("CuratedBucket", "Arn")}),
	})
}

func allow(actions, resources list) object {
	return object{"Effect": "Allow", "Action": actions, "Resource": resources}
}

func (c *compiler) role(service string, statements list) object {
	return object{"Type": "AWS::IAM::Role", "Properties": object{
		"AssumeRolePolicyDocument": object{
			"Version": "2012-10-17",
			"Statement": list{object{
				"Effect": "Allow", "Principal": object{"Service": service}, "Action": "sts:AssumeRole",
			}},
		},
		"Policies": list{object{
			"PolicyName":     "pipeline",
			"PolicyDocument": object{"Version": "2012-10-17", "Statement": statements},
		}},
	}}
}

// arn is an ARN in the stack's partition, region and account.
func arn(service, resource string) object {
	return sub("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + resource)
}

func (c *compiler) glueStatements() list {
	var buckets, read list
	for _, b := range c.spec.Buckets {
		buckets = append(buckets, att(logical(b.Key, "bucket"), "Arn"))
		read = append(read, sub("${"+logical(b.Key, "bucket")+".Arn}/*"))
	}
	assets := "arn:${AWS::Partition}:s3:::" + assetsBucket
	database := c.glueDatabase()
	return append(list{
		allow(list{"s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"}, buckets),
		allow(list{"s3:GetObject", "s3:GetObjectVersion"}, append(read, sub(assets+"/*"))),
		allow(list{"s3:PutObject", "s3:DeleteObject"}, list{sub("${CuratedBucket.Arn}/*")}),
		allow(list{
			"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable", "glue:GetPartition",
			"glue:GetPartitions", "glue:BatchGetPartition", "glue:BatchCreatePartition", "glue:CreatePartition", "glue:BatchDeletePartition",
			"glue:UpdatePartition",
		}, list{arn("glue", "catalog"), arn("glue", "database/"+database), arn("glue", "table/"+database+"/*")}),
		allow(list{"redshift-data:ExecuteStatement"}, list{c.workgroupARN()}),
		allow(list{"redshift-data:DescribeStatement", "redshift-data:GetStatementResult", "redshift-serverless:GetCredentials"}, list{"*"}),
		allow(list{"glue:GetDataQualityRuleset"}, list{arn("glue", "dataQualityRuleset/"+c.spec.Name+"-*")}),
		allow(list{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, list{arn("logs", "log-group:/aws-glue/*")}),
		object{
			"Effect": "Allow", "Action": list{"cloudwatch:PutMetricData"}, "Resource": list{"*"},
			"Condition": object{"StringEquals": object{"cloudwatch:namespace": list{"Penstock", "Glue"}}},
		},
	}, c.scriptStatements()...)
}

// workgroupARN is the workgroup's ARN. That of a given one ends in an id that its name does not tell.
func (c *compiler) workgroupARN() object {
	if given(c.spec) != "" {
		return arn("redshift-serverless", "workgroup/*")
	}
	return att("Workgroup", "Workgroup.WorkgroupArn")
}

func (c *compiler) machineStatements() list {
	statements := list{
		allow(list{"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"}, list{arn("glue", "job/"+c.spec.Name+"-*")}),
		allow(list{"redshift-data:BatchExecuteStatement"}, list{c.workgroupARN()}),
		// These two name statements, which have no ARN before they exist.
		allow(list{"redshift-data:DescribeStatement", "redshift-serverless:GetCredentials"}, list{"*"}),
		allow(list{"s3:GetObject", "s3:PutObject"}, list{sub("${CuratedBucket.Arn}/_penstock/*")}),
		allow(list{"s3:ListBucket"}, list{att("CuratedBucket", "Arn")}),
		object{
			"Effect": "Allow", "Action": list{"cloudwatch:PutMetricData"}, "Resource": list{"*"},
			"Condition": object{"StringEquals": object{"cloudwatch:namespace": "Penstock"}},
		},
	}
	if slices.ContainsFunc(c.spec.Sources, func(s pipeline.Source) bool { return s.Crawl != nil }) ||
		slices.ContainsFunc(c.tables, table.partitioned) {
		statements = append(statements, allow(list{"glue:StartCrawler", "glue:GetCrawler"}, list{arn("glue", "crawler/"+c.spec.Name+"-*")}))
	}
	return statements
}

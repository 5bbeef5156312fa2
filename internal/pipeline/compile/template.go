package compile

import (
	"fmt"
	"strings"

	"penstock/internal/pipeline"
)

func ref(name string) object { return object{"Ref": name} }
func att(name, attr string) object {
	return object{"Fn::GetAtt": list{name, attr}}
}
func sub(text string) object { return object{"Fn::Sub": text} }

// logical makes a logical id of parts: letters and digits, each part's first letter upper case.
func logical(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		for _, w := range strings.FieldsFunc(p, func(r rune) bool { return r == '_' || r == '-' || r == '.' }) {
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return b.String()
}

func (c *compiler) crawlerName(source string) string { return c.spec.Name + "-" + source }
func (c *compiler) jobName(step string) string {
	return c.spec.Name + "-" + strings.ReplaceAll(step, "_", "-")
}
func (c *compiler) rulesetName(of string) string {
	return c.spec.Name + "-" + strings.ReplaceAll(of, "_", "-")
}

// glueDatabase is the catalog database of the pipeline.
func (c *compiler) glueDatabase() string { return c.spec.Name }

const assetsBucket = "${AWS::AccountId}-${AWS::Region}-penstock-assets"

// template is the whole stack. machine is the asset that holds the state machine, whose ${...} the stack fills in; it does not stand in the
// template, whose size is limited, and which may not contain null, which the States Language needs.
func (c *compiler) template(machine string) object {
	r := object{}
	c.buckets(r)
	c.catalog(r)
	c.jobs(r)
	c.warehouse(r)
	c.watch(r)
	c.roles(r)
	r["Machine"] = object{
		"Type": "AWS::StepFunctions::StateMachine",
		"Properties": object{
			"StateMachineName": c.spec.Name, "StateMachineType": "STANDARD", "RoleArn": att("MachineRole", "Arn"),
			"DefinitionS3Location": object{"Bucket": sub(assetsBucket), "Key": machine},
			"DefinitionSubstitutions": object{
				"CuratedBucket": ref("CuratedBucket"), "Workgroup": c.workgroup(),
			},
		},
	}
	return object{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              "Pipeline " + c.spec.Name + ", made by Penstock.",
		"Resources":                r,
		"Outputs": object{
			"Machine":   object{"Description": "The state machine of the pipeline.", "Value": ref("Machine")},
			"Workgroup": object{"Description": "The Redshift workgroup.", "Value": c.workgroup()},
		},
	}
}

func (c *compiler) buckets(r object) {
	for _, b := range c.spec.Buckets {
		var name any = sub("${AWS::AccountId}-${AWS::Region}-" + c.spec.Name + "-" + b.Key)
		if b.Name != "" {
			name = b.Name
		}
		p := object{"BucketName": name}
		if b.Versioning {
			p["VersioningConfiguration"] = object{"Status": "Enabled"}
		}
		r[logical(b.Key, "bucket")] = object{"Type": "AWS::S3::Bucket", "Properties": p}
	}
}

func bucketRef(p pipeline.Place) string { return "${" + logical(p.Bucket, "bucket") + "}" }

// uri is the s3:// address of a place, as an argument of Fn::Sub.
func uri(p pipeline.Place) object { return sub("s3://" + bucketRef(p) + "/" + p.Prefix) }

func (c *compiler) catalog(r object) {
	r["Database"] = object{"Type": "AWS::Glue::Database", "Properties": object{
		"CatalogId": ref("AWS::AccountId"), "DatabaseInput": object{"Name": c.glueDatabase()},
	}}
	for _, s := range c.spec.Sources {
		if s.Crawl != nil {
			r[logical(s.Name, "crawler")] = c.crawler(s)
		} else {
			r[logical(s.Name, "table")] = c.sourceTable(s)
		}
		c.ruleset(r, s.Name, s.Quality)
	}
	for _, t := range c.tables {
		r[logical(t.name, "table")] = c.transformTable(t)
		if t.partitioned() {
			r[logical(t.name, "crawler")] = c.partitionCrawler(t)
		}
		c.ruleset(r, t.name, t.spec.Quality)
	}
}

// crawler fixes the columns at its first crawl: later ones add partitions, and log what else changed. Partitions take the table's columns,
// so that one day's file cannot type a column anew. The source is one table, at its own place (level 1 is the bucket), whatever its files
// look like: what does not fit stops the run with its name. With schema: evolve, new columns are added to the table, after the others.
func (c *compiler) crawler(s pipeline.Source) object {
	update, tables := "LOG", ""
	if s.Evolve {
		update, tables = "UPDATE_IN_DATABASE", `"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"},`
	}
	p := object{
		"Name": c.crawlerName(s.Name), "DatabaseName": ref("Database"), "Role": att("GlueRole", "Arn"),
		"Targets":            object{"S3Targets": list{object{"Path": uri(s.To)}}},
		"SchemaChangePolicy": object{"UpdateBehavior": update, "DeleteBehavior": "LOG"},
		"Configuration": fmt.Sprintf(`{"Version":1.0,"CrawlerOutput":{%s"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}},`+
			`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":%d}}`, tables,
			1+strings.Count(s.To.Prefix, "/")),
	}
	for k, v := range s.Crawl {
		p[k] = v
	}
	return object{"Type": "AWS::Glue::Crawler", "Properties": p}
}

func (c *compiler) sourceTable(s pipeline.Source) object {
	var columns list
	for _, col := range s.Columns {
		columns = append(columns, object{"Name": col.Name, "Type": col.Type})
	}
	descriptor, parameters := sourceStorage(s)
	descriptor["Columns"] = columns
	return c.glueTable(s.Name, descriptor, nil, parameters)
}

func (c *compiler) transformTable(t table) object {
	var columns, keys list
	for _, col := range t.columns {
		entry := object{"Name": col.name, "Type": col.hive}
		if col.partition {
			keys = append(keys, entry)
		} else {
			columns = append(columns, entry)
		}
	}
	descriptor, parameters := outputStorage(t.spec)
	descriptor["Columns"] = columns
	if t.spec.Script != nil { // how it packs its files is its own
		delete(parameters, "compressionType")
		delete(parameters, "orc.compress")
	}
	return c.glueTable(t.name, descriptor, keys, parameters)
}

func (c *compiler) glueTable(name string, storage object, keys list, parameters object) object {
	input := object{"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, "Parameters": parameters}
	if keys != nil {
		input["PartitionKeys"] = keys
	}
	return object{"Type": "AWS::Glue::Table", "Properties": object{
		"CatalogId": ref("AWS::AccountId"), "DatabaseName": ref("Database"), "TableInput": input,
	}}
}

func (c *compiler) ruleset(r object, of string, rules []pipeline.Rule) {
	if len(rules) == 0 {
		return
	}
	texts := make([]string, len(rules))
	for i, rule := range rules {
		texts[i] = "    " + strings.TrimSpace(rule.Text)
	}
	r[logical(of, "rules")] = object{"Type": "AWS::Glue::DataQualityRuleset", "Properties": object{
		"Name": c.rulesetName(of), "Ruleset": "Rules = [\n" + strings.Join(texts, ",\n") + "\n]",
	}}
}

// workgroup is the name of the workgroup in the template.
func (c *compiler) workgroup() any {
	if name := given(c.spec); name != "" {
		return name
	}
	return ref("Workgroup")
}

// warehouse makes a workgroup with its namespace, unless the target has one already. The namespace, which holds the rows, is never deleted
// by the stack.
func (c *compiler) warehouse(r object) {
	if given(c.spec) != "" {
		return
	}
	r["Namespace"] = object{"Type": "AWS::RedshiftServerless::Namespace", "DeletionPolicy": "RetainExceptOnCreate",
		"UpdateReplacePolicy": "Retain", "Properties": object{
			"NamespaceName": c.spec.Name, "DbName": Database,
			"IamRoles": list{att("WarehouseRole", "Arn")}, "DefaultIamRoleArn": att("WarehouseRole", "Arn"),
		}}
	r["Workgroup"] = object{"Type": "AWS::RedshiftServerless::Workgroup", "Properties": object{
		"WorkgroupName": c.spec.Name, "NamespaceName": ref("Namespace"), "BaseCapacity": 8, "PubliclyAccessible": false,
	}}
}

// watch is the alarm on failed runs and who is told.
func (c *compiler) watch(r object) {
	r["Topic"] = object{"Type": "AWS::SNS::Topic", "Properties": object{"TopicName": c.spec.Name + "-failures"}}
	for i, e := range c.spec.Notify {
		r[logical("subscription", string(rune('1'+i)))] = object{"Type": "AWS::SNS::Subscription", "Properties": object{
			"TopicArn": ref("Topic"), "Protocol": e.Protocol, "Endpoint": e.Address,
		}}
	}
	r["FailedAlarm"] = object{"Type": "AWS::CloudWatch::Alarm", "Properties": object{
		"AlarmName": c.spec.Name + "-failed", "AlarmDescription": "A run of the pipeline " + c.spec.Name + " failed.",
		"Namespace": "Penstock", "MetricName": "RunsFailed", "Dimensions": list{object{"Name": "Pipeline", "Value": c.spec.Name}},
		"Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
		"AlarmActions": list{ref("Topic")},
	}}
}

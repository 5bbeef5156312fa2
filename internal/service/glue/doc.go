// Package glue answers the AWS Glue API: the Data Catalog, crawlers, jobs, data quality rulesets and tags, over the nouns of packages
// catalog, crawl and job. It holds no state of its own but rulesets and tags, decodes no wire format (package api does), reads no data
// and runs no job.
package glue

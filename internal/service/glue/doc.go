// Package glue answers the AWS Glue API: the Data Catalog, crawlers and classifiers, connections, jobs, data quality rulesets and tags,
// over the nouns of packages catalog, crawl and job. It holds no state of its own but connections, rulesets and tags, decodes no wire
// format (package api does), reads no data, connects to no database and runs no job.
package glue

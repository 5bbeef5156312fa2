// Package crawl finds tables in object storage: a crawler lists a prefix, samples its files, infers columns from what the files hold and
// writes tables and partitions into the catalog. It follows what Glue's crawlers do; where AWS documents nothing the rule is ours and
// its comment says so.
//
// It reads CSV and JSON, plain or compressed, and the schemas that Parquet, ORC and Avro files have of their own: XML, BSON and Ion end the
// crawl with an error that names file and format. It knows no formats of logs, runs no schedule and no classifiers of the user's own.
// Crawls run in this process, two of a region at a time; one that the death of the server cuts off is begun again once, and one that its
// orderly end cuts off goes on with the next server as if it had not begun.
package crawl

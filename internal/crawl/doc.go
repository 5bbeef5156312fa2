// Package crawl finds tables in object storage and in databases: a crawler lists a prefix, samples its files, infers columns from what the
// files hold, or asks a database for its tables, and writes tables and partitions into the catalog. It starts crawlers by schedules. It
// follows what Glue's crawlers do; where AWS documents nothing the rule is ours and its comment says so.
//
// What a file is and which columns it has, package classify decides; BSON and Ion, which it knows by name only, end the crawl.
// Crawls run in this process, two of a region at a time; one that the death of the server cuts off is begun again once, and one that its
// orderly end cuts off goes on with the next server as if it had not begun.
package crawl

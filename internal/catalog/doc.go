// Package catalog is the Data Catalog's truth: databases, tables with their versions, and partitions, found by typed expressions over
// their keys. Everything that says what a table is asks it: the Glue service, crawlers, jobs, COPY and the publication of a run, whose
// partitions it writes in the caller's transaction.
//
// It reads no data, infers no schema (package crawl does) and knows no AWS type or error code (service/glue does). Names are stored in
// lower case and looked up without regard to case, as Glue does.
package catalog

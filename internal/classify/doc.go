// Package classify recognises files: which format, written how, and the columns that a sample of it shows, as Glue's crawlers decide it
// with their built-in classifiers and those of a user's own. Crawlers and `penstock infer` are made of it. It looks at one file at a time:
// it knows no folders, no tables and no catalog, and gives no rows.
package classify

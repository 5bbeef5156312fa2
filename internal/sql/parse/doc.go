// Package parse reads SQL text into the tree of package syntax: Spark SQL 3.5 and Redshift SQL. It checks form, not meaning; depth is
// bounded, and a mistake is an error with line, column and caret.
package parse

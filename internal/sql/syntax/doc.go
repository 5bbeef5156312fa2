// Package syntax is the tree that the SQL front ends make of text: what was written, with the place of every node, and nothing about
// what it means. Spark SQL and Redshift SQL share the nodes that both languages have; a node that only one of them has says so.
//
// Meaning (types, names, NULL rules) is given by package bind, which turns this tree into the dialect-free one of package typed.
package syntax

// Package jsonrows reads JSON as rows: objects on lines of their own, behind each other, spread over lines, in arrays, or where a path
// leads, in any mixture and in one pass. Reader puts them into columns by the rules of the SerDe that a table names; Infer finds columns
// and types, and what forced each. Both bound what they hold by the longest record, whatever the file is.
//
// It keeps numbers exact: none passes through a float64 unless its column is one. It decides nothing about tables, and unpacks nothing:
// docs/formats/json.md has the rules, each with where it comes from.
package jsonrows

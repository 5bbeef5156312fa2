// Package bind gives a syntax tree its meaning: names are resolved through a lookup, every expression gets a type by the rules of its
// dialect, and what the dialect does implicitly is written out. The result is a tree of package typed. What has no rule is refused by
// name, with its place in the text.
package bind

// Package typed is the tree of a bound statement: every name is resolved, every expression has a type, and no dialect is left. What a
// dialect means implicitly stands here in words: a Cast says what happens when it fails, an Order says where NULLs go, an integer
// division is another operation than a decimal one.
//
// It knows neither the text that a statement came from nor the engine that will run it.
package typed

// Package print writes a typed statement as DuckDB SQL. It knows nothing of the dialect that the statement came from. Helpers that the
// text needs are macros in the schema penstock_fn, see Prelude.
package print

// Package engine runs SQL on DuckDB: limits, streaming results, bulk appends, progress and cancellation. It is the only package
// that imports DuckDB, and only children of the control process (and cmd, which becomes one) import it.
//
// It takes DuckDB's own SQL and knows neither dialects (package sql), nor S3, nor the catalog. When Open returns, extensions are off and
// the files that an instance may open are fixed, and no SQL can change that. Memory, threads and the spill folder are fixed too, unless
// Options.Unlocked leaves them to whoever writes the SQL.
package engine

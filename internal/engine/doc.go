// Package engine runs SQL on DuckDB: limits, streaming results, bulk appends, progress and cancellation. It is the only package
// that imports DuckDB, and only children of the control process (and cmd, which becomes one) import it.
//
// It takes DuckDB's own SQL and knows neither dialects (package sql), nor S3, nor the catalog. Every instance is locked when Open
// returns: memory, threads, spill folder and the files it may open are fixed, extensions are off, and no SQL can change that.
package engine

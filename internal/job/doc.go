// Package job is the control side of Glue jobs: definitions, runs and their states, starting a worker for each run, and publishing
// what it gives. What a worker does with a run stands in child/worker; the wire forms of the operations in service/glue.
//
// A run is started once and finished once. A run of Penstock's own steps that a server kill cut is started again under its id, unless its
// publish committed; only the death of the worker alone makes it FAILED. A user's script is not: it may have done a part of its work.
//
// engines() is the table of what executes runs: native (Penstock's own steps), python (Python shell jobs) and spark, which is not there
// yet.
package job

// Package job is the control side of Glue jobs: definitions, runs and their states, starting a worker for each run, and publishing
// what it gives. What a worker does with a run stands in child/worker; the wire forms of the operations in service/glue.
//
// A run is started once and finished once. A run that a server kill cut is started again under its id, unless its publish committed;
// only the death of the worker alone makes it FAILED.
//
// engines() is the table of what executes runs: native (Penstock's own steps), python and spark, of which the last two are not there yet.
package job

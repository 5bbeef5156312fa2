// Package flow is Glue's triggers and workflows: what starts jobs and crawlers at a time, on demand, or when others have ended.
//
// Everything happens in the transaction of what it follows from. A job's end and the start of what a trigger starts then are one
// transaction, and so are a schedule's item of the queue and its firing; whatever cuts the server off, a trigger has fired once or not yet.
//
// A trigger that fires by itself (on demand, at a time) begins a run; what it starts belongs to the run, and so does all that conditional
// triggers start when that has ended. In a workflow the run is the workflow's, with a graph and statistics; outside of one nobody sees it,
// and it only says what belongs together: a conditional trigger sees ends of its own run, and fires once in it. What was started by no
// trigger belongs to no run and fires nothing, as on AWS.
//
// It runs nothing: what jobs and crawlers are it knows by the interface Work. It has no triggers of the type EVENT, which come with
// EventBridge, and no blueprints.
package flow

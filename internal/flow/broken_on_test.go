//go:build broken_ack

package flow

// brokenBuild says that the build acknowledges before it commits.
const brokenBuild = true

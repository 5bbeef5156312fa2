//go:build broken_ack

package events

// brokenBuild says that the build acknowledges before it commits.
const brokenBuild = true

//go:build broken_ack

package object

// brokenBuild says that the build acknowledges before it commits.
const brokenBuild = true

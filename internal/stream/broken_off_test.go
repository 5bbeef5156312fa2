//go:build !broken_ack

package stream

// brokenBuild says that the build acknowledges before it commits.
const brokenBuild = false

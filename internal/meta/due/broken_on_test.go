//go:build broken_ack

package due

// brokenBuild says that the build acknowledges before it commits.
const brokenBuild = true

//go:build !broken_ack

package object

const brokenBuild = false

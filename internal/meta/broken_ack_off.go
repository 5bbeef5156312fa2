//go:build !broken_ack

package meta

const brokenAck = false

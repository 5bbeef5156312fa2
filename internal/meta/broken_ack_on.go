//go:build broken_ack

package meta

// brokenAck makes a build that is wrong on purpose (Update answers its callers before the commit): a proof of
// durability that does not catch it proves nothing.
const brokenAck = true

// Package eventstream frames the messages of AWS's application/vnd.amazon.eventstream: lengths, headers, payload and the two checksums. It
// knows no operation and no form of a payload; api/door says what the messages are.
// Format: https://smithy.io/2.0/aws/amazon-eventstream.html.
package eventstream

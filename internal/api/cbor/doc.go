// Package cbor reads and writes bodies of the smithy rpc-v2-cbor protocol, driven by bound shapes: the part of CBOR (RFC 8949) that
// the protocol uses. It knows no HTTP.
package cbor
